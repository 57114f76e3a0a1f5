"""Decides what becomes of a field that is kept both here and in another system."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.tickets.ticket import Priority, Ticket

LIVE, DONE = "live", "done"  # the values of a status on which both systems agree
DECIDED = "decided"  # in the place of a ticket's token, in the post that takes a decision there
NOBODY = ""  # the value of an assignee who is unknown in the other system, or is none


class MirrorField(StrEnum):
    """Field of a ticket that is kept in both systems, each of which may change it."""

    STATUS = "status"
    PRIORITY = "priority"
    ASSIGNEE = "assignee"


class Side(StrEnum):
    """Side on which a field was changed last."""

    HERE = "here"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class FieldValue:
    """Value of a field on one side, and when it was changed to it; aware."""

    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Verdict on a field: the side whose value counts, None where both have the same.

    In a `conflict` both sides have changed it since they agreed last.
    """

    side: Side | None
    conflict: bool = False


def decide(agreed: str | None, here: FieldValue, there: FieldValue, *, ours: bool) -> Verdict:
    """Decide by the value on which both sides agreed last, None where they never did.

    What only one side has changed counts; of two changes the later one, of two at the same moment the other
    system's. With `ours` the value there was written by us: a change here that is not there yet came later.
    """
    if here.value == there.value:
        return Verdict(None)
    if ours or there.value == agreed:
        return Verdict(Side.HERE)
    if here.value == agreed:
        return Verdict(Side.THERE)
    return Verdict(Side.HERE if here.at > there.at else Side.THERE, conflict=True)


def system_name(channel: str) -> str:
    """Return what people call the system behind a mirror's channel: `mirror.zendesk` is Zendesk."""
    return channel.rpartition(".")[2].capitalize()


def status_of(ticket: Ticket) -> str:
    """Return the status of a ticket as other systems know it."""
    return LIVE if ticket.live else DONE


def priority_of(ticket: Ticket) -> str:
    """Return the priority of a ticket as other systems know it."""
    return ticket.priority.name.lower()


def parse_priority(value: str) -> Priority | None:
    """Return the priority with this name, None where there is none."""
    return Priority[value.upper()] if value.upper() in Priority.__members__ else None
