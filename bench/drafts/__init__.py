"""Measures drafts of articles: what leaks into them, and what they answer once they are approved."""
