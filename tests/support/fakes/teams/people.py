"""People of the fake."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Person:
    """Somebody; `id` is how Teams addresses them, `object_id` the directory's id."""

    key: str
    name: str
    role: str = "user"

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
        return {"id": self.id, "name": self.name, "aadObjectId": self.object_id}

    def member(self, tenant: str) -> dict[str, Any]:
        """As it stands in the roster."""
        return self.account() | {
            "tenantId": tenant,
            "userRole": self.role,
            "email": f"{self.key}@example.com",
        }
