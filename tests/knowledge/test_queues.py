"""The queues' file: what it means, and what is told of every mistake."""

import asyncio
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.domain.knowledge.content import Content
from bot.domain.people import Identity
from bot.domain.tickets.business_hours import WHOLE_DAY, Span
from bot.domain.tickets.queues import Target
from bot.domain.tickets.rota import Override, Rota
from bot.domain.tickets.ticket import Priority
from bot.knowledge.collection import Collection
from bot.knowledge.files.source import FileSource
from bot.knowledge.queues import QueueFile
from bot.server.plugins import fault_in_room
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

TODAY = date(2026, 11, 22)
wall = datetime.fromisoformat  # a time on the wall's clock has no zone
FULL = """\
default: it
queues:
  net:
    title: {en: Network, es: Redes}
    rooms: {slack: C0NETWORK, teams: "19:net@thread.tacv2", web: true}
    engineers: [slack:T1/UEVA, "teams:tenant/tina"]
    workspaces: [slack:T1, teams:a-tenant]
    zone: Europe/Madrid
    hours:
      mon-thu: 09:00-14:00, 16:00-19:00
      fri: [08:00-15:00]
      sat: 22:00-06:00
    holidays: {country: ES, region: MD}
    dates:
      2026-12-24: 09:00-13:00
      2026-12-31: closed
    targets:
      urgent: {first_response: 15m, resolution: 4h}
      normal: {resolution: 20h 30m}
    remind_before: 25%
    unclaimed_after: 30m
    silent_after: 8h
    release_after: 1h
    close_after: 7d
    summary: 08:30
    rota:
      starts: 2026-11-23
      at: 09:00
      turns: [slack:T1/UEVA, teams:tenant/tina]
      overrides:
        - {from: 2026-12-24, to: 2026-12-28 08:00, engineer: web:maya}
  it:
"""


def load(folder: Path, text: str, intent: str = "") -> Content:
    (folder / "kb").mkdir()
    (folder / "intents").mkdir()
    (folder / "kb" / "a.md").write_text("---\ntitle: A\n---\nDo this.\n")
    if intent:
        (folder / "intents" / "i.yaml").write_text(intent)
    (folder / "queues.yaml").write_text(text)
    return collection(folder).load()


def collection(folder: Path) -> Collection:
    files = FileSource(folder / "kb", folder / "intents", today=lambda: TODAY)
    return Collection([files], queues=QueueFile(folder / "queues.yaml", fault_in_room))


def test_everything_that_a_queue_may_say(tmp_path: Path) -> None:
    content = load(tmp_path, FULL)
    assert content.problems == ()
    queues = content.queues
    net = queues.by_id["net"]
    office = (Span(540, 840), Span(960, 1140))
    assert (queues.default, [queue.id for queue in queues]) == ("it", ["net", "it"])
    assert (net.title_in("es"), net.title_in("de"), queues.of("gone").title_in("en")) == (
        "Redes",
        "Network",
        "it",
    )
    assert net.rooms == {"slack": "C0NETWORK", "teams": "19:net@thread.tacv2", "web": "true"}
    assert net.engineers == (Identity("slack", "T1", "UEVA"), Identity("teams", "tenant", "tina"))
    assert net.workspaces == {"slack:T1", "teams:a-tenant"}
    assert net.hours.zone == ZoneInfo("Europe/Madrid")
    assert net.hours.week == (*(office,) * 4, (Span(480, 900),), (Span(1320, 1800),), ())
    assert net.hours.spans(date(2026, 12, 24)) == (Span(540, 780),)
    assert net.hours.spans(date(2026, 12, 31)) == ()
    assert net.hours.spans(date(2026, 12, 25)) == ()  # Christmas Day, a Friday
    assert net.hours.spans(date(2025, 5, 2)) == ()  # Madrid's own, a Friday
    assert net.targets == {
        Priority.URGENT: Target(timedelta(minutes=15), timedelta(hours=4)),
        Priority.NORMAL: Target(None, timedelta(hours=20, minutes=30)),
    }
    assert net.remind_before == 0.25
    assert net.unclaimed_after == timedelta(minutes=30)
    assert (net.silent_after, net.release_after) == (timedelta(hours=8), timedelta(hours=1))
    assert (net.close_after, net.summary) == (timedelta(days=7), time(8, 30))
    assert net.rota == Rota(
        wall("2026-11-23 09:00"),
        net.engineers,
        (Override(wall("2026-12-24 09:00"), wall("2026-12-28 08:00"), Identity("web", "", "maya")),),
    )
    assert queues.by_id["it"].hours.week == (WHOLE_DAY,) * 7


def test_the_first_queue_takes_what_names_none(tmp_path: Path) -> None:
    queues = load(tmp_path, "queues:\n  a:\n  b:\n").queues
    assert queues.of("").id == "a"
    assert queues.filter_for(queues.of("")).others
    assert queues.filter_for(queues.of("")).names == ("b",)
    assert queues.filter_for(queues.of("b")).names == ("b",)


Q = "queues:\n  a:\n    zone: Europe/Madrid\n    "


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: b\n", 1, "unknown key 'a'"),
        ("default: x\nqueues:\n  a:\n", 1, "there is no queue 'x'"),
        ("queues:\n  A B:\n  b:\n", 2, "no id of a queue"),
        ("queues:\n  a: text\n  b:\n", 2, "must have keys"),
        (Q + "hour: {}\n", 4, "did you mean 'hours'?"),
        (Q + "hours: 09:00-18:00\n", 4, "must say their days"),
        (Q + "hours:\n      monday: 09:00-18:00\n", 5, "is no day"),
        (Q + "hours:\n      fri-mon: 09:00-18:00\n", 5, "is no day"),
        (Q + "hours:\n      mon: 9-18\n", 5, "are no hours"),
        (Q + "hours:\n      mon: 09:00-24:30\n", 5, "are no hours"),
        (Q + "hours:\n      mon: 09:00-12:00, 11:00-13:00\n", 5, "overlap"),
        (Q + "hours:\n      mon-fri: 09:00-18:00\n      fri: 09:00-15:00\n", 6, "already has its hours"),
        (Q + "hours:\n      mon: closed\n", 5, "never open"),
        (Q + "holidays: ES\n", 4, "must name a country"),
        (Q + "holidays: {country: XX}\n", 4, "are not known"),
        (Q + "holidays: {country: ES, region: ZZ}\n", 4, "region 'ZZ'"),
        (Q + "dates:\n      24.12.: closed\n", 5, "is no date"),
        (Q + "targets:\n      hot: {resolution: 4h}\n", 5, "unknown key 'hot'"),
        (Q + "targets:\n      high: {resolution: 2d}\n", 5, "is no length of time"),
        (Q + "targets:\n      high: {first_response: 5h, resolution: 4h}\n", 5, "exchange them"),
        (Q + "targets:\n      high: 4h\n", 5, "must say first_response"),
        (Q + "remind_before: soon\n", 4, "is no length of time"),
        (Q + "unclaimed_after: 0m\n", 4, "is no length of time"),
        (Q + "release_after: 1h\n", 4, "needs silent_after"),
        (Q + "close_after: 7\n", 4, "is no number of days"),
        (Q + "summary: 8:30\n", 4, "is no time of the day"),
        (Q + "rooms: {irc: x}\n", 4, "there is no channel 'irc'"),
        (Q + "rooms: {slack: '#help'}\n", 4, "is no channel of Slack"),
        (Q + "rooms: {teams: general}\n", 4, "19:"),
        (Q + "rooms: {web: room}\n", 4, "web: true"),
        (Q + "engineers: ['a b']\n", 4, "is no engineer"),
        ("default: b\nqueues:\n  b:\n  a:\n    workspaces: [acme]\n", 5, "is no workspace"),
        (Q + "workspaces: ['slack:T1']\n", 1, "takes the tickets of every workspace that no queue names"),
        (Q + "rota: {turns: [a]}\n", 4, "has no starts"),
        (Q + "rota: {starts: soon, turns: [a]}\n", 4, "is no date"),
        (Q + "rota: {starts: 2026-11-23, turns: [a], overrides: [{from: 2026-12-24}]}\n", 4, "has no to"),
        (
            Q + "rota:\n      starts: 2026-11-23\n      turns: [a]\n      overrides:\n"
            "        - {from: 2026-12-24, to: 2026-12-20, engineer: b}\n",
            8,
            "ends before it begins",
        ),
        ("queues:\n  a:\n    zone: Madrid\n", 3, "is no time zone"),
    ],
)
def test_every_mistake_says_where_and_what_to_do(tmp_path: Path, text: str, line: int, words: str) -> None:
    problems = [problem for problem in load(tmp_path, text).problems if problem.error]
    told = [(Path(problem.file).name, problem.line) for problem in problems if words in problem.message]
    assert told == [("queues.yaml", line)], problems
    assert len(problems) <= 2


def test_a_queue_that_only_other_desks_have_is_a_warning(tmp_path: Path) -> None:
    intent = "intent: vpn\nreply: Hello\nqueue: facilities\nexamples:\n  en: [vpn]\n"
    content = load(tmp_path, "queues:\n  net:\n", intent)
    (found,) = [problem for problem in content.problems if "facilities" in problem.message]
    assert (Path(found.file).name, found.line, found.error) == ("i.yaml", 3, False)
    assert "so tickets go to 'net' (intents: 1)" in found.message
    assert content.queues.of("facilities").id == "net"


def test_a_slip_in_the_queue_of_an_intent(tmp_path: Path) -> None:
    intent = "intent: vpn\nreply: Hello\nqueue: nett\nexamples:\n  en: [vpn]\n"
    content = load(tmp_path, "queues:\n  net:\n", intent)
    found = [problem for problem in content.problems if problem.error]
    assert [(Path(problem.file).name, problem.line) for problem in found] == [("i.yaml", 3)]
    assert "did you mean 'net'?" in found[0].message


def test_times_without_a_zone_are_told(tmp_path: Path) -> None:
    content = load(tmp_path, "queues:\n  a:\n    summary: 08:30\n")
    assert ["names no zone" in problem.message for problem in content.problems] == [True]
    assert not content.problems[0].error


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    content = collection(tmp_path).load()
    assert any("queues.yaml:1: error: there is no such file" in str(one) for one in content.problems)


async def test_an_edit_of_the_queues_is_seen(tmp_path: Path) -> None:
    load(tmp_path, "queues:\n  a:\n")
    source = collection(tmp_path)
    before = source.load()
    waiting = asyncio.create_task(source.changes())
    (tmp_path / "queues.yaml").write_text("queues:\n  a:\n  b:\n")
    async with asyncio.timeout(PATIENCE):
        await waiting
    after = source.load()
    assert [queue.id for queue in after.queues] == ["a", "b"]
    assert after.hash == before.hash


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "queues.md").read_text()
    content = load(tmp_path, page.split("```yaml\n")[1].split("```")[0])
    assert content.problems == ()
    assert [queue.title_in("es") for queue in content.queues] == ["Informática", "Redes"]
