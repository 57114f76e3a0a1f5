"""What the desk needs from outside, as protocols: storage, channels, content, wording."""
