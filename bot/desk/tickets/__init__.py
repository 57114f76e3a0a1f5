"""The life of a ticket, and every button that changes it."""
