"""Tickets: their lifecycle, and every button that changes them."""
