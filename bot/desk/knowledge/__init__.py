"""Knowledge in force: the content, and how a message is understood with it."""
