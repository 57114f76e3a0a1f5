"""Engineers: who may act where, and which rooms a queue has."""
