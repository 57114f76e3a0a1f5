"""Messages, episodes, and what is read from a text without a matcher."""
