"""People of the fake."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    """Somebody; `id` is how Teams addresses them, `object_id` the directory's id."""

    key: str
    name: str
    role: str = "user"
    tenant: str = ""  # another organisation's
    principal: str = ""  # the name with which they sign in, where it is no usual one
    nameless: bool = False  # the directory has no id for them

    @property
    def id(self) -> str:
        """The account's id in Teams."""
        return f"29:1-{self.key}"

    @property
    def object_id(self) -> str:
        """The directory's id."""
        return f"aad-{self.key}"

    def account(self) -> dict[str, Any]:
        """As it stands in `from`."""
        known = {} if self.nameless else {"aadObjectId": self.object_id}
        return {"id": self.id, "name": self.name, **known}

    def member(self, tenant: str) -> dict[str, Any]:
        """As it stands in the roster."""
        return self.account() | {
            "tenantId": self.tenant or tenant,
            "userRole": self.role,
            "email": f"{self.key}@example.com",
            "userPrincipalName": self.principal or f"{self.key}@example.com",
        }
