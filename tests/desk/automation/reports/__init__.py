"""What the desk reports by itself."""
