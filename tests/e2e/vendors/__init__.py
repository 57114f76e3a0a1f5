"""What we ask of other systems, by their vendors' own files."""
