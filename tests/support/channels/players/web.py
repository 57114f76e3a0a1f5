"""Somebody at the page."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.desk.ports.page import Message
from bot.domain.conversations.messages import ConversationRef, Reply
from tests.support.channels.page_host import Desk as WebDesk
from tests.support.channels.page_site import Client, serve
from tests.support.channels.players.player import Ear, Input, MakeHost, Player, acknowledged

Json = dict[str, Any]


class Element(HTMLParser):
    """The tags of a page, each with the ones around it and the text that is directly in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None], tuple[str, ...], list[str]]] = []
        self._around: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        around = tuple(str(self.tags[at][1].get("class")) for at in self._around)
        self.tags.append((tag, dict(attrs), around, []))
        if tag not in ("input", "img", "br", "meta", "link"):
            self._around.append(len(self.tags) - 1)

    def handle_endtag(self, tag: str) -> None:
        self._around.pop()

    def handle_data(self, data: str) -> None:
        for at in self._around:  # what a button says may stand in a part of it
            self.tags[at][3].append(data)


class WebPlayer:
    """Reads HTML, and sends what the page's script does."""

    def __init__(self, ear: Ear, client: Client, desk: WebDesk) -> None:
        self.ear, self.client, self.desk = ear, client, desk
        self.html = self.form = ""

    async def see(self, reply: Reply) -> None:
        ana = ConversationRef("web", "", "ana")
        self.desk.messages[ana] = [Message("1", self.desk.now(), reply=reply)]
        async with self.client.get("/web/conversation") as response:
            assert response.status == 200
            self.html = await response.text()

    def behind(self) -> list[str]:
        tags = Element(self.html).tags
        return ["".join(text) for tag, _, around, text in tags if tag == "button" and "menu" in around]

    async def click(self, label: str) -> None:
        (button,) = [
            a for t, a, _, text in Element(self.html).tags if t == "button" and "".join(text) == label
        ]
        await self._post(button, None)

    async def _post(self, carried: Mapping[str, str | None], inputs: Json | None) -> None:
        body = {name: carried[f"data-{name}"] for name in ("action", "token", "argument")}
        body |= {"pane": "ask", "key": f"key-{len(self.ear.heard):06}", "inputs": inputs}  # type: ignore[dict-item]  # JSON
        origin = str(self.client.make_url("/")).rstrip("/")
        async with self.client.post("/web/press", json=body, headers={"Origin": origin}) as response:
            acknowledged(response.status)
            self.form = (await response.json())["form"]

    def asked(self) -> dict[str, Input]:
        found: dict[str, Input] = {}
        name = ""
        for tag, attributes, _, text in Element(self.form).tags:
            if "data-input" in attributes:
                name = str(attributes["data-input"])
                found[name] = Input((), attributes.get("value") or re.sub(r"\A\n", "", "".join(text)))
                found[name] = found[name] if tag != "select" else Input((), "")
            elif tag == "option" and attributes.get("value"):
                value = str(attributes["value"])
                initial = value if "selected" in attributes else found[name].initial
                found[name] = Input((*found[name].values, value), initial)
        return found

    async def send(self, filled: Mapping[str, str]) -> None:
        (form,) = [a for t, a, _, _ in Element(self.form).tags if t == "form"]
        await self._post(form, {name: one.initial for name, one in self.asked().items()} | dict(filled))


@asynccontextmanager
async def playing(_make_host: MakeHost, _patch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    """Somebody at the page."""
    ear, desk = Ear(), WebDesk()
    site = await serve(desk=desk, receive=ear.receive)
    try:
        yield WebPlayer(ear, site.client, desk)
    finally:
        await site.client.close()
