"""The inbox by its fragments: which tickets a window lists, in which order, and who may see and do what."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.web.access.accounts import ROOM, read_grants
from bot.channels.web.live.choice import Choice, by_urgency, page_of, read_choice
from bot.channels.web.live.presence import LOOKING, WRITING, Presence
from bot.desk.ports.page import Message, ReadyReply, Standing
from bot.desk.ports.tickets import InboxEntry, QueueChoice
from bot.domain.people import Identity, Person
from bot.domain.tickets.queues import QueueFilter
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Priority, Status, Ticket
from tests.support.channels.page_site import ANA_TOKEN, TOKENS, Serve, Site

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def entry(number: int, priority: Priority = Priority.NORMAL, due: float | None = None) -> InboxEntry:
    """A ticket that is due in so many hours."""
    ticket = Ticket(
        number,
        f"t{number}",
        Status.OPEN,
        priority,
        "",
        "en",
        Person(1, "Ana"),
        number,
        number,
        NOW,
        first_response_due=NOW + timedelta(hours=due) if due is not None else None,
    )
    return InboxEntry(ticket, "a chair")


def listed(fragment: str) -> list[str]:
    return re.findall(r'href="[^"]*" data-ticket="(HELP-\d+)"', fragment)


@pytest.fixture
async def site(served: Serve) -> Site:
    site = await served()
    for number, text in enumerate(("a chair", "urgent: a lamp", "una mesa")):
        await site.post("/web/ask", text=text, key=f"key-{number}-0123", **{"as": "tom" if number else "ana"})
    return site


def test_what_is_late_comes_first_then_priority_then_what_is_due() -> None:
    entries = [
        entry(1),
        entry(2, due=5),
        entry(3, Priority.URGENT, due=9),
        entry(4, due=-1),
        entry(5, Priority.HIGH),
        entry(6, due=-3),
        entry(7, due=2),
    ]
    assert [one.ticket.id for one in by_urgency(entries, NOW)] == [6, 4, 3, 5, 7, 2, 1]


def test_a_page_follows_the_one_before_and_begins_anew_where_that_ended_nowhere() -> None:
    entries = [entry(number) for number in range(1, 121)]
    first, after = page_of(entries, None)
    second, then = page_of(entries, after)
    last, end = page_of(entries, then)
    assert [one.ticket.id for one in (*first, *second, *last)] == list(range(1, 121))
    assert end is None
    assert page_of(entries, 999)[0] == first


def test_a_choice_takes_what_it_says_and_nothing_unknown() -> None:
    query = {"view": "mine", "priority": "4", "q": "  two   words ", "after": "HELP-1007", "queue": "it"}
    assert read_choice(query) == Choice("mine", "it", Priority.URGENT, "two words", 7)
    assert read_choice({"view": "x", "priority": "9", "after": "y", "late": "yes"}) == Choice()
    assert read_choice({"late": "1"}) == Choice(late=True)


async def test_lists_are_narrowed_by_whose_priority_and_queue(site: Site) -> None:
    site.desk.queue_choices = (
        QueueChoice("it", "IT desk", QueueFilter(("hr",), others=True)),
        QueueChoice("hr", "People", QueueFilter(("hr",))),
    )
    site.desk.held["t3"].ticket = replace(site.desk.held["t3"].ticket, queue="hr")
    await site.post("/web/press", pane="room", action="claim", token="t1", key="claim-it-01")
    cases = {
        "view=all": ["HELP-1002", "HELP-1001", "HELP-1003"],
        "view=mine": ["HELP-1001"],
        "view=mine&desk=leo": [],
        "view=unclaimed": ["HELP-1002", "HELP-1003"],
        "priority=3": ["HELP-1002"],
        "queue=hr": ["HELP-1003"],
        "queue=it": ["HELP-1002", "HELP-1001"],
        "view=closed": [],
        "q=LAMP": ["HELP-1002"],
        "q=tom+baker": ["HELP-1003", "HELP-1002"],
        "q=%231003": ["HELP-1003"],
    }
    for query, tickets in cases.items():
        assert listed(await site.text(f"/web/room?{query}")) == tickets, query
    await site.post("/web/press", pane="room", action="resolve", token="t1", key="resolve-it-1", inputs={})
    assert listed(await site.text("/web/room?view=closed")) == ["HELP-1001"]
    assert "HELP-1001" not in listed(await site.text("/web/room"))


async def test_a_row_says_that_its_ticket_was_merged(site: Site) -> None:
    merged = replace(site.desk.held["t1"].ticket, status=Status.RESOLVED, merged_into=2)
    site.desk.held["t1"].ticket = merged
    text = await site.text("/web/room?view=closed")
    assert "Merged" in text
    assert "Resolved" not in text


async def test_what_is_overdue_is_counted_and_shown_alone(site: Site) -> None:
    assert "data-late" not in await site.text("/web/room"), "where nothing is, nothing is offered"
    for token, hours in (("t1", -1), ("t2", 1), ("t3", -2)):
        held = site.desk.held[token]
        held.ticket = replace(held.ticket, first_response_due=site.desk.now() + timedelta(hours=hours))
    whole = await site.text("/web/room")
    assert re.search(r'data-late aria-pressed="false">Overdue <span class="count">2<', whole)
    assert len(listed(whole)) == 3
    late = await site.text("/web/room?late=1")
    assert 'data-late aria-pressed="true"' in late
    assert listed(late) == ["HELP-1003", "HELP-1001"]
    assert listed(await site.text("/web/room?late=1&view=mine")) == []
    assert listed(await site.text("/web/room?late=1&priority=3")) == []
    assert "data-late" not in await site.text("/web/room?q=chair"), "a search goes through closed ones, too"


async def test_a_search_offers_to_go_further_back(site: Site) -> None:
    site.desk.most_found = 1
    page = await site.text("/web/room?q=tom")
    assert listed(page) == ["HELP-1003"]
    assert 'data-page="HELP-1003"' in page
    page = await site.text("/web/room?q=tom&after=HELP-1003")
    assert listed(page) == ["HELP-1002"]
    assert 'id="page-more"' not in page


async def test_a_link_to_a_ticket_opens_it_and_one_to_nothing_says_so(site: Site) -> None:
    assert 'data-reference="HELP-1002"' in await site.text("/web/ticket?ticket=HELP-1002")
    for wrong in ("HELP-1077", "x", ""):
        assert "Ticket not found" in await site.text(f"/web/ticket?ticket={wrong}")
    assert "ticket=HELP-1002" in await site.text("/?ticket=HELP-1002")  # the languages' links keep it


async def test_an_earlier_page_of_a_conversation_is_read_by_its_own_way(site: Site) -> None:
    site.desk.thread_page = 2
    site.desk.threads[1] = [Message(f"o{n}", NOW, author="Ana", text=f"line {n}") for n in range(5)]
    page = await site.text("/web/ticket?ticket=HELP-1001")
    assert re.findall(r"line \d", page) == ["line 3", "line 4"]
    [before] = re.findall(r'data-earlier="([^"]+)"', page)
    earlier = await site.text(f"/web/ticket?ticket=HELP-1001&before={before}")
    assert re.findall(r"line \d", earlier) == ["line 1", "line 2"]
    assert "form" not in earlier


async def test_what_is_written_as_a_note_is_one_whatever_it_says(site: Site) -> None:
    await site.post("/web/press", pane="room", action="claim", token="t1", key="claim-it-01")
    for number, (kind, text) in enumerate((("reply", "hello"), ("note", "slow"), ("note", "// slower"))):
        await site.post("/web/ask", pane="room", under="t1", kind=kind, text=text, key=f"write-it-{number}")
    written = site.desk.threads[1]
    assert [(one.text, one.visibility) for one in written] == [
        ("hello", Visibility.SENT),
        ("// slow", Visibility.NOTE),
        ("// slower", Visibility.NOTE),
    ]
    page = await site.text("/web/ticket?ticket=HELP-1001")
    assert '<p class="words" dir="auto">slow</p>' in page


async def test_ready_replies_are_offered_to_engineers(site: Site) -> None:
    site.desk.replies = (ReadyReply("Restart", 'Please "restart" it, Ana'),)
    page = await site.text("/web/replies?ticket=HELP-1001")
    assert 'data-text="Please &#34;restart&#34; it, Ana"' in page


async def test_an_employee_sees_nothing_of_it(served: Serve) -> None:
    site = await served(grants=read_grants(TOKENS)[0], anonymous=False)
    for path in ("/web/room", "/web/ticket?ticket=HELP-1001", "/web/replies?ticket=HELP-1001"):
        headers = {"Authorization": f"Bearer {ANA_TOKEN}"}
        async with site.client.get(path, headers=headers) as response:
            assert response.status == 403, path
    body = {"pane": "room", "ticket": "HELP-1001", "writes": True}
    headers = {"Authorization": f"Bearer {ANA_TOKEN}", "Origin": site.origin}
    async with site.client.post("/web/presence", json=body, headers=headers) as response:
        assert response.status == 200  # counts as the employee's own writing, and as nothing in the room
    presence = site.channel._presence
    assert presence._engineers == {}


async def test_the_way_in_leads_back_to_the_ticket(served: Serve) -> None:
    site = await served(grants=read_grants(TOKENS)[0], anonymous=False)
    async with site.client.get("/?ticket=HELP-1001") as response:
        assert response.status == 401  # the form stays at this address, and the page is loaded there
        assert "/?ticket=HELP-1001" not in response.headers.get("Location", "")


# --- who is there -----------------------------------------------------------------------------------------


class Watch:
    """A clock that is set by hand, and what was told."""

    def __init__(self) -> None:
        self.now, self.told = 100.0, 0

    def __call__(self) -> float:
        return self.now

    def changed(self) -> None:
        self.told += 1


async def test_who_looks_and_who_writes_is_known_for_a_while(site: Site) -> None:
    watch = Watch()
    presence = Presence(watch.changed, watch)
    maya, leo = (await site.channel._authenticator.everybody())[3:]
    ana = next(one for one in await site.channel._authenticator.everybody() if one.id == "ana")
    from bot.channels.web.access.accounts import Visitor

    card = site.desk.ticket(ROOM, 1)
    assert card is not None
    held = replace(card, ticket=replace(card.ticket, assignee=Person(90, "Maya"), status=Status.CLAIMED))
    mayas, leos = Standing(Person(90, "Maya")), Standing(Person(91, "Leo"))
    presence.looks(leo, held, leos, writes=True)
    assert presence.shown_to(Visitor(ana, None)) == {"helper": ""}  # who is no assignee writes to nobody
    presence.looks(maya, held, mayas, writes=True)
    assert presence.shown_to(Visitor(ana, None)) == {"helper": "Maya Patel"}
    assert presence.shown_to(Visitor(ana, maya))["looking"] == {"HELP-1001": ["Leo Fischer"]}
    presence.writes(ana, writes=True)
    assert presence.shown_to(Visitor(maya, leo))["writing"] == ["ana"]
    told = watch.told
    presence.looks(maya, held, mayas, writes=True)
    assert watch.told == told  # nothing has changed
    watch.now += WRITING
    assert presence.shown_to(Visitor(ana, None)) == {"helper": ""}
    assert presence.shown_to(Visitor(maya, leo))["writing"] == []
    watch.now += LOOKING
    assert presence.shown_to(Visitor(ana, maya))["looking"] == {}


async def test_who_goes_from_ticket_to_ticket_waits_for_no_reading_of_their_rights(site: Site) -> None:
    read: list[str] = []
    inbox = site.channel._pages._inbox
    standing = site.desk.standing

    def counted(identity: Identity) -> Standing:
        read.append(identity.external_id)
        return standing(identity)

    inbox._standing = inbox._shared(counted)
    await site.text("/web/room?desk=maya")
    assert read == ["maya"]
    for number in (1001, 1002, 1003):
        assert f"HELP-{number}" in await site.text(f"/web/ticket?desk=maya&ticket=HELP-{number}&known=1")
    await site.text("/web/room?desk=maya&view=mine&known=1")
    assert read == ["maya"]
    # What a commit has changed is read anew.
    site.desk.may_act = frozenset()
    assert 'data-action="claim"' not in await site.text("/web/ticket?desk=maya&ticket=HELP-1001")
    assert read == ["maya", "maya"]
    assert 'data-action="claim"' not in await site.text("/web/ticket?desk=maya&ticket=HELP-1002&known=1")
