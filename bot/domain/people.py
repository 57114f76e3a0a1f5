"""Who takes part: a person, and the identities they have in each channel."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Identity:
    """One account of a person in one channel, always with its workspace or tenant."""

    channel: str
    tenant: str
    external_id: str

    def __str__(self) -> str:
        place = f"{self.tenant}/" if self.tenant else ""
        return f"{self.channel}:{place}{self.external_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `slack:team/user`, `teams:tenant/id` or `web:name`.

        A bare id has an empty channel and tenant: see `same_as`.
        """
        channel, colon, rest = text.strip().partition(":")
        if not colon:
            return cls("", "", channel)
        tenant, slash, external_id = rest.partition("/")
        return cls(channel, tenant, external_id) if slash else cls(channel, "", tenant)

    def same_as(self, other: "Identity") -> bool:
        """Tell whether this entry of a list means `other`; what the entry leaves out, it does not ask for."""
        return (
            self.external_id == other.external_id
            and self.channel in ("", other.channel)
            and self.tenant in ("", other.tenant)
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody we know, under our own id."""

    id: int
    name: str
    language: str | None = None
