"""Alerts in any order, and again: one post for each, which ends when the newest word says so."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.tickets.outage import Alert, AlertState
from tests.support.clock import Clock
from tests.support.desk.card_menu import sent
from tests.support.desk.helpdesk import ROOM, Helpdesk, text_of
from tests.support.desk.outages import outage, sign

BEGAN, ENDED = AlertState.BEGAN, AlertState.ENDED
MINUTES = st.integers(0, 6)


def said(clock: Clock, state: AlertState, minute: int = 0, key: str = "k", **more: str) -> Alert:
    """A word of the system, of some minute; the clock is past all of them."""
    at = clock() + timedelta(minutes=minute - 30)
    return Alert(key, more.get("title", "VPN down"), state, at, severity=more.get("severity", ""))


def tell(desk: Helpdesk, *alerts: Alert) -> int:
    """Let the system say something, and deliver what comes of it."""
    changed = desk.desk.alerts.alerted("Splunk", *alerts)
    desk.deliver()
    return changed


def lasting(desk: Helpdesk) -> list[str]:
    """The titles of the alerts that last."""
    with desk.begin() as work:
        return [alert.title for alert in work.outages.lasting_alerts(99)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.lists(st.tuples(st.sampled_from([BEGAN, ENDED]), MINUTES), min_size=1, max_size=8),
    data=st.data(),
)
def test_in_whatever_order_the_newest_word_wins(
    desk: Helpdesk, clock: Clock, words: list[tuple[AlertState, int]], data: st.DataObject
) -> None:
    key = f"k{clock().timestamp()}"
    clock.move(hours=1)
    # One minute brings one word, as a system tells it; each may come twice.
    one = {minute: state for state, minute in words}
    sent = data.draw(st.permutations([*one.items(), *one.items()]))
    for minute, state in sent:
        desk.desk.alerts.alerted("Splunk", said(clock, state, minute, key, title=key))
    assert (key in lasting(desk)) is (one[max(one)] is BEGAN)


def test_a_new_severity_and_title_change_the_post_that_is_there(desk: Helpdesk, clock: Clock) -> None:
    tell(desk, said(clock, BEGAN, severity="warning"))
    posts = len(desk.in_space("CROOM"))
    assert "warning" in text_of(sign(desk, "alert from splunk"))
    assert tell(desk, said(clock, BEGAN, 1, title="VPN down in Bilbao", severity="critical")) == 1
    shown = text_of(sign(desk, "alert from splunk"))
    assert "VPN down in Bilbao" in shown
    assert "critical" in shown
    assert "warning" not in shown
    assert len(desk.in_space("CROOM")) == posts
    assert tell(desk, said(clock, BEGAN, title="VPN down", severity="warning")) == 0  # it was overtaken
    assert "critical" in text_of(sign(desk, "alert from splunk"))


def test_several_of_one_request_are_taken_in_together(desk: Helpdesk, clock: Clock) -> None:
    assert tell(desk, *(said(clock, BEGAN, key=key, title=key) for key in "abca")) == 3
    assert sorted(lasting(desk)) == ["a", "b", "c"]
    assert tell(desk, said(clock, ENDED, 1, "a"), said(clock, ENDED, 1, "z")) == 1
    assert sorted(lasting(desk)) == ["b", "c"]


def test_an_end_that_is_told_again_and_again_leaves_one_row(desk: Helpdesk, clock: Clock) -> None:
    for minute in range(5):
        tell(desk, said(clock, ENDED, minute))
    tell(desk, said(clock, BEGAN, 4))
    assert lasting(desk) == []
    tell(desk, said(clock, BEGAN, 5))
    with desk.begin() as work:
        assert [alert.id for alert in work.outages.lasting_alerts(9)] == [2]


# --- alerts that nobody ends ---------------------------------------------------------------------------


def lasts(clock: Clock, minutes: int = 60) -> Alert:
    """An alert that is over after some minutes without a word."""
    until = clock() + timedelta(minutes=minutes)
    return Alert("k", "Mail queue", BEGAN, clock(), until=until)


def expire(desk: Helpdesk) -> int:
    """Look for alerts whose time is up, as the worker does; how many there were."""
    count = 0
    while desk.desk.alerts.end_next_expired():
        count += 1
    desk.deliver()
    return count


def test_an_alert_of_which_nothing_more_is_said_is_over_after_its_time(desk: Helpdesk, clock: Clock) -> None:
    assert expire(desk) == 0
    tell(desk, lasts(clock))
    clock.move(minutes=59)
    assert expire(desk) == 0
    clock.move(minutes=1)
    assert expire(desk) == 1
    assert lasting(desk) == []
    assert "has said nothing more" in text_of(desk.in_space("CROOM")[-1])
    clock.move(minutes=1)
    assert expire(desk) == 0
    assert tell(desk, lasts(clock)) == 1  # it is there again: another alert
    assert lasting(desk) == ["Mail queue"]


def test_each_repeat_begins_the_time_anew_and_changes_nothing_that_is_read(
    desk: Helpdesk, clock: Clock
) -> None:
    tell(desk, lasts(clock))
    for _ in range(3):
        clock.move(minutes=40)
        assert tell(desk, lasts(clock)) == 0
        assert expire(desk) == 0
    clock.move(minutes=61)
    assert expire(desk) == 1


def test_a_second_word_that_it_is_over_comes_before_the_time(desk: Helpdesk, clock: Clock) -> None:
    tell(desk, lasts(clock))
    clock.move(minutes=10)
    assert tell(desk, Alert("k", "Mail queue", ENDED, clock())) == 1
    clock.move(minutes=60)
    assert expire(desk) == 0
    assert "says that the alert is over" in text_of(desk.in_space("CROOM")[-1])


@pytest.mark.parametrize("minutes", [29, 31])
def test_an_outage_that_it_has_begun_ends_with_it(desk: Helpdesk, clock: Clock, minutes: int) -> None:
    tell(desk, lasts(clock, 30))
    started = sign(desk, "alert from splunk").buttons[0]
    form = desk.click("eva", started, conversation=ROOM)
    assert form.card is not None
    sent(desk, "eva", form.card.buttons[0], title="Mail is slow", notice_en="We see it.")
    clock.move(minutes=minutes)
    expire(desk)
    assert outage(desk).live is (minutes < 30)
