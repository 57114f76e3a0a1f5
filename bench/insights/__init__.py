"""How fast the figures are with a long history: how it is made, and what is measured on it."""
