"""Automation: reminders, calls, releases, closing and summaries that the desk makes by itself."""
