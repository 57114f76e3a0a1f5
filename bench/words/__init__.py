"""Makes the table of related words that ships with the product."""
