"""Decides when a post that could not be delivered is retried, and when it becomes a dead letter."""

import random
from datetime import timedelta

from bot.desk.ports.channels import Delivery
from bot.domain.errors import DeliveryFailed

LONGEST_WAIT_SECONDS = 300.0
REPLY_ATTEMPTS = 14  # about half an hour with these waits
CARD_ATTEMPTS = 300  # about a day: a room may be made later than the bot


def retry_after(delivery: Delivery, failure: DeliveryFailed) -> timedelta | None:
    """How long to wait before the next attempt; None where there is none.

    A post is given up when it can never succeed, or after its last attempt. Rate limits do not count: the
    platform says when to come again.
    """
    if failure.permanent:
        return None
    if failure.retry_after is not None:
        return timedelta(seconds=max(failure.retry_after, 0.5))
    if delivery.attempt >= (CARD_ATTEMPTS if delivery.card else REPLY_ATTEMPTS):
        return None
    # Jitter: what failed together must not come back together. No secret depends on it.
    seconds = min(2.0 ** (delivery.attempt - 1), LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311
    return timedelta(seconds=seconds)
