"""People, and the identities that they have in each channel."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

_ACCOUNT = re.compile(
    r"(?:slack|teams|web):\S+|[UW][A-Z0-9]{8,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII
)


def plain_address(written: str) -> str:
    """E-mail address as it is compared: small letters of ASCII, everything else as it is.

    No other letter is folded (the kelvin sign is no k, ß no ss): what looks alike may be another person's.
    Empty for what is no address.
    """
    address = "".join(sign.lower() if sign.isascii() else sign for sign in written.strip())
    name, at, domain = address.rpartition("@")
    whole = at and name and domain and "@" not in name
    return address if whole and not any(sign.isspace() for sign in address) else ""


def names_account(written: str) -> bool:
    """Tell whether this names an account by an id, which says nothing to a reader."""
    return _ACCOUNT.fullmatch(written.strip()) is not None


def hash_address(address: str, key: str) -> str:
    """Make the keyed hash under which an address is kept."""
    return hmac.new(key.encode(), address.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Identity:
    """Account of a person in one channel, with its workspace or tenant."""

    channel: str
    tenant: str
    external_id: str

    def __str__(self) -> str:
        place = f"{self.tenant}/" if self.tenant else ""
        return f"{self.channel}:{place}{self.external_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `slack:team/user`, `teams:tenant/id` or `web:name`.

        A bare id has an empty channel and tenant: see `same_as`.
        """
        channel, colon, rest = text.strip().partition(":")
        if not colon:
            return cls("", "", channel)
        tenant, slash, external_id = rest.partition("/")
        return cls(channel, tenant, external_id) if slash else cls(channel, "", tenant)

    def same_as(self, other: "Identity") -> bool:
        """Tell whether this entry of a list means `other`; a part that it leaves out is not compared."""
        return (
            self.external_id == other.external_id
            and self.channel in ("", other.channel)
            and self.tenant in ("", other.tenant)
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Account of a person under an id of our own; all that have the same `joined` are one person's."""

    id: int
    name: str
    language: str | None = None
    joined: int | None = None

    def is_same(self, other: "Person") -> bool:
        """Tell whether both accounts are one person's."""
        return self.id == other.id or (self.joined is not None and self.joined == other.joined)


class JoinHow(StrEnum):
    """How accounts were joined or separated."""

    EMAIL = "email"  # the same verified address; it gives no rights
    CONFIRMED = "confirmed"  # a press on each side
    OPERATOR = "operator"
    CHAT = "chat"  # by the person
    ERASED = "erased"


class JoinResult(StrEnum):
    """What became of joining two accounts."""

    JOINED = "joined"
    ALREADY = "already"
    SAME_CHANNEL = "same_channel"  # one person has one account in a channel
    WAS_SEPARATED = "was_separated"  # an address alone does not undo that


class JoinState(StrEnum):
    """State of a request to join two accounts."""

    BEGUN = "begun"  # its code is not used yet
    ENTERED = "entered"  # another account has entered the code, and is asked
    AGREED = "agreed"  # that account has agreed, and the one that began is asked
    JOINED = "joined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Request of an account to be joined with another one; `other_id` is the one that entered its code."""

    token: str
    person_id: int
    conversation_id: int
    expires_at: datetime
    id: int = 0
    state: JoinState = JoinState.BEGUN
    other_id: int | None = None
    other_conversation_id: int | None = None
    post_id: int | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Absence of an engineer, until the begin of a business day.

    Without `since` it was shown back in the post `post_id`, and does not count yet.
    """

    id: int
    token: str
    person: Person
    since: datetime | None
    until: datetime
    post_id: int | None = None
