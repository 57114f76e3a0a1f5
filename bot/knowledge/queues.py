"""Reads the queues from their YAML file, and waits for its changes."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.domain.knowledge.content import Draft, Intent, Problem
from bot.domain.tickets.business_hours import WHOLE_DAY, Hours
from bot.domain.tickets.queues import SINGLE_QUEUE, Queue, Queues, Target
from bot.domain.tickets.ticket import Priority
from bot.knowledge import times
from bot.knowledge.files.text_files import Stamp, as_text, read_bytes, shown, stamp_of
from bot.knowledge.intents import LANGUAGES, PRIORITIES
from bot.knowledge.rota import read_engineers, read_rota
from bot.knowledge.yaml_reading import Page, Value, parse, suggestion

LARGEST = 1_000_000  # bytes
SLIP = 0.8  # how alike two names are where one is a slip: “hardware” and “software” are not
POLL = 0.5  # seconds between looks at the file
KEYS = (
    "title",
    "rooms",
    "engineers",
    "workspaces",
    "zone",
    "hours",
    "holidays",
    "dates",
    "targets",
    "remind_before",
    "unclaimed_after",
    "silent_after",
    "release_after",
    "close_after",
    "summary",
    "rota",
)
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_WORKSPACE = re.compile(r"(?:slack:[TE][A-Z0-9]+|teams:[0-9a-z-]+)")
# Takes a channel and the name of a room in it; returns what is wrong with the name, or None.
FaultInRoom = Callable[[str, str], str | None]


class QueueFile:
    """Reads the queues; mistakes become problems, never an exception."""

    def __init__(self, path: Path, fault_in_room: FaultInRoom) -> None:
        self._path = path
        self._fault_in_room = fault_in_room
        self._loaded_stamp: Stamp = ()

    def load(self, intents: Sequence[Draft[Intent]]) -> tuple[Queues, list[Problem]]:
        """The queues and what is wrong with them; what is wrong with the queues that intents name is too."""
        # Before reading, so that an edit in between counts as a change.
        self._loaded_stamp = stamp_of(self._path)
        page = Page(shown(self._path))
        text = self._text(page)
        found = read_queues(page, text, self._fault_in_room) if text is not None else None
        return found or SINGLE_QUEUE, [*page.problems, *_unknown_queues(intents, found or SINGLE_QUEUE)]

    async def changes(self) -> None:
        """Return when the file has changed, come or gone since the last load."""
        while await asyncio.to_thread(stamp_of, self._path) == self._loaded_stamp:  # noqa: ASYNC110  # a disk tells nothing
            await asyncio.sleep(POLL)

    def _text(self, page: Page) -> str | None:
        line = 1
        data, fault = read_bytes(self._path, LARGEST, missing="make it or correct FIRSTLINE_QUEUES")
        if not fault:
            text, line, fault = as_text(data)
        if not fault:
            return text
        page.error(line, fault)
        return None


def read_queues(page: Page, text: str, fault_in_room: FaultInRoom) -> Queues | None:
    """Parse the file; None when nothing of it can be used. Problems are noted on the page."""
    parsed = parse(page, text)
    if parsed is None:
        return None
    values = parsed.known(("default", "queues"))
    if "queues" not in values or not values["queues"].is_mapping:
        page.error(parsed.line, "there are no queues; add 'queues:' with the id of each below it")
        return None
    found: dict[str, Queue] = {}
    for name, line, value in values["queues"].pairs():
        if not _ID.fullmatch(name):
            page.error(line, f"'{name}' is no id of a queue; use small letters, digits, '-' and '_'")
        elif not value.is_mapping and not value.empty:
            page.error(line, f"the queue '{name}' must have keys, each as 'key: value'")
        else:
            found[name] = _queue(name, value, fault_in_room)
    default = values["default"].text("default") if "default" in values else next(iter(found), None)
    if default is not None and default not in found:
        page.error(values["default"].line, f"there is no queue '{default}'{suggestion(default, found)}")
    elif default is not None and found[default].workspaces:
        page.error(
            parsed.line,
            f"the default queue '{default}' takes the tickets of every workspace that no queue names; take "
            "its 'workspaces' away, or name another one as 'default:'",
        )
    return Queues(found, default) if default in found else None


def _queue(name: str, value: Value, fault_in_room: FaultInRoom) -> Queue:
    values = value.known(KEYS)
    get = values.get
    zone = times.time_zone(get("zone"), "zone") or ZoneInfo("UTC")
    silent = times.duration(get("silent_after"), "silent_after")
    if silent is None and "release_after" in values:
        line = values["release_after"].line
        value.page.error(line, "release_after needs silent_after: it counts from when the assignee was asked")
    if "zone" not in values and any(key in values for key in ("hours", "summary", "rota")):
        value.page.warn(value.line, f"the queue '{name}' names no zone, so its times are in UTC; add 'zone:'")
    return Queue(
        id=name,
        title=_titles(get("title")),
        rooms=_rooms(get("rooms"), fault_in_room),
        engineers=read_engineers(get("engineers"), "engineers"),
        workspaces=_workspaces(get("workspaces")),
        hours=Hours(
            zone,
            times.weekly_hours(get("hours")) or (WHOLE_DAY,) * 7,
            times.special_hours(get("dates")),
            times.holidays(get("holidays")) or Hours.is_holiday,
        ),
        targets=_targets(get("targets")),
        remind_before=times.duration_or_share(get("remind_before"), "remind_before"),
        unclaimed_after=times.duration(get("unclaimed_after"), "unclaimed_after"),
        silent_after=silent,
        release_after=times.duration(get("release_after"), "release_after"),
        close_after=times.calendar_days(get("close_after"), "close_after"),
        summary=times.time_of_day(get("summary"), "summary"),
        rota=read_rota(get("rota")),
        has_hours="hours" in values,
    )


def _workspaces(value: Value | None) -> frozenset[str]:
    found = set()
    for line, text in value.items("workspaces") if value is not None else ():
        if not _WORKSPACE.fullmatch(text):
            assert value is not None  # noqa: S101  # it has items
            value.page.error(line, f"'{text}' is no workspace; write slack:T0123456789 or teams:tenant-id")
        found.add(text)
    return frozenset(found)


def _titles(value: Value | None) -> Mapping[str, str]:
    if value is None:
        return {}
    if not value.is_mapping:
        text = value.text("title")
        return dict.fromkeys(LANGUAGES, text) if text else {}
    found = {key: entry.text(f"title in {key}") for key, entry in value.known(LANGUAGES).items()}
    return {key: text for key, text in found.items() if text}


def _rooms(value: Value | None, fault_in_room: FaultInRoom) -> Mapping[str, str]:
    if value is None:
        return {}
    if not value.is_mapping:
        value.page.error(value.line, "rooms must name their channels, such as 'slack: C0123456789'")
        return {}
    found: dict[str, str] = {}
    for channel, line, entry in value.pairs():
        room = entry.text(f"the room in {channel}")
        if room is None:
            continue
        fault = fault_in_room(channel, room)
        if fault is not None:
            value.page.error(line, fault)
        found[channel] = room
    return found


def _targets(value: Value | None) -> Mapping[Priority, Target]:
    if value is None:
        return {}
    if not value.is_mapping:
        value.page.error(value.line, "targets must name priorities, such as 'urgent: {resolution: 4h}'")
        return {}
    found = {}
    for priority, entry in value.known(PRIORITIES).items():
        if not entry.is_mapping:
            entry.page.error(
                entry.line, f"the target of {priority} must say first_response, resolution or both"
            )
            continue
        own = entry.known(("first_response", "resolution"))
        first = times.duration(own.get("first_response"), "first_response")
        resolution = times.duration(own.get("resolution"), "resolution")
        if first is not None and resolution is not None and first > resolution:
            entry.page.error(
                entry.line, f"the first response of {priority} is due after the resolution; exchange them"
            )
        found[Priority.parse(priority)] = Target(first, resolution)
    return found


def _unknown_queues(intents: Sequence[Draft[Intent]], queues: Queues) -> Iterator[Problem]:
    """What is wrong with the queues of intents: a slip in a name, or one that only other desks have."""
    unknown: dict[str, list[Draft[Intent]]] = {}
    for draft in intents if queues.configured else ():
        if draft.value.queue is not None and draft.value.queue not in queues.by_id:
            unknown.setdefault(draft.value.queue, []).append(draft)
    for name, drafts in unknown.items():
        if get_close_matches(name, queues.by_id, n=1, cutoff=SLIP):
            message = f"there is no queue '{name}'{suggestion(name, queues.by_id)}"
            yield from (Problem(draft.file, draft.line("queue"), message) for draft in drafts)
            continue
        message = (
            f"there is no queue '{name}', so tickets go to '{queues.default}' (intents: {len(drafts)}); "
            "add the queue or name another"
        )
        yield Problem(drafts[0].file, drafts[0].line("queue"), message, error=False)
