"""One person with accounts in several channels: joining them, and a ticket that lives in another channel."""
