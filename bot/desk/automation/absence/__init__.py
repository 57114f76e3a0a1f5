"""Engineers who are away: what they say, what they have, and its end."""
