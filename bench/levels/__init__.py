"""Measures loads of every height, open loop, by turns on databases and replicas of different size."""
