"""The content in force, and how a message is understood with it."""
