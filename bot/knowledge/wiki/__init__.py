"""What every system with pages shares: asking it politely, and keeping its pages as a folder of articles."""
