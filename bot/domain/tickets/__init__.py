"""Tickets: their states, priorities, queues and deadlines, and the messages about them."""
