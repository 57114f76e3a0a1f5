"""Identity providers on loopback: a certified one, and one that does what no real one would."""
