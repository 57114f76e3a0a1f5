"""What closed tickets hold of people goes when its days are over; what can be counted stays."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.conversations.messages import Line, Reply
from bot.domain.people import Identity
from bot.server.settings import Settings
from bot.server.workers.retention import RetentionWorker
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.retention import ClosedTickets, Days
from bot.storage.schema.columns import metadata
from bot.storage.schema.feedback import ratings
from bot.storage.schema.privacy import privacy_log
from bot.storage.schema.tables import people, texts, ticket_events, tickets
from tests.support.days.history import add_history
from tests.support.desk.claimed_tickets import resolved
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.desk.outages import begin, ended
from tests.support.desk.outcomes import form_of, send
from tests.support.unknown import OTHER, UNKNOWN

DAYS = 90


def sweep(desk: Helpdesk, days: Days) -> int:
    """Look at everything once; how many looks that took."""
    closed, looks = ClosedTickets(desk.database, desk.clock, days), 1
    while closed.look():
        looks += 1
        assert looks < 1000
    return looks


def words(desk: Helpdesk) -> str:
    with desk.database.transaction(reading=True) as db:
        return " ".join(db.execute(select(texts.c.body)).scalars())


def counts(desk: Helpdesk) -> dict[str, int]:
    """How many rows each table has, but for who nobody is, and for what was given up."""
    with desk.database.transaction(reading=True) as db:
        return {
            table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table not in (privacy_log, people)
        }


def old_and_new(desk: Helpdesk) -> None:
    """A resolved ticket whose days are over, an open one as old, and a new one that is resolved."""
    resolved(desk, "an oldnote")
    desk.say("tom", f"{OTHER} stillopen", thread="7.0")
    desk.clock.move(days=DAYS + 1)
    ticket = desk.claimed("carmen", text="the snorkwobble yodels beneath the newpiano", thread="8.0")
    desk.click(
        "eva", desk.button(desk.card(ticket), "resolve"), inputs={"note": "newnote"}, conversation=ROOM
    )


def test_the_words_of_what_is_over_go_and_those_of_others_stay(helpdesk: Helpdesk) -> None:
    old_and_new(helpdesk)
    before = counts(helpdesk)
    assert "oldnote" in words(helpdesk)
    sweep(helpdesk, Days(texts=DAYS))
    left = words(helpdesk)
    assert [word for word in ("oldnote", "flurbostat") if word in left] == []
    assert [word for word in ("stillopen", "newpiano", "newnote") if word not in left] == []
    assert counts(helpdesk) == before
    assert helpdesk.say("ana", "what about HELP-1001").kind


def test_the_words_beside_a_question_that_its_author_deleted_go_with_the_others(helpdesk: Helpdesk) -> None:
    said = helpdesk.utterance("ana", f"{OTHER} oldquestion", thread="1.0", message="m-1")
    helpdesk.desk.intake.receive(said)
    helpdesk.deliver()
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.click("eva", claim, conversation=ROOM)
    helpdesk.writes("eva", "oldreply", "HELP-1001")
    helpdesk.deletes(said)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, inputs={"note": "oldnote"}, conversation=ROOM)
    assert "oldreply" in words(helpdesk)
    helpdesk.clock.move(days=DAYS + 1)
    sweep(helpdesk, Days(texts=DAYS))
    assert [word for word in ("oldquestion", "oldreply", "oldnote") if word in words(helpdesk)] == []


def test_what_one_person_was_shown_at_the_rooms_top_level_goes_with_the_words(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.claimed("ana", text=f"{UNKNOWN} oldquestion", thread="1.0")
    resolve = helpdesk.button(helpdesk.card(ticket), "resolve")
    helpdesk.click("eva", resolve, inputs={"note": "oldnote"}, conversation=ROOM)
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "draft"), conversation=ROOM)
    shown = [post.reply for post in helpdesk.screen.values() if post.private_to is not None]
    assert any("oldquestion" in str(one) for one in shown)
    helpdesk.clock.move(days=DAYS + 1)
    sweep(helpdesk, Days(texts=DAYS))
    assert [word for word in ("oldquestion", "oldnote") if word in words(helpdesk)] == []


def test_what_one_person_was_shown_of_no_ticket_goes_by_its_own_age(helpdesk: Helpdesk) -> None:
    for age in ("oldword", "newword"):
        with helpdesk.begin() as work:
            place = work.conversations.open(replace(ROOM, space="Chelp", thread="5.0"))
            said = Reply((Line(age),), summary=age)
            work.outbox.say(place, said, helpdesk.clock(), private_to=Identity("slack", "T1", "ana"))
        helpdesk.deliver()
        helpdesk.clock.move(days=DAYS / 2 + 1)
    sweep(helpdesk, Days(texts=DAYS))
    assert [word for word in ("oldword", "newword") if word in words(helpdesk)] == ["newword"]


def test_what_waits_to_be_posted_stays(helpdesk: Helpdesk) -> None:
    resolved(helpdesk, "an oldnote")
    helpdesk.clock.move(days=DAYS + 1)
    with helpdesk.begin() as work:
        place = work.conversations.open(ROOM)
        said = Reply((Line("stillwaiting"),), summary="x")
        work.outbox.say(place, said, helpdesk.clock() - timedelta(days=DAYS + 1), ticket_id=1)
    sweep(helpdesk, Days(texts=DAYS))
    assert [word for word in ("oldnote", "stillwaiting") if word in words(helpdesk)] == ["stillwaiting"]


def test_the_question_of_an_outage_goes_once_the_outage_is_over(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.say("ana", f"{UNKNOWN} oldquestion", thread="1.0").ticket
    begin(helpdesk, str(ticket), title="Quibbletrons outage")
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "claim"), conversation=ROOM)
    resolve = helpdesk.button(helpdesk.card(ticket), "resolve")
    helpdesk.click("eva", resolve, inputs={"note": "oldnote"}, conversation=ROOM)
    helpdesk.clock.move(days=DAYS + 1)
    sweep(helpdesk, Days(texts=DAYS))
    assert "oldquestion" in words(helpdesk), "while it lasts, like questions are told of it"
    ended(helpdesk)
    while helpdesk.desk.outages.close_next_batch():
        pass
    helpdesk.clock.move(days=DAYS + 1)
    sweep(helpdesk, Days(texts=DAYS))
    assert "oldquestion" not in words(helpdesk)
    assert "Quibbletrons" in words(helpdesk)


def test_of_an_answer_that_was_given_anew_no_earlier_words_stay(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.claimed("ana", thread="1.0")
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "ask_details"), conversation=ROOM)
    details = helpdesk.button(helpdesk.last("ana"), "details")
    for answer in ("firstanswer", "secondanswer"):
        send(helpdesk, "ana", form_of(helpdesk.click("ana", details)), ask0=answer)
    with helpdesk.database.transaction(reading=True) as db:
        kept = db.execute(select(texts.c.body).where(texts.c.body.in_(["firstanswer", "secondanswer"])))
        assert kept.scalars().all() == ["secondanswer"]


def test_a_comment_that_comes_when_all_was_given_up_goes_at_the_next_look(helpdesk: Helpdesk) -> None:
    old_and_new(helpdesk)
    sweep(helpdesk, Days(texts=DAYS))
    with helpdesk.begin() as work:
        comment = work.texts.add("latecomment")
    with helpdesk.database.transaction() as db:
        rated = ratings.update().where(ratings.c.ticket_id == 1)
        assert db.execute(rated.values(mark=5, comment_id=comment)).rowcount == 1
    sweep(helpdesk, Days(texts=DAYS))
    assert "latecomment" not in words(helpdesk)
    assert "newnote" in words(helpdesk)


def test_a_history_no_longer_says_who_it_was(helpdesk: Helpdesk) -> None:
    old_and_new(helpdesk)
    before = counts(helpdesk)
    sweep(helpdesk, Days(events=DAYS))
    with helpdesk.database.transaction(reading=True) as db:
        rows = db.execute(select(ticket_events).order_by(ticket_events.c.id)).all()
    assert {row.actor_id for row in rows if row.ticket_id == 1} == {None}
    assert [row.kind for row in rows if row.ticket_id == 1] == ["opened", "claimed", "resolved"]
    assert None not in {row.actor_id for row in rows if row.ticket_id != 1}
    assert counts(helpdesk) == before


def test_a_ticket_becomes_nobodys(helpdesk: Helpdesk) -> None:
    old_and_new(helpdesk)
    before = counts(helpdesk)
    for _ in range(2):
        sweep(helpdesk, Days(tickets=DAYS))
    with helpdesk.begin() as work:
        first, second, third = (work.tickets.get(number) for number in (1, 2, 3))
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.requester.name, first.assignee, first.status) == ("[…]", None, "resolved")
    assert (second.requester.name, third.requester.name) == ("Tom", "Carmen")
    assert counts(helpdesk) == before
    with helpdesk.database.transaction(reading=True) as db:
        assert db.execute(select(func.count()).where(people.c.name == "[…]")).scalar_one() == 1


def test_what_was_given_up_is_noted_by_the_day(helpdesk: Helpdesk) -> None:
    add_history(helpdesk.database, 200)
    assert sweep(helpdesk, Days(DAYS, DAYS, DAYS)) > 6, "lot by lot"
    with helpdesk.database.transaction(reading=True) as db:
        rows = db.execute(select(privacy_log).where(privacy_log.c.person_id.is_(None))).all()
        assert db.execute(select(func.count()).where(tickets.c.assignee_id.is_not(None))).scalar_one() == 0
    assert [(row.kind, row.counts) for row in rows] == [
        ("retention", {"texts": 400, "events": 600, "tickets": 200})
    ]
    assert sweep(helpdesk, Days(DAYS, DAYS, DAYS)) == 5, "nothing is given up twice"


async def no_thread(act: Callable[..., Any], *values: Any) -> Any:
    """Do it here and now."""
    return act(*values)


def test_a_server_gives_up_posts_and_goes_on_with_erasures(helpdesk: Helpdesk) -> None:
    old_and_new(helpdesk)
    erasure = Erasure(helpdesk.database, helpdesk.clock)
    [number] = erasure.begin(1, "operator")
    worker = RetentionWorker(helpdesk.database, no_thread, helpdesk.clock, Settings(keep_posts_days=DAYS))
    while worker.look_at_posts():
        pass
    while worker.go_on_erasing():
        pass
    assert erasure.unfinished() == (number,), "what is to be deleted in chat is on its way"
    helpdesk.clock.move(minutes=1)
    helpdesk.deliver()
    while worker.go_on_erasing():
        pass
    assert erasure.unfinished() == ()
    with helpdesk.database.transaction(reading=True) as db:
        noted = {row.kind: row.counts for row in db.execute(select(privacy_log))}
    assert noted["retention"]["posts"] > 0
    assert noted["erase"]["tickets"] == 1


@pytest.mark.parametrize("name", ["posts", "texts", "events", "tickets"])
def test_days_are_thirty_at_least(name: str) -> None:
    with pytest.raises(ValueError, match="30 days"):
        Settings(**{f"keep_{name}_days": 29})  # type: ignore[arg-type]
    assert Settings(**{f"keep_{name}_days": 0})  # type: ignore[arg-type]
