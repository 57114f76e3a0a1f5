"""What is held of a person: found, exported, erased, and given up when its days are over."""
