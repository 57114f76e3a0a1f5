"""Attacks on the running server, on the code and on what is shipped: see docs/security.md."""
