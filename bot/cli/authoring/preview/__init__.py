"""Shows in a browser how Slack, Teams and the page show a file while it is written: `firstline preview`."""
