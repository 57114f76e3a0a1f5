"""What this process writes: its log, and what shall command no terminal."""
