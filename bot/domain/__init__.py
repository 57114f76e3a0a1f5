"""Pure rules of first-line support; imports the standard library and its siblings only."""
