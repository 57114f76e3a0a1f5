"""The content in force, and what a message means by it."""
