"""Alerts of monitoring systems: told in the room, and an outage may begin and end with them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Reply
from bot.domain.tickets.outage import Alert, AlertState
from bot.domain.tickets.ticket import Status, Ticket
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.card_menu import sent
from tests.support.desk.engineers import ENGINEERS
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outages import TITLE, begin, outage, sign
from tests.support.desk.outcomes import notice
from tests.support.desk.places import pressed_newest
from tests.support.desk.records import ticket
from tests.support.unknown import UNKNOWN


def alert(clock: Clock, state: AlertState, key: str = "vpn-1", **later: float) -> Alert:
    at = clock() + timedelta(**later)
    return Alert(key, "VPN gateway unreachable", state, at, "https://status.example.com/1")


@pytest.fixture
def alerted(desk: Helpdesk) -> Callable[[Alert], bool]:
    def take(one: Alert) -> bool:
        changed = desk.desk.alerts.alerted("Splunk", one)
        desk.deliver()
        return bool(changed)

    return take


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://status.example.com/issue?id=4111111111111111", True),
        ("https://status.example.com/incidents/5500000000000004", True),
        ("https://splunk.example/search?sid=1&state=3f2504e0-4f89-11d3-9a0c-0305e82c3301", True),
        ("https://status.example.com/1?token=q8Zr4Lw2Xc7V", False),
        ("https://ana:q8Zr4Lw2Xc7V@status.example.com/1", False),
        ("https://hooks.slack.com/services/T0/B0/q8Zr4Lw2Xc7Vq8Zr4Lw2Xc7V", False),
    ],
)
def test_a_link_is_kept_unless_it_lets_somebody_in(
    desk: Helpdesk, clock: Clock, url: str, kept: bool
) -> None:
    assert desk.desk.alerts.alerted("Splunk", replace(alert(clock, AlertState.BEGAN), url=url))
    desk.deliver()
    assert (url in repr(sign(desk, "alert from splunk"))) is kept


def test_an_alert_is_told_in_the_room_and_begins_an_outage_by_a_press(
    desk: Helpdesk, clock: Clock, alerted: Callable[[Alert], bool]
) -> None:
    assert alerted(alert(clock, AlertState.BEGAN))
    assert not alerted(alert(clock, AlertState.BEGAN))
    posted = sign(desk, "alert from splunk")
    assert buttons_of(posted) == ["outage_start"]
    form = desk.click("eva", posted.buttons[0], conversation=ROOM)
    assert form.card is not None
    assert form.card.fields[0].initial == "VPN gateway unreachable"
    sent(desk, "eva", form.card.buttons[0], title="The VPN does not connect")
    assert buttons_of(sign(desk, "alert from splunk")) == []
    assert "already" in notice(sent(desk, "eric", form.card.buttons[0], title="The VPN is down"))
    assert buttons_of(sign(desk, "known outage")) == ["outage_end", "outage_edit"]

    clock.move(minutes=5)
    assert alerted(alert(clock, AlertState.ENDED))
    assert not alerted(alert(clock, AlertState.ENDED))
    assert not outage(desk).live
    assert "Splunk says that the alert is over" in text_of(desk.in_space("CROOM")[-1])


def test_an_alert_that_ends_by_itself_is_told(
    desk: Helpdesk, clock: Clock, alerted: Callable[[Alert], bool]
) -> None:
    assert not alerted(alert(clock, AlertState.ENDED, minutes=-2))
    alerted(alert(clock, AlertState.BEGAN))
    assert not alerted(alert(clock, AlertState.ENDED, minutes=-1))  # overtaken on its way
    start = sign(desk, "alert from splunk").buttons[0]
    alerted(alert(clock, AlertState.ENDED, minutes=1))
    assert buttons_of(sign(desk, "alert from splunk")) == []
    assert "already over" in notice(desk.click("eva", start, conversation=ROOM))
    assert not alerted(alert(clock, AlertState.BEGAN))
    assert alerted(alert(clock, AlertState.BEGAN, minutes=2))


def test_with_the_setting_an_alert_begins_an_outage_at_once(
    database: Database, library: Library, clock: Clock
) -> None:
    desk = Helpdesk(database, library, clock, engineers=ENGINEERS, start_outages=True)
    desk.desk.alerts.alerted("Splunk", alert(clock, AlertState.BEGAN))
    desk.deliver()
    assert "Started by: an alert" in text_of(sign(desk, "known outage"))
    assert "Employees have been told." in text_of(sign(desk, "alert from splunk"))
    desk.say("ana", "vpn gateway is unreachable")
    pressed_newest(desk, "ana", "joined")
    desk.desk.alerts.alerted("Splunk", alert(clock, AlertState.ENDED, minutes=1))
    desk.deliver()
    assert "is over" in text_of(desk.last("ana"))
    now: Ticket = ticket(desk)
    assert (now.status, now.assignee) == (Status.RESOLVED, None)
    assert "resolved" in text_of(last_of_mine(desk))


def last_of_mine(desk: Helpdesk) -> Reply:
    desk.say("ana", "my tickets")
    return desk.last("ana")


def test_what_lasts_stands_on_the_page(
    desk: Helpdesk, clock: Clock, alerted: Callable[[Alert], bool]
) -> None:
    alerted(alert(clock, AlertState.BEGAN))
    desk.say("ana", UNKNOWN)
    begin(desk)
    shown = desk.desk.page_view.outages("es")
    assert [reply.summary for reply in shown] == [
        f"Incidencia conocida: {TITLE}",
        "Alerta de Splunk: VPN gateway unreachable",
    ]
    assert [buttons_of(reply) for reply in shown] == [["outage_end", "outage_edit"], ["outage_start"]]
