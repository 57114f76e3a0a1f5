"""Delivery of posts from the outbox, and the page's view of them."""
