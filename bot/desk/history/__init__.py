"""Histories of tickets, and the connections between merged ones."""
