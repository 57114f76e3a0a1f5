"""What an operator should know of the app in Slack: for `firstline check` and `firstline doctor`."""
