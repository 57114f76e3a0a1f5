"""What runs the bot and puts it into the chat platforms."""
