"""The alerts of Splunk: nobody says when they are over, but time and a second search."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.alerts import splunk
from bot.domain.tickets.outage import Alert, AlertState
from tests.support.clock import START, Clock
from tests.support.fakes.alerts import SECRET, Door, path_for, received, recorded, settings_for

KEY = "Mail queue does not empty"


@pytest.fixture
async def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    async with received(splunk, clock, monkeypatch) as made:
        yield made


async def test_a_saved_search_is_one_alert_that_ends_by_time(door: Door) -> None:
    await door.post(recorded("splunk", "began"))
    url = recorded("splunk", "began")["results_link"]
    expected = Alert(KEY, KEY, AlertState.BEGAN, START, url, "", START + timedelta(minutes=60))
    assert door.taken == [("Splunk", expected)]
    door.clock.move(minutes=5)
    await door.post(recorded("splunk", "again"))
    assert [alert.key for alert in door.alerts] == [KEY, KEY]
    assert door.alerts[1].until == START + timedelta(minutes=65)


async def test_a_second_search_ends_the_alert_that_it_names(door: Door) -> None:
    await door.post(recorded("splunk", "ended"))
    (alert,) = door.alerts
    assert (alert.key, alert.state, alert.until) == (KEY, AlertState.ENDED, None)


async def test_a_search_without_a_name_is_known_by_its_job(door: Door) -> None:
    await door.post(recorded("splunk", "unnamed"))
    (alert,) = door.alerts
    assert alert.key == alert.title == "admin__admin__search__search1_at_1772442000_3"


async def test_the_secret_in_the_path_is_the_only_one_that_splunk_can_send(door: Door) -> None:
    assert path_for("splunk").endswith(SECRET)
    assert (await door.post(recorded("splunk", "began")))[0] == 200
    assert (await door.post(recorded("splunk", "began"), path="/alerts/splunk"))[0] == 401


async def test_the_time_is_a_setting(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = {"FIRSTLINE_SPLUNK_MINUTES": "15"}
    async with received(splunk, clock, monkeypatch, **settings_for(splunk), **minutes) as door:
        await door.post(recorded("splunk", "began"))
        assert door.alerts[0].until == START + timedelta(minutes=15)
