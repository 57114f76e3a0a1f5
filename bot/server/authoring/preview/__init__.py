"""What Slack, Teams and the page would show of a file, drawn for a browser."""
