"""Use cases of the help desk; imports the domain only."""
