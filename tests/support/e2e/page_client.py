"""The page for the end-to-end tests, as its script uses it."""

import html
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp

TOKENS = {"wes": "token-of-wes-the-engineer", "ina": "token-of-ina-the-employee"}


@dataclass
class Page:
    """The page as the browser uses it, signed in with a bearer token."""

    url: str
    http: aiohttp.ClientSession

    async def room(self, person: str = "wes") -> str:
        """The room as an engineer can read it: both lists, and every ticket in them."""
        lists = [await self._read(f"/web/room?view={view}", person) for view in ("all", "closed")]
        numbers = re.findall(r'<a href="[^"]*" data-ticket="([^"]+)"', "".join(lists))
        tickets = [await self._read(f"/web/ticket?ticket={number}", person) for number in numbers]
        return "".join((*lists, *tickets))

    async def conversation(self, person: str) -> str:
        """The left pane's fragment."""
        return await self._read("/web/conversation", person)

    async def post(self, path: str, person: str, **body: Any) -> tuple[int, dict[str, Any]]:
        """Ask or press."""
        sent = {"key": uuid4().hex} | body
        async with self.http.post(self.url + path, json=sent, headers=_bearer(person)) as answer:
            return answer.status, await answer.json()

    async def click(self, action: str, person: str = "wes", **more: Any) -> tuple[int, dict[str, Any]]:
        """Press the first button of this action in the room."""
        return await self.press_token(action, token_of(await self.room(), action), person, **more)

    async def press_token(
        self, action: str, token: str, person: str = "wes", **more: Any
    ) -> tuple[int, dict[str, Any]]:
        """Press a button whose token is known."""
        return await self.post("/web/press", person, pane="room", action=action, token=token, **more)

    async def _read(self, path: str, person: str) -> str:
        async with self.http.get(self.url + path, headers=_bearer(person)) as answer:
            assert answer.status == 200
            return html.unescape(await answer.text())


def _bearer(person: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[person]}"}


def said(fragment: str) -> str:
    """What people read of a piece of the page: words parted by blanks, without tags."""
    return " ".join(html.unescape(re.sub("<[^>]*>", "", fragment)).split())


def token_of(fragment: str, action: str) -> str:
    """The token that a button of the page carries."""
    found = re.search(rf'data-action="{action}" data-token="([^"]+)"', fragment)
    assert found, fragment
    return found[1]
