"""Activities from Teams, verified and turned into the desk's messages."""
