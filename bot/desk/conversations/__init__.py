"""Conversations: what an employee's message or click means, and the answer to it."""
