"""What of a ticket may go into an article, and which sentences of it say what."""
