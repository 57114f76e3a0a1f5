"""Indexes of the content: its vocabulary, articles and examples, for search by words and n-grams."""
