"""Secrets in what people write: found by their form, by their check digits, and by the words around them."""
