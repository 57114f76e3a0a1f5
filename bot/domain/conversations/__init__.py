"""Messages, episodes, and everything that is read from a text without the matcher."""
