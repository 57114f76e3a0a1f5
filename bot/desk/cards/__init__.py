"""Ticket cards: their content, their locations, and the forms behind their buttons."""
