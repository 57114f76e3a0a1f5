"""What editors of the content work with: a new article, and a preview while it is written."""
