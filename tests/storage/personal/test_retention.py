"""Posts that were sent long ago are given up, but for those that can still be changed."""

from sqlalchemy import func, select

from bot.domain.conversations.messages import Line, Reply
from bot.server.workers.retention import Retention
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import texts
from tests.support.days.history import add_history
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.unknown import UNKNOWN

DAYS = 90


def statuses(helpdesk: Helpdesk) -> dict[int, str]:
    with helpdesk.database.transaction(reading=True) as connection:
        return {row.id: row.status for row in connection.execute(select(outbox.c.id, outbox.c.status))}


def sweep(helpdesk: Helpdesk, lot: int = 500) -> int:
    """Look through all posts; how many were given up."""
    retention, given_up = Retention(helpdesk.begin, helpdesk.clock, DAYS), 0
    while True:
        looked = retention.look(lot)
        given_up += looked.given_up
        if not looked.more:
            return given_up


def post(helpdesk: Helpdesk, text: str) -> int:
    """Something that is posted and named by nothing."""
    with helpdesk.begin() as work:
        place = work.conversations.open(helpdesk.direct("ana", thread="1.0"))
        return work.outbox.say(place, Reply((Line(text),), summary=text), helpdesk.clock())


def test_what_was_sent_goes_with_its_words_when_its_days_are_over(helpdesk: Helpdesk) -> None:
    number = post(helpdesk, "all is well")
    with helpdesk.begin() as work:
        work.outbox.revise(number, Reply((Line("all is very well"),)), helpdesk.clock())
    helpdesk.deliver()
    helpdesk.clock.move(days=DAYS - 1)
    newer = post(helpdesk, "still well")
    helpdesk.deliver()
    assert sweep(helpdesk) == 0
    helpdesk.clock.move(days=2)
    assert sweep(helpdesk) == 2, "the post and its change"
    assert list(statuses(helpdesk)) == [newer]
    with helpdesk.database.transaction(reading=True) as connection:
        bodies = connection.scalars(select(texts.c.body).order_by(texts.c.id)).all()
    assert bodies[0] == ""
    assert "still well" in bodies[1]


def test_what_waits_or_was_given_up_by_its_platform_stays(helpdesk: Helpdesk) -> None:
    waiting = post(helpdesk, "it waits")
    helpdesk.clock.move(days=DAYS + 1)
    assert sweep(helpdesk) == 0
    assert statuses(helpdesk) == {waiting: "waiting"}


def test_what_can_still_be_changed_stays_and_goes_on_working(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password", thread="1.0")
    ticket = helpdesk.claimed("bob")
    said = helpdesk.writes("eva", "which colour?", ticket)
    before = len(statuses(helpdesk))
    helpdesk.clock.move(days=DAYS + 1)
    assert 0 < sweep(helpdesk) < before
    assert sweep(helpdesk) == 0
    helpdesk.edits(said, "what colour?")
    assert "what colour?" in helpdesk.texts_in("Dbob")[-1]
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "solved"))
    resolve = helpdesk.button(helpdesk.card(ticket), "resolve")
    helpdesk.click("eva", resolve, inputs={"note": "done"}, conversation=ROOM)
    assert "resolved" in helpdesk.texts_in("Dbob")[-1]


def test_a_long_history_is_looked_through_lot_by_lot(helpdesk: Helpdesk) -> None:
    add_history(helpdesk.database, 300)
    with helpdesk.database.transaction(reading=True) as connection:
        before = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
    assert sweep(helpdesk, lot=100) > before / 2
    helpdesk.say("ana", UNKNOWN)
    assert helpdesk.desk.page_view.live(ROOM)
    assert sweep(helpdesk) == 0
