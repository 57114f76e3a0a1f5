"""What a ticket's history says, and how tickets that were merged go on together."""
