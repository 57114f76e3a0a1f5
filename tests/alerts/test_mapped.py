"""The alerts of systems that a table describes: what a table may say, and every fault of one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import mapped
from bot.alerts.mapping import AlertReader, found, moment_of, table_of
from bot.domain.tickets.outage import AlertState
from tests.support.clock import START, Clock
from tests.support.fakes.alerts import REQUESTS, SECRET, Door, received, recorded

TABLES = "FIRSTLINE_MAPPED_ALERTS_TABLES"
TOKENS = "FIRSTLINE_MAPPED_ALERTS_TOKENS"
GOOD = '[zabbix]\nkey = "id"\ntitle = "name"\nstate = "now"\nbegan = "bad"\nended = "good"\n'


@pytest.fixture
async def door(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Door]:
    async with received(mapped, clock, monkeypatch) as made:
        yield made


async def test_a_table_takes_the_place_of_code(door: Door) -> None:
    door.clock.move(minutes=20)
    for request in ("began", "ended"):
        await door.post(recorded("mapped", request), proved=False, path=f"/alerts/mapped/zabbix/{SECRET}")
    (source, began), (_, ended) = door.taken
    assert (source, began.key, began.title) == ("Zabbix", "20871", "files-1: Disk of files-1 is 95 % full")
    assert (began.severity, began.state) == ("High", AlertState.BEGAN)
    assert (ended.state, ended.at) == (AlertState.ENDED, START + timedelta(minutes=15))


def told(monkeypatch: pytest.MonkeyPatch, file: Path, tokens: str = f"zabbix:{SECRET}") -> list[str]:
    monkeypatch.setenv(TABLES, str(file))
    monkeypatch.setenv(TOKENS, tokens)
    return mapped.mistakes(mapped.Settings())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file has no table"),
        ("[zabbix", "the file is not TOML"),
        ('key = "a"\n', "'key' stands outside of a table"),
        (GOOD.replace("zabbix", "Zabbix"), "is no name for a path"),
        (GOOD.replace('key = "id"\n', ""), "in [zabbix], key is missing"),
        (GOOD.replace('title = "name"\n', ""), "in [zabbix], title is missing"),
        (GOOD.replace("title", "titel"), "titel is unknown; did you mean title?"),
        (GOOD.replace('"id"', "3"), "key is no text and no list of texts"),
        (GOOD.replace('"id"', '"a..b"'), "a step of it is empty"),
        (GOOD.replace('"name"', '"{a} {b"'), "its braces do not match"),
        (GOOD.replace('ended = "good"\n', ""), "no alert would end"),
        (GOOD.replace("good", "BAD"), "'bad' is named twice"),
        (GOOD + "minutes = 99999\n", "minutes is no whole number"),
        (GOOD + 'otherwise = "open"\n', "otherwise is neither began nor ended"),
        (GOOD + 'began_at = "at"\n', "began_at and ended_at belong together"),
        (GOOD.replace('state = "now"\n', ""), "state is missing"),
        (GOOD + "[nagios]" + GOOD.removeprefix("[zabbix]"), "[nagios] has no secret"),
    ],
)
def test_each_fault_of_a_file_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    file = tmp_path / "tables.toml"
    file.write_text(text, encoding="utf-8")
    found_faults = told(monkeypatch, file)
    assert said in " ".join(found_faults)
    assert all(fault.startswith(f"{TABLES}: ") for fault in found_faults)
    file.write_text(GOOD, encoding="utf-8")
    assert told(monkeypatch, file) == []


def test_all_faults_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tables.toml"
    file.write_text("[zabbix]\nminutes = 'x'\n[nagios]\nkey = 1\n", encoding="utf-8")
    assert len(told(monkeypatch, file, f"zabbix:short other:{SECRET} lonely")) > 6
    assert "cannot be read" in told(monkeypatch, tmp_path / "none.toml")[0]
    monkeypatch.delenv(TABLES)
    assert "_TABLES: is missing" in mapped.mistakes(mapped.Settings())[0]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("/a/b", 1),
        ("/x.y", "dotted"),
        ("/p~1q", "slash"),
        ("list.1", "two"),
        ("list.9", None),
        ("list.-1", None),
        ("a.b.c", None),
        ("list.²", None),
    ],
)
def test_a_path_leads_to_what_stands_there(path: str, value: object) -> None:
    document = {"a": {"b": 1}, "x.y": "dotted", "p/q": "slash", "list": ["one", "two"]}
    assert found(document, path) == value


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-02T09:00:00Z", START),
        ("2026-03-02T09:00:00.123456789Z", START + timedelta(microseconds=123456)),
        ("2026-03-02T09:00:00.000+0000", START),
        ("2026-03-02 11:00:00+02:00", START),
        (1772442000, START),
        ("1772442000", START),
        (1772442000000, START),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
        (True, None),
        (float("nan"), None),
        (1e300, None),
        (None, None),
    ],
)
def test_times_are_read_as_systems_write_them(written: Any, moment: datetime | None) -> None:
    assert moment_of(written) == moment


def test_a_time_of_the_future_is_now() -> None:
    reader = AlertReader(table_of({"key": "k", "title": "t", "otherwise": "began", "began_at": "at"})[0])
    ahead = b'{"k": "1", "t": "x", "at": "2026-03-02T10:00:00Z"}'
    assert reader.read(ahead, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)).alerts[0].at == START


def test_the_example_is_one_that_passes() -> None:
    assert (REQUESTS / "mapped/tables.toml").is_file()
