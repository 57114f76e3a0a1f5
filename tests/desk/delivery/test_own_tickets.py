"""The list of somebody's own tickets: in their words, with how each stands, and nobody else's."""

from bot.domain.people import Identity
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.outcomes import press
from tests.support.unknown import UNKNOWN


def test_own_tickets_are_listed_with_what_they_are_about_and_how_they_stand(helpdesk: Helpdesk) -> None:
    helpdesk.say("a1", "my chair squeaks and needs a new wheel")
    helpdesk.clock.move(seconds=600)
    helpdesk.say("a1", UNKNOWN)
    press(helpdesk, "a1", "cancel")
    helpdesk.say("a2", UNKNOWN)
    lists = helpdesk.desk.own_tickets
    first, second = lists.of(Identity("slack", "T1", "a1"), "en")
    assert (first.subject, first.ticket.live) == ("my chair squeaks and needs a new wheel", True)
    assert first.state == "waiting for an engineer · 10 minutes ago"
    assert not second.ticket.live
    assert lists.of(Identity("slack", "T1", "a1"), "es")[0].state.startswith("esperando al equipo técnico")
    assert lists.of(Identity("slack", "T1", "nobody"), "en") == ()
