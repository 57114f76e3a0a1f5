"""Who waits for whom in PostgreSQL: a row that only names a ticket or a conversation keeps nobody waiting."""

from collections.abc import Callable

import pytest

from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.tickets.relay import RelayedMessage, Visibility
from bot.storage import connect
from bot.storage.unit_of_work import units_of_work
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import UNKNOWN

Hold = Callable[[UnitOfWork, Helpdesk], tuple[object, ...]]


def a_card(work: UnitOfWork, _desk: Helpdesk) -> tuple[object, ...]:
    cards = work.tickets.cards(1)
    work.conversations.lock(cards)
    return cards


def a_merge(work: UnitOfWork, _desk: Helpdesk) -> tuple[object, ...]:
    return work.assignments.lock(1)


def a_look(work: UnitOfWork, desk: Helpdesk) -> tuple[object, ...]:
    return work.schedule.lock_due(desk.clock(), 1)


@pytest.mark.postgresql
@pytest.mark.parametrize("hold", [a_card, a_merge, a_look])
def test_what_somebody_names_may_be_held(helpdesk: Helpdesk, hold: Hold) -> None:
    """Two who wrote under one card each named it before they held it: neither may wait for the other."""
    if helpdesk.database.sqlite:
        pytest.skip("there, whoever writes is alone")
    helpdesk.say("ana", UNKNOWN)
    now = helpdesk.clock()
    with helpdesk.begin() as work:
        work.schedule.set_next_check(1, now)
    url = helpdesk.database.engine.url.update_query_dict({"options": "-clock_timeout=2s"})
    impatient = connect(url.render_as_string(hide_password=False))
    try:
        with helpdesk.begin() as writer, units_of_work(impatient)() as other:
            ticket = writer.tickets.get(1)
            assert ticket is not None
            [card] = writer.tickets.cards(1)
            text_id = writer.texts.add("which colour?")
            relay = RelayedMessage(0, 1, card, "1.1", ticket.requester.id, Visibility.ROOM, text_id, now)
            assert writer.relays.settle(relay) is not None
            writer.tickets.record(TicketEvent(1, now, "said", ticket.requester, "slack"))
            assert len(hold(other, helpdesk)) == 1
    finally:
        impatient.close()
