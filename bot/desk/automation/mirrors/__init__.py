"""Tickets that are mirrored both ways: what changed on one side counts on the other."""
