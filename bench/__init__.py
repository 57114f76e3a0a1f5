"""Measurements that `make bench` prints; nothing here is part of the product or of the timed tests."""
