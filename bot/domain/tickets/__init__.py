"""Tickets: their states, priorities, queues, deadlines, and what is said about them."""
