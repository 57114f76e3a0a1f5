"""The commands: what they make of a terminal, and of what somebody types."""
