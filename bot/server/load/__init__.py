"""Who is let in and who goes first, when there is more to do than can be done at once."""
