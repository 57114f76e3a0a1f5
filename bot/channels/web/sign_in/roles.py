"""Decides who somebody is here by what their identity provider says of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.web.access.accounts import Role
from bot.domain.people import plain_address

Claims = Mapping[str, Any]
EVERYBODY = "*"
ADDRESS = ("email", "email_verified", "xms_edov")
TRUE = (True, "true", 1, "1")  # how providers write it


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Who has which role: values of a claim, verified e-mail addresses, domains of these, or everybody.

    `entries` are ordered: the first one that fits decides.
    """

    claim: str
    entries: tuple[tuple[str, Role], ...]

    def role_of(self, claims: Claims) -> Role | None:
        """Return somebody's role; None where no entry fits."""
        email = verified_email(claims)
        named = {EVERYBODY, *values_of(claims, self.claim)}
        if email:
            named |= {email, "@" + email.partition("@")[2]}
        return next((role for entry, role in self.entries if _as_compared(entry) in named), None)

    def cut_short(self, claims: Claims) -> bool:
        """Tell whether the claim is missing because there was too much in it, as Entra does with groups."""
        elsewhere = claims.get("_claim_names")
        return bool(self.claim) and (
            (isinstance(elsewhere, Mapping) and self.claim in elsewhere)
            or (self.claim == "groups" and claims.get("hasgroups") in TRUE)
        )


def values_of(claims: Claims, name: str) -> frozenset[str]:
    """The values of a claim, found by its whole name or, nested, by a path such as `realm_access.roles`."""
    found: Any = claims.get(name) if name else None
    if found is None and name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    # An address is one only where it is the e-mail address, and verified.
    return frozenset(one for one in values if isinstance(one, str) and "@" not in one and one != EVERYBODY)


def verified_email(claims: Claims) -> str:
    """The e-mail address as it is compared; empty unless the provider says that it is verified.

    Entra says so of the address' domain (`xms_edov`), and nothing where it was not asked to.
    """
    email = claims.get("email")
    verified = claims.get("email_verified") in TRUE or claims.get("xms_edov") in TRUE
    return plain_address(email) if verified and isinstance(email, str) else ""


def _as_compared(entry: str) -> str:
    """An address in the form of addresses, a domain with its `@`, any other value as it is."""
    if entry.startswith("@"):
        return plain_address(f"any{entry}").removeprefix("any")
    return plain_address(entry) if "@" in entry else entry
