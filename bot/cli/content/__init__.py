"""What is asked of the content: answers, checks, measures, better thresholds."""
