"""Parts of Zendesk's answers: pages of lists, users, times, and refusals."""

from datetime import datetime
from typing import Any

from aiohttp import web

LARGEST_PAGE = 3  # entries, so that every list has several

Json = dict[str, Any]


class Refusal(Exception):
    """Request that the real one refuses."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def page_of(request: web.Request, name: str, entries: list[Json]) -> web.Response:
    """A page of a list, as far as the query asks for it."""
    size = int(request.query["page[size]"])
    if not 1 <= size <= 100:
        raise Refusal(400, "page[size]: is invalid")
    begin = int(request.query.get("page[after]", "0"))
    end = begin + min(size, LARGEST_PAGE)
    meta = {"has_more": end < len(entries), "after_cursor": str(end)}
    return web.json_response({name: entries[begin:end], "meta": meta})


def user_of(number: int, name: str, email: str, role: str) -> Json:
    """A user whose address is verified."""
    return {"id": number, "name": name, "email": email, "role": role, "verified": True}


def text_of(moment: datetime) -> str:
    """A moment as Zendesk writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
