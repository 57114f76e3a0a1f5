"""Articles, intents, matches, and the decisions that follow from them."""
