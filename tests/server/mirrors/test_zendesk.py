"""Tickets that are mirrored in Zendesk both ways, over a strict fake of it."""

import pytest

from bot import wording
from bot.backends import zendesk
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import BackendHost, InternalComment, NewRemoteTicket, PublicComment
from bot.domain.conversations.messages import Attachment, Button
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.mirror import LIVE, NOBODY, MirrorField
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, text_of
from tests.support.fakes.mirrors.desk import MirroredDesk
from tests.support.fakes.mirrors.play import Play
from tests.support.fakes.mirrors.zendesk import ANA, ANN, BOB, OURS, Failure, FakeZendesk
from tests.support.fakes.mirrors.zendesk_desk import in_zendesk, settings_at
from tests.support.unknown import UNKNOWN

NEW = NewRemoteTicket(
    "HELP-1001",
    "The printer smells",
    "Ana García",
    {MirrorField.STATUS: LIVE, MirrorField.ASSIGNEE: NOBODY, MirrorField.PRIORITY: "high"},
    "ana@acme.example",
)


async def opened(desk: MirroredDesk, person: str = "ana") -> str:
    """Let somebody ask what nobody can answer; return the ticket's id there."""
    desk.helpdesk.say(person, UNKNOWN)
    await desk.deliver()
    await desk.read()
    return desk.remote_id(1)


def claim(desk: MirroredDesk, by: str = "eva", ticket: str = "HELP-1001") -> None:
    helpdesk = desk.helpdesk
    helpdesk.click(by, helpdesk.button(helpdesk.card(ticket), "claim"), conversation=ROOM)


def ticket_of(desk: MirroredDesk, number: int = 1) -> Ticket:
    with desk.helpdesk.begin() as work:
        found = work.tickets.get(number)
    assert found is not None
    return found


def kinds_of(desk: MirroredDesk, number: int = 1) -> list[str]:
    with desk.helpdesk.begin() as work:
        return [event.kind for event in work.tickets.events(number)]


def prioritize(desk: MirroredDesk) -> Button:
    return Button("prioritize", "", ticket_of(desk).token)


def read_by(desk: MirroredDesk, place: str) -> str:
    """All that is on the screens of a place."""
    shown = desk.helpdesk.screen.values()
    return "\n".join(text_of(one.reply) for one in shown if one.conversation.space == place)


async def test_a_ticket_is_there_once_with_our_number_and_its_address_on_the_card(
    database: Database, library: Library, clock: Clock
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = await opened(desk)
        assert list(map(str, there.tickets)) == [remote]
        assert "HELP-1001" in there.tickets[int(remote)]["subject"]
        assert UNKNOWN in there.comments[int(remote)][0]["body"]
        with desk.helpdesk.begin() as work:
            (address,) = work.tickets.addresses(1)
        assert address[1].endswith(f"/agent/tickets/{remote}")
        assert "Open in Zendesk" in read_by(desk, "CROOM")


async def test_a_claim_and_an_answer_here_are_seen_there(
    database: Database, library: Library, clock: Clock
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        claim(desk)
        desk.helpdesk.writes("eva", "Try the red button.")
        desk.helpdesk.writes("eva", "// the plumber knows")
        await desk.deliver()
        assert any("Try the red button." in text for text in there.public_texts(remote))
        assert any("the plumber knows" in text for text in there.internal_texts(remote))
        assert not any("plumber" in text for text in there.ever_public)


async def test_what_an_agent_does_there_reaches_the_employee_as_from_them(
    database: Database, library: Library, clock: Clock
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        clock.move(seconds=5)
        there.update(ANN, remote, assignee_id=ANN, priority="urgent")
        there.update(ANN, remote, comment={"body": "Did you restart it?", "public": True})
        there.update(ANN, remote, comment={"body": "It is the old model", "public": False})
        await desk.hear(str(remote))
        ticket = ticket_of(desk)
        assert (ticket.status, ticket.priority) == (Status.CLAIMED, Priority.URGENT)
        assert ticket.assignee is not None
        assert ticket.assignee.name == "Ann Agent"
        assert "Did you restart it?" in read_by(desk, "Dana")
        assert "Ann Agent" in read_by(desk, "Dana")
        assert "It is the old model" not in read_by(desk, "Dana")
        assert "It is the old model" in read_by(desk, "CROOM")
        clock.move(seconds=5)
        there.update(ANN, remote, status="solved")
        await desk.hear(str(remote))
        assert ticket_of(desk).status is Status.RESOLVED
        assert "Ann Agent has resolved HELP-1001.\n" in read_by(desk, "Dana")  # nothing is announced
        clock.move(seconds=5)
        there.update(BOB, remote, status="open")
        await desk.hear(str(remote))
        assert ticket_of(desk).live
        assert len(there.comments[remote]) == 3  # the question, and what Ann wrote: no echo


async def test_of_two_changes_the_later_one_wins_and_the_history_says_so(
    database: Database, library: Library, clock: Clock
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        clock.move(seconds=10)
        there.update(ANN, remote, priority="low")
        clock.move(seconds=10)
        desk.helpdesk.click("eva", prioritize(desk), conversation=ROOM, inputs={"priority": "4"})
        await desk.deliver()
        assert there.tickets[remote]["priority"] == "urgent"
        assert ticket_of(desk).priority is Priority.URGENT
        with desk.helpdesk.begin() as work:
            (conflict,) = [one for one in work.tickets.events(1) if one.kind == "mirror_conflict"]
        assert conflict.detail == {"field": "priority", "here": "urgent", "there": "low", "kept": "here"}
        clock.move(seconds=10)
        desk.helpdesk.click("eva", prioritize(desk), conversation=ROOM, inputs={"priority": "1"})
        clock.move(seconds=10)
        there.update(BOB, remote, priority="high")
        await desk.deliver()
        assert ticket_of(desk).priority is Priority.HIGH
        assert there.tickets[remote]["priority"] == "high"


async def test_a_lost_answer_makes_nothing_twice(database: Database, library: Library, clock: Clock) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        desk.helpdesk.say("ana", UNKNOWN)
        there.failing = [Failure(502, done=True), Failure(502, done=True)]
        for _ in range(4):
            await desk.deliver()
            clock.move(seconds=60)
        there.keys.clear()  # Zendesk forgets its keys after a while
        assert len(there.tickets) == 1
        (remote,) = there.tickets
        claim(desk)
        await desk.deliver()
        desk.helpdesk.writes("eva", "Try the red button.")
        there.failing = [Failure(502, done=True)]
        for _ in range(4):
            await desk.deliver()
            clock.move(seconds=60)
        assert sum("red button" in text for text in there.public_texts(remote)) == 1


async def test_an_outage_and_a_lost_webhook_lose_nothing(
    database: Database, library: Library, clock: Clock
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        there.away = True
        claim(desk)
        desk.helpdesk.writes("eva", "We look into it.")
        for _ in range(3):
            await desk.deliver()
            clock.move(minutes=20)
        assert desk.backend.trouble()
        there.away = False
        there.update(ANN, remote, comment={"body": "I called them", "public": True})  # its webhook is lost
        await desk.deliver()
        await desk.read()
        assert any("We look into it." in text for text in there.public_texts(remote))
        assert "I called them" in read_by(desk, "Dana")
        assert desk.backend.trouble() is None


async def test_what_is_hidden_or_taken_out_there_disappears_here(
    database: Database, library: Library, clock: Clock
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        there.update(ANN, remote, comment={"body": "meant for Bob", "public": True})
        there.update(ANN, remote, comment={"body": "wrong customer", "public": True})
        await desk.hear(str(remote))
        first, second = (one["id"] for one in there.comments[remote][1:])
        there.make_private(remote, first)
        there.redact(remote, second)
        await desk.hear(str(remote))
        assert "meant for Bob" not in read_by(desk, "Dana")
        assert "meant for Bob" in read_by(desk, "CROOM")
        assert "wrong customer" not in read_by(desk, "Dana") + read_by(desk, "CROOM")


async def test_a_ticket_that_is_closed_or_deleted_there_goes_on_here(
    database: Database, library: Library, clock: Clock
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        there.delete(remote)
        await desk.hear(str(remote))
        claim(desk)
        desk.helpdesk.writes("eva", "We look into it.")
        await desk.deliver()
        await desk.read()
        assert kinds_of(desk).count("mirror_gone") == 1
        assert ticket_of(desk).status is Status.CLAIMED
        assert "was deleted in Zendesk" in read_by(desk, "CROOM")
        with desk.helpdesk.begin() as work:
            assert work.deliveries.listed(("dead", "waiting"), 5) == ()


async def test_the_requester_is_found_by_address_only_where_it_is_allowed(clock: Clock) -> None:
    there = FakeZendesk(clock)
    host = BackendHost(wording.load(), clock, "en", "")
    async with there.served() as url:
        for allowed, requester in ((False, OURS), (True, ANA)):
            backend = zendesk.build(settings_at(url, zendesk_match_addresses=allowed), host)
            made = await backend.create(NEW, f"key-{allowed}", again=False)
            assert there.tickets[int(made.id)]["requester_id"] == requester
            await backend.stop()
    searches = [path for _, path, _ in there.requests if "users/search" in path]
    assert len(searches) == 1


async def test_a_comment_is_public_by_its_type_alone(clock: Clock) -> None:
    there = FakeZendesk(clock)
    host = BackendHost(wording.load(), clock, "en", "")
    async with there.served() as url:
        backend = zendesk.build(settings_at(url), host)
        made = await backend.create(NEW, "key", again=False)
        await backend.say(made.id, InternalComment("Eva", "psst"), "1", again=False)
        await backend.say(made.id, PublicComment("Eva", "hello"), "2", again=False)
        assert there.internal_texts(int(made.id)) == ["Eva:\n\npsst"]
        assert await backend.say(made.id, InternalComment("Eva", "psst"), "1", again=True) == str(
            there.comments[int(made.id)][1]["id"]
        )
        await backend.stop()


@pytest.mark.parametrize(
    ("failure", "retry_after", "permanent"),
    [
        (Failure(429, headers={"Retry-After": "7"}), 7.0, False),
        (Failure(503), None, False),
        (Failure(401), None, False),
        (Failure(403), None, False),
        (Failure(422), None, True),
    ],
)
async def test_a_failure_says_what_is_next(
    clock: Clock, failure: Failure, retry_after: float | None, permanent: bool
) -> None:
    there = FakeZendesk(clock)
    host = BackendHost(wording.load(), clock, "en", "")
    async with there.served() as url:
        backend = zendesk.build(settings_at(url), host)
        there.failing = [failure]
        with pytest.raises(DeliveryFailed) as failed:
            await backend.create(NEW, "key", again=False)
        assert (failed.value.retry_after, failed.value.permanent) == (retry_after, permanent)
        await backend.stop()


async def test_files_go_both_ways(database: Database, library: Library, clock: Clock) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        claim(desk)
        plan = Attachment("plan.pdf", "application/pdf", 4, "slack-file")
        desk.helpdesk.writes("eva", "Here it is.", attachments=(plan,), files=1)
        with desk.helpdesk.begin() as work:
            work.relays.keep_content(1, b"plan")
        await desk.deliver()
        (sent,) = [one for one in there.comments[remote] if one["attachments"]]
        assert sent["public"]
        assert there.files[sent["attachments"][0]["id"]]["content"] == b"plan"
        photo = there.files[there.keep_file("photo.png", "image/png", b"photo")]["shown"]
        there.update(ANN, remote, comment={"body": "Like this", "public": True, "attachments": [photo]})
        await desk.hear(str(remote))
        with desk.helpdesk.begin() as work:
            found = next(
                file
                for number in (1, 2, 3)
                if (file := work.relays.file(number)) and file.name == "photo.png"
            )
        assert await desk.mirror.fetch(found, 1000) == b"photo"
        with pytest.raises(DeliveryFailed, match="file_too_large"):
            await desk.mirror.fetch(found, 3)


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_work_on_both_sides_ends_the_same_and_leaks_nothing(
    database: Database, library: Library, clock: Clock, seed: int
) -> None:
    async with in_zendesk(database, library, clock) as (desk, there):
        verdict = await Play(desk, there, seed).run(300)
        assert (verdict.divergences, verdict.echoes, verdict.leaks) == ([], [], [])
        assert len(verdict.done) >= 15
