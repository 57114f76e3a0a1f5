"""What embeddings add to the words: optional, calibrated for each language, never needed."""
