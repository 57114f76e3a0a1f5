"""Events, clicks and forms from Slack, as the desk's messages."""
