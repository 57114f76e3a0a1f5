"""Mirrors of tickets in other systems: delivery to them, and the reading of what changed there."""
