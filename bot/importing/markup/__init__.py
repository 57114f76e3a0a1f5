"""Marked-up text: HTML and dialects of Markdown in, a tree and plain Markdown out."""
