"""Firstline: first-line support in Slack and Microsoft Teams."""

__version__ = "0.1.0"
