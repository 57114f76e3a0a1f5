"""Measurements that `make bench` prints; nothing here is part of the product or of the timed tests."""

import bot.matching  # noqa: F401  before numpy is loaded: it sets the number of threads
