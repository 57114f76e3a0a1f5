"""Breaks what Firstline stands on, one fault after the other, and holds the desk to what it promises."""
