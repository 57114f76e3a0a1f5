"""From documents to articles: languages, parts, questions, ids, and what is alike."""
