"""People of the page: the demo's personas, or one person for each token."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256

from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Identity

CHANNEL = "web"
ROOM = ConversationRef(CHANNEL, "", "room", private=True)
HERE = "true"  # what a queue writes to have its cards in this room
SHORTEST_TOKEN = 16
SETTING = "FIRSTLINE_WEB_TOKENS"
FORMAT = "write it as token=name:role, where role is employee, manager or engineer"


class Role(StrEnum):
    """What somebody may do on the page."""

    EMPLOYEE = "employee"
    MANAGER = "manager"
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
    """A token, of which only the hash is kept, and whom it lets in."""

    digest: str = field(repr=False)
    participant: Participant


def digest_of(token: str) -> str:
    """The hash of a token; nobody gets from it to a token of 16 characters that were made at random."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


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
    if len(token) < SHORTEST_TOKEN:
        return f"the token is shorter than {SHORTEST_TOKEN} characters; make one with `openssl rand -hex 24`"
    hashed = re.fullmatch(r"sha256:([0-9a-f]{64})", token)
    if token.startswith("sha256:") and not hashed:
        return "a hash is written as sha256: and 64 digits of 0-9 and a-f, as `sha256sum` prints them"
    digest = hashed[1] if hashed else digest_of(token)
    return Grant(digest, Participant(name, name.replace("_", " "), Role(role)))


def _mistake(grant: Grant, before: list[Grant]) -> str:
    person = grant.participant
    if not re.fullmatch(r"[\w.\-]{1,64}", person.id):
        return "a name has letters, digits, '_', '-' and '.', at most 64 of them; choose another"
    if person.id == ROOM.space:
        return f"the name {person.id!r} is the engineers' room's own; choose another"
    if any(grant.digest == other.digest for other in before):
        return "the token is used twice; give each person their own"
    for one in before:
        if person.id == one.participant.id and person.role != one.participant.role:
            return (
                f"{person.id!r} is both {one.participant.role} and {person.role}; keep one (an engineer may "
                "ask, too)"
            )
    return ""
