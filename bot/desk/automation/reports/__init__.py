"""What the desk reports by itself: articles that need their owners, and the week."""
