"""What the desk does by itself when time passes: reminders, follow-ups, summaries."""
