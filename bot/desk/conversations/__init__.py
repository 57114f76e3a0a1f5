"""An employee's message or click: what it means, and what is answered."""
