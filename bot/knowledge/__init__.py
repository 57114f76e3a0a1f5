"""Sources of articles and intents, a package each, and the parsing and checking that they share."""
