"""People of the page: the demo's personas, or one person for each token."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Identity

CHANNEL = "web"
ROOM = ConversationRef(CHANNEL, "", "room", private=True)
HERE = "true"  # what a queue writes to have its cards in this room
SHORTEST_TOKEN = 16
SETTING = "FIRSTLINE_WEB_TOKENS"
FORMAT = "write it as token=name:role, where role is employee or engineer"


class Role(StrEnum):
    """What somebody may do on the page."""

    EMPLOYEE = "employee"
    ENGINEER = "engineer"


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody on the page; `id` is the identity's, `language` the one that a persona writes."""

    id: str
    name: str
    role: Role
    language: str = ""

    @property
    def identity(self) -> Identity:
        """Their account in this channel."""
        return Identity(CHANNEL, "", self.id)

    @property
    def conversation(self) -> ConversationRef:
        """Their own conversation with us."""
        return ConversationRef(CHANNEL, "", self.id)


@dataclass(frozen=True, slots=True)
class Visitor:
    """For whom one request acts: `asker` on the left, `engineer` in the room, None where that is closed."""

    asker: Participant
    engineer: Participant | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A token and whom it lets in."""

    token: str = field(repr=False)
    participant: Participant


PERSONAS = (
    Participant("ana", "Ana Costa", Role.EMPLOYEE, "en"),
    Participant("tom", "Tom Baker", Role.EMPLOYEE, "en"),
    Participant("carmen", "Carmen Ruiz", Role.EMPLOYEE, "es"),
    Participant("maya", "Maya Patel", Role.ENGINEER, "en"),
    Participant("leo", "Leo Fischer", Role.ENGINEER, "en"),
)


def read_grants(text: str) -> tuple[tuple[Grant, ...], tuple[str, ...]]:
    """Read `FIRSTLINE_WEB_TOKENS`: the grants, and every mistake without the tokens themselves."""
    grants: list[Grant] = []
    mistakes: list[str] = []
    for place, entry in enumerate(re.split(r"[\s,]+", text.strip(", \t\r\n")), start=1):
        if not entry:
            continue
        grant = _read(entry)
        wrong = _mistake(grant, grants) if isinstance(grant, Grant) else grant
        if wrong:
            mistakes.append(f"{SETTING}, entry {place}: {wrong}.")
        elif isinstance(grant, Grant):
            grants.append(grant)
    return tuple(grants), tuple(mistakes)


def _read(entry: str) -> Grant | str:
    # A token may hold "=" itself (base64 pads with it), a name may not.
    token, equals, person = entry.rpartition("=")
    name, colon, role = person.rpartition(":")
    if not (token and equals and name and colon):
        return FORMAT
    if role not in tuple(Role):
        return f"the role {role!r} is unknown; {FORMAT}"
    return Grant(token, Participant(name, name.replace("_", " "), Role(role)))


def _mistake(grant: Grant, before: list[Grant]) -> str:
    person = grant.participant
    if len(grant.token) < SHORTEST_TOKEN:
        return f"the token is shorter than {SHORTEST_TOKEN} characters; make one with `openssl rand -hex 24`"
    if not re.fullmatch(r"[\w.\-]{1,64}", person.id):
        return "a name has letters, digits, '_', '-' and '.', at most 64 of them; choose another"
    if person.id == ROOM.space:
        return f"the name {person.id!r} is the engineers' room's own; choose another"
    if any(grant.token == other.token for other in before):
        return "the token is used twice; give each person their own"
    if any(person.id == one.participant.id and person.role != one.participant.role for one in before):
        return f"{person.id!r} is both employee and engineer; keep one (an engineer may ask, too)"
    return ""
