"""The service desk and the request type that the settings name, as Jira knows them."""

from dataclasses import dataclass
from typing import Any

from bot.backends.jira.client import Client
from bot.domain.errors import DeliveryFailed

DESKS = "/rest/servicedeskapi/servicedesk"


class Unknown(DeliveryFailed):
    """Jira knows no such service desk or request type, or does not show it to our account."""


@dataclass(frozen=True, slots=True)
class ServiceDesk:
    """Service desk by its number, with the key of its project."""

    id: str
    key: str


async def find_desk(client: Client, named: str) -> ServiceDesk:
    """The service desk with this key of a project, or this number; raise `Unknown`."""
    async for desk in client.pages(DESKS):
        if named.casefold() in (str(desk["projectKey"]).casefold(), str(desk["id"])):
            return ServiceDesk(str(desk["id"]), str(desk["projectKey"]))
    raise Unknown("jira_no_service_desk")


async def request_types(client: Client, desk: ServiceDesk) -> list[dict[str, Any]]:
    """The request types of a service desk."""
    return [entry async for entry in client.pages(f"{DESKS}/{desk.id}/requesttype")]


async def find_request_type(client: Client, desk: ServiceDesk, named: str) -> str:
    """The number of the request type with this name or number; raise `Unknown`."""
    wanted = named.strip().casefold()
    for entry in await request_types(client, desk):
        if wanted in (str(entry["name"]).strip().casefold(), str(entry["id"])):
            return str(entry["id"])
    raise Unknown("jira_no_request_type")
