"""Rows as domain objects and back, and statements that are prepared once."""
