"""Clusters of like tickets, for which one card stands: from how many on, and which ticket is shown alone."""

from collections.abc import Collection, Iterable

from bot.domain.tickets.priority import Reason, decide_priority
from bot.domain.tickets.ticket import Priority

CLUSTERED_FROM = 5  # like tickets that nobody has claimed, the new one included
NEAR = 0.75  # share of the shorter text's words, where no target says what a ticket is about
COMPARED = 20  # of the newest tickets, and of the clusters, at most


def stands_out(why: Collection[str], others: Iterable[Collection[str]]) -> bool:
    """Tell whether a ticket is more urgent by its own words than all others like it; reasons are codes.

    That many ask the same raises each of them, so it makes none stand out; security always does.
    """
    shown = list(others)
    if Reason.SECURITY in why and not any(Reason.SECURITY in other for other in shown):
        return True
    return _own_urgency(why) > max(map(_own_urgency, shown), default=Priority.LOW)


def _own_urgency(why: Collection[str]) -> Priority:
    return decide_priority(None, {Reason(code) for code in why}, 1)[0]
