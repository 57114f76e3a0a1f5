"""What the page shows and sends."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import ClientResponse

from bot.channels.web.access.accounts import ROOM
from bot.channels.web.markdown import render
from bot.desk.ports.channels import Delivery
from bot.desk.ports.page import Message
from bot.domain.conversations.messages import (
    Addressed,
    Button,
    Click,
    ConversationRef,
    Field,
    Heading,
    Line,
    Link,
    Outcome,
    OutcomeKind,
    Reply,
)
from bot.wording.catalogues import load
from tests.support.channels.page_host import Desk
from tests.support.channels.page_site import Serve, Site
from tests.support.clock import START
from tests.support.patience import PATIENCE

ANA = ConversationRef("web", "", "ana")


async def test_a_question_becomes_an_utterance(demo: Site) -> None:
    status, answer = await demo.post("/web/ask", text="my account is locked", key="key-of-this-1")
    assert (status, answer) == (200, {"kind": "answered", "ticket": None, "notice": "", "form": ""})
    [said] = demo.desk.received
    assert said.keys == ("web:key-of-this-1",)
    assert (str(said.sender), said.sender_name, said.conversation) == ("web:ana", "Ana Costa", ANA)
    assert (said.addressed, said.inline, said.locale, said.text) == (
        Addressed.DIRECT,
        True,
        "en",
        "my account is locked",
    )


async def test_a_press_is_carried_unchanged(demo: Site) -> None:
    demo.desk.prepared = [Outcome(OutcomeKind.DONE)]
    inputs = {"note": "a\nb"}
    await demo.post(
        "/web/press", pane="room", desk="leo", action="resolve", token="t1", argument="2", inputs=inputs
    )
    [said] = demo.desk.received
    assert said.click == Click("resolve", "t1", "2", inputs)
    assert (said.addressed, said.conversation, str(said.sender)) == (Addressed.CLICK, ROOM, "web:leo")


async def test_an_engineer_opens_a_ticket_for_somebody_else(demo: Site) -> None:
    _, answer = await demo.post("/web/ask", pane="room", behalf="tom", text="needs a chair")
    [said] = demo.desk.received
    assert answer["ticket"] == "HELP-1001"
    assert said.sender.external_id == "maya"
    assert said.behalf is not None
    assert (said.behalf.name, said.behalf.conversation) == ("Tom Baker", ConversationRef("web", "", "tom"))


async def test_the_same_key_is_not_doubled(demo: Site) -> None:
    for _ in range(2):
        status, answer = await demo.post("/web/ask", text="a squeaking chair", key="the-same-key")
        assert (status, answer["ticket"]) == (200, "HELP-1001")
    assert (await demo.text("/web/room")).count('<span class="number">HELP-1001</span>') == 1


async def test_a_failure_is_told_and_is_no_success(demo: Site) -> None:
    demo.desk.prepared = [OSError("disk full")]
    status, answer = await demo.post("/web/ask", text="a chair")
    assert (status, "That did not work" in answer["error"]) == (503, True)


async def test_a_notice_and_a_form_come_as_fragments(demo: Site) -> None:
    notice = Reply((Line("<b>Leo</b> has it"),))
    send = Button("resolve", "Resolve", "t9", "x")
    form = Reply((), (send,), (Field("note", "Note"),), summary="Resolve HELP-1009")
    demo.desk.prepared = [
        Outcome(OutcomeKind.REFUSED, notice=notice),
        Outcome(OutcomeKind.FORM, card=form),
    ]
    _, refused = await demo.post("/web/press", pane="room", action="claim", token="t9")
    assert "&lt;b&gt;Leo&lt;/b&gt; has it" in refused["notice"]
    _, asked = await demo.post("/web/press", pane="room", action="resolve", token="t9")
    for part in ("Resolve HELP-1009", 'data-action="resolve"', 'data-token="t9"', 'data-input="note"'):
        assert part in asked["form"]


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en;q=0.4, es;q=0.8", "es"),
        ("fr-FR,fr", "en"),
        ("es;q=x", "es"),
        ("", "en"),
    ],
)
async def test_the_browser_s_language_is_used(demo: Site, accepts: str, language: str) -> None:
    assert f'<html lang="{language}">' in await demo.text("/", **{"Accept-Language": accepts})


async def test_a_language_is_kept_once_chosen(demo: Site) -> None:
    page = await demo.text("/?lang=es&as=tom")
    assert '<html lang="es">' in page
    assert '<option value="tom" selected>' in page
    assert '<html lang="es">' in await demo.text("/", **{"Accept-Language": "en"})
    await demo.post("/web/ask", text="hola")
    assert demo.desk.received[0].locale == "es"


async def test_the_room_shows_trouble_and_recent_notices(demo: Site) -> None:
    now = demo.desk.now()
    told = Message("1", now, reply=Reply((Line("Could not be delivered"),)))
    demo.desk.told = [told, replace(told, id="2", at=now - timedelta(days=2), text="long ago")]
    demo.desk.trouble = ("kb_articles/x.md:3: error: no title",)
    room = await demo.text("/web/room")
    assert "kb_articles/x.md:3: error: no title" in room
    assert "Could not be delivered" in room
    assert "long ago" not in room
    assert "no title" not in await demo.text("/web/conversation")


async def test_what_is_private_to_somebody_else_is_not_shown(demo: Site) -> None:
    now = demo.desk.now()
    for name in ("", "web:ana", "web:tom"):
        demo.desk.messages.setdefault(ANA, []).append(
            Message(name, now, text=f"for <{name}>", private_to=name)
        )
    page = await demo.text("/web/conversation")
    assert ("for &lt;&gt;" in page, "for &lt;web:ana&gt;" in page, "web:tom" in page) == (True, True, False)


async def test_times_are_relative_and_exact(served: Serve) -> None:
    demo = await served(desk=Desk(now=lambda: START))
    demo.desk.messages[ANA] = [
        Message("1", START - timedelta(minutes=5), text="a"),
        Message("2", START, text="b"),
    ]
    page = await demo.text("/web/conversation")
    assert f'datetime="{(START - timedelta(minutes=5)).isoformat()}"' in page
    assert "5 minutes ago" in page
    assert "just now" in page


async def test_a_link_that_could_run_something_is_only_text(demo: Site) -> None:
    links = (Link("bad", "javascript:alert(1)"), Link("good", "https://kb.example.com/?a=1&b=2"))
    demo.desk.add(ANA, reply=Reply(links))
    page = await demo.text("/web/conversation")
    assert "javascript:" not in page
    assert '<a href="https://kb.example.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">' in page


def test_markdown_is_rendered_without_anything_that_runs() -> None:
    text = (
        "# A\n\n### B\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](data:text/html,x) "
        "[z](https://a.example) ![pic](https://b.example/p.png)"
    )
    html = str(render(text, 3))
    assert "<h3>A</h3>" in html
    assert "<h4>B</h4>" in html
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert '<a href="https://a.example" rel="noopener noreferrer" target="_blank">z</a>' in html
    assert '<a href="https://b.example/p.png" rel="noopener noreferrer" target="_blank">pic</a>' in html


async def test_an_article_is_read_without_signing_in(guarded: Site) -> None:
    page = await guarded.text("/articles/firmado")
    assert '<main class="sheet article" lang="es">' in page
    assert '<h1 dir="auto">Cuenta bloqueada</h1>' in page
    async with guarded.client.get("/articles/forged", headers={"Host": "kb.example.com"}) as response:
        text = await response.text()
        assert response.status == 404
    assert "This link is not valid" in text
    assert "Este enlace no es válido" in text


async def test_what_is_kept_of_people_is_read_without_signing_in(guarded: Site) -> None:
    assert "What we keep about you" in await guarded.text("/privacy")
    async with guarded.client.get("/privacy", headers={"Accept-Language": "es"}) as response:
        assert "Qué guardamos sobre ti" in await response.text()


def test_both_languages_say_the_same_things() -> None:
    wording = load()
    own = {
        language: {key for key in wording.keys(language) if key.startswith("web.")}
        for language in ("en", "es")
    }
    assert own["en"] == own["es"]
    for key in own["en"]:
        fields = [sorted(re.findall(r"\{(\w+)\}", wording.say(language, key))) for language in own]
        assert fields[0] == fields[1], key


async def test_delivering_names_the_message_and_a_new_thread(demo: Site) -> None:
    new = replace(ROOM, thread="new:abc")
    first = await demo.channel.deliver(Delivery(7, 1, 1, new, Reply(())))
    assert (first.message, first.anchor, first.space) == ("web-7", "web-7", "room")
    edit = await demo.channel.deliver(
        Delivery(8, 1, 1, replace(new, anchor="web-7"), Reply(()), edit="web-7")
    )
    assert (edit.message, edit.anchor) == ("web-7", "web-7")
    plain = await demo.channel.deliver(Delivery(9, 2, 1, ANA, Reply(())))
    assert (plain.message, plain.anchor, plain.space) == ("web-9", "", "ana")
    assert demo.channel.trouble() is None


# --- live ---------------------------------------------------------------------------------------------


@asynccontextmanager
async def listening(site: Site) -> AsyncIterator[ClientResponse]:
    """An open stream that has been told of the board's first state."""
    async with site.client.get("/web/events") as response:
        assert response.content_type == "text/event-stream"
        await next_refresh(response)
        yield response


async def next_refresh(response: ClientResponse) -> None:
    """Wait until the page is told to read again."""

    async def read() -> None:
        while (line := await response.content.readline()) != b"event: refresh\n":
            assert line, "the stream has ended"

    await asyncio.wait_for(read(), PATIENCE)


async def test_every_window_hears_of_a_change(demo: Site) -> None:
    async with listening(demo) as left, listening(demo) as right:
        await demo.post("/web/ask", text="a chair")
        await next_refresh(left)
        await next_refresh(right)


async def test_another_replica_s_change_is_noticed(demo: Site) -> None:
    async with listening(demo) as window:
        demo.desk.marks += 1
        await next_refresh(window)


async def test_streams_end_when_the_server_stops(demo: Site) -> None:
    async with listening(demo) as window:
        stopping = asyncio.ensure_future(demo.client.server.close())
        assert await asyncio.wait_for(window.content.read(), PATIENCE) is not None
        await asyncio.wait_for(stopping, PATIENCE)


async def test_a_board_that_cannot_be_read_ends_the_stream_and_comes_back(demo: Site) -> None:
    async with listening(demo) as window:
        demo.desk.unreadable = True
        await asyncio.wait_for(window.content.read(), PATIENCE)
    demo.desk.unreadable = False
    async with listening(demo) as window:
        demo.desk.marks += 1
        await next_refresh(window)


async def test_known_outages_stand_above_the_cards_and_one_can_be_begun(demo: Site) -> None:
    end = Button("outage_end", "End outage", "o1", style="primary")
    demo.desk.lasting = [Reply((Heading("Known outage: <b>VPN</b>"),), (end,), summary="VPN")]
    page = await demo.text("/web/room")
    assert "Known outage: &lt;b&gt;VPN&lt;/b&gt;" in page
    assert 'data-action="outage_end" data-token="o1"' in page
    assert "outage_start" not in page
    assert 'data-action="outage_start" data-token="new"' in await demo.text("/")
