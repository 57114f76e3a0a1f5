"""What is done with the database: its schema, tickets, posts, and what shadow mode showed."""
