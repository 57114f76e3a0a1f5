"""Sources of articles and intents, a package each, and the reading and checking that they share."""
