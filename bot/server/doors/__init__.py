"""What every request passes: how fast its body must come, and how often an address may ask in vain."""
