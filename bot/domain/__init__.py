"""Rules of first-line support as functions and values; imports the standard library and its siblings only."""
