"""Posts on their way out of the outbox, and the page's view of them."""
