"""Ticket cards: what stands on them, where they hang, and the forms behind their buttons."""
