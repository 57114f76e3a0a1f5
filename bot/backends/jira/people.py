"""Finds a person's account in Jira by their address."""

from collections.abc import Mapping
from typing import Any

from bot.backends.jira.client import Client


async def customer(client: Client, service_desk: str, address: str) -> str:
    """The account of the customer or user with exactly this address; empty where there is none.

    Jira searches names as well, and anybody can give themselves a name: only the address itself counts.
    """
    wanted = address.casefold()
    path = f"/rest/servicedeskapi/servicedesk/{service_desk}/customer"
    async for user in client.pages(path, query=address):
        if _is(user, wanted):
            return str(user["accountId"])
    for user in await client.get("/rest/api/3/user/search", query=address):
        if _is(user, wanted):
            return str(user["accountId"])
    return ""


def _is(user: Mapping[str, Any], address: str) -> bool:
    known = str(user.get("emailAddress") or "").casefold()
    return bool(known) and known == address and user.get("active") is not False
