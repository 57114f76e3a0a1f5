"""Monitoring systems whose alerts make a known outage, a package each."""
