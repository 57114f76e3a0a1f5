"""Protocols of ticket backends: the systems that tickets are mirrored to."""

from dataclasses import dataclass
from typing import Protocol

from bot.desk.ports.clock import Clock
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Reply
from bot.domain.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Mirrored:
    """Location of a mirrored ticket: its id there, and its address where people can open it."""

    id: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class BackendHost:
    """Objects that a backend is given."""

    wording: Wording
    clock: Clock
    language: str
    public_url: str


@dataclass(frozen=True, slots=True)
class TicketRecord:
    """Record of a ticket for a mirror: its texts, and the card in the desk's language.

    `erased`: its requester is to be forgotten there, too, with everything that was said about the ticket.
    """

    ticket: Ticket
    question: str
    note: str
    card: Reply
    erased: bool = False


class TicketBackend(Protocol):
    """Backend to which tickets are mirrored; Firstline's own stay authoritative."""

    name: str

    async def start(self) -> None:
        """Start; return at once."""

    async def stop(self) -> None:
        """Finish what is in flight."""

    def trouble(self) -> str | None:
        """Return a sentence on why the backend is not ready, or None."""

    async def mirror(self, record: TicketRecord, known: str, key: str) -> Mirrored:
        """Create the ticket there, or update it where `known` is its id; raise `DeliveryFailed`.

        `key` is the same at every attempt: an earlier one may have succeeded, and the ticket must not be
        created twice.
        """

    async def comment(self, mirror_id: str, reply: Reply, key: str) -> None:
        """Add a post about the ticket `mirror_id` as a comment; raise `DeliveryFailed`. `key` as in `mirror`.

        It is for the team: the requester must not see it there.
        """
