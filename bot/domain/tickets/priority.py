"""Decides the priority of a new ticket: by its intent, its words, and how many people ask the same."""

import re
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from bot.domain.forms import decomposed
from bot.domain.tickets.ticket import Priority
from bot.domain.words.loader import pattern

ALIKE_WITHIN = timedelta(hours=2)  # how far back tickets about the same target are counted
ALIKE = 3  # tickets, the new one included, that raise it by a step
MANY_ALIKE = 10  # tickets that raise it by two
MOST_STEPS = 2  # for all reasons in the words together: only an intent or security makes more
LONGEST = 4_000  # characters that are read


class Reason(StrEnum):
    """Reason for a ticket's priority."""

    INTENT = "intent"
    ANGRY = "angry"
    BLOCKED = "blocked"
    DEADLINE = "deadline"
    MANY = "many"
    SECURITY = "security"
    ALIKE = "alike"  # several ask the same
    ENGINEER = "engineer"  # an engineer set it


_STEPS = (Reason.ANGRY, Reason.BLOCKED, Reason.DEADLINE, Reason.MANY)  # each raises it by a step
_WORDS = {
    Reason.BLOCKED: pattern("urgency", "blocked"),
    Reason.DEADLINE: pattern("urgency", "deadline"),
    Reason.MANY: pattern("urgency", "many"),
    Reason.SECURITY: pattern("urgency", "security"),
}


def find_reasons(text: str) -> frozenset[Reason]:
    """Find the reasons for urgency in a text, in English or Spanish, whatever the content."""
    plain = decomposed(text[:LONGEST].casefold())
    plain = re.sub(r"[\u0300-\u036f'’´`]", "", plain)
    plain = re.sub(r"\s+", " ", plain)
    return frozenset(reason for reason, pattern in _WORDS.items() if pattern.search(plain))


def raise_priority(
    priority: Priority, why: Collection[str], found: Collection[Reason]
) -> tuple[Priority, tuple[Reason, ...]]:
    """Raise the priority of a ticket by what is written later; return it with the reasons that are new.

    A reason counts once, in all together two steps at most, and nothing is ever lowered. Where an engineer
    set the priority, it stays.
    """
    if Reason.ENGINEER in why:
        return priority, ()
    new = [reason for reason in (*_STEPS, Reason.SECURITY) if reason in found and reason not in why]
    left = MOST_STEPS - sum(reason in why for reason in _STEPS)
    raised = priority
    for _ in [reason for reason in new if reason in _STEPS][: max(left, 0)]:
        raised = raised.raised()
    if Reason.SECURITY in new:
        raised = max(raised, Priority.HIGH)
    return (raised, tuple(new)) if raised > priority else (priority, ())


def decide_priority(
    intent: Priority | None, found: Collection[Reason], alike: int
) -> tuple[Priority, tuple[Reason, ...]]:
    """Decide the priority that a ticket starts with, and its reasons; `alike` counts it and others like it.

    It begins with the intent's priority. Each reason in the words raises it by a step, two steps at most, and
    security makes it high at least. Several tickets about the same raise it by a step, many by two.
    """
    why: list[Reason] = [] if intent is None else [Reason.INTENT]
    priority = intent or Priority.NORMAL
    steps = [reason for reason in _STEPS if reason in found]
    for _ in steps[:MOST_STEPS]:
        priority = priority.raised()
    why += steps
    if Reason.SECURITY in found:
        priority = max(priority, Priority.HIGH)
        why.append(Reason.SECURITY)
    if alike >= ALIKE:
        priority = priority.raised().raised() if alike >= MANY_ALIKE else priority.raised()
        why.append(Reason.ALIKE)
    return priority, tuple(why)
