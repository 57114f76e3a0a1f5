"""What comes in and goes out: addresses, limits, proxies, and clients of HTTP."""
