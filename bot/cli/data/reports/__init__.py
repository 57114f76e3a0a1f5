"""Prints what became of questions and tickets, and what they show."""
