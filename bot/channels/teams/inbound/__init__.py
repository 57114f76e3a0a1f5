"""Activities from Teams, verified and read as utterances of the desk."""
