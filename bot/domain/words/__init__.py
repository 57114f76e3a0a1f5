"""Words that people write, by language: lists in TOML files, and what reads them."""
