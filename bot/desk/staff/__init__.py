"""Engineers: their permissions, and the rooms of queues."""
