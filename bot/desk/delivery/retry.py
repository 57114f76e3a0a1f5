"""Decides when a post that could not be delivered is retried, and when it becomes a dead letter."""

import random
from datetime import timedelta

from bot.desk.ports.channels import Delivery
from bot.domain.errors import DeliveryFailed

EAGER_SECONDS = 10.0  # at most between two attempts, at first: an outage is over when it is over
EAGER_ATTEMPTS = 120  # about a quarter of an hour of these
LONGEST_WAIT_SECONDS = 300.0
REPLY_ATTEMPTS = 127  # about half an hour with these waits
CARD_ATTEMPTS = 500  # about a day: a room may be made later than the bot
RETRIES_A_SECOND = 20  # of one channel, about: who is away is not asked by everybody at once
FOLLOWERS = 8  # posts that are tried at once when one succeeds that had failed


def retry_after(delivery: Delivery, failure: DeliveryFailed, waiting: int = 0) -> timedelta | None:
    """How long to wait before the next attempt; None where there is none.

    A post is given up when it can never succeed, or after its last attempt. Rate limits do not count: the
    platform says when to come again. `waiting` is in how many conversations of the channel a post waits for
    another attempt: the more, the longer each waits, since the first that succeeds calls the others.
    """
    if failure.permanent:
        return None
    if failure.retry_after is not None:
        return timedelta(seconds=max(failure.retry_after, 0.5))
    if delivery.attempt >= (CARD_ATTEMPTS if delivery.card else REPLY_ATTEMPTS):
        return None
    most = min(max(_most(delivery.attempt), waiting / RETRIES_A_SECOND), LONGEST_WAIT_SECONDS)
    # Jitter: what failed together must not come back together. No secret depends on it.
    return timedelta(seconds=most * random.uniform(0.5, 1.0))  # noqa: S311


def _most(attempt: int) -> float:
    """Seconds to wait at most after this attempt, where few wait."""
    doubled = max(attempt - EAGER_ATTEMPTS, 0)
    return min(2.0 ** min(attempt - 1, 10), EAGER_SECONDS) * 2.0 ** min(doubled, 10)
