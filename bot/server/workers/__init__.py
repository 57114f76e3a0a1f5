"""Background loops of the server: deliveries, rosters, scheduled work, outages and content."""
