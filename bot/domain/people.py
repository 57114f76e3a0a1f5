"""People, and the identities that they have in each channel."""

from dataclasses import dataclass
from typing import Self


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
    """Person under an id of our own."""

    id: int
    name: str
    language: str | None = None
