"""Stand-ins of systems with pages."""
