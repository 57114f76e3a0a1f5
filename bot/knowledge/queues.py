"""Parses the queues: a YAML file."""

import re
from collections.abc import Callable, Mapping
from datetime import time
from zoneinfo import ZoneInfo

from bot.domain.people import Identity
from bot.domain.tickets.business_hours import WHOLE_DAY, Hours
from bot.domain.tickets.queues import Override, Queue, Queues, Rota, Target
from bot.domain.tickets.ticket import Priority
from bot.knowledge import times
from bot.knowledge.intents import LANGUAGES, PRIORITIES
from bot.knowledge.reading import Page, Value, parse, suggestion

KEYS = (
    "title",
    "rooms",
    "engineers",
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
# Takes a channel and the name of a room in it; returns what is wrong with the name, or None.
FaultInRoom = Callable[[str, str], str | None]


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
        engineers=_engineers(get("engineers"), "engineers"),
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
        rota=_rota(get("rota")),
    )


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


def _engineers(value: Value | None, name: str) -> tuple[Identity, ...]:
    found = []
    for line, text in value.items(name) if value is not None else ():
        if re.search(r"[\s,]", text) or not Identity.parse(text).external_id:
            assert value is not None  # noqa: S101  # it has items
            value.page.error(
                line, f"'{text}' is no engineer; write slack:team/user, teams:tenant/id or web:name"
            )
        else:
            found.append(Identity.parse(text))
    return tuple(found)


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


def _rota(value: Value | None) -> Rota | None:
    if value is None:
        return None
    if not value.is_mapping:
        value.page.error(value.line, "rota must say 'starts:' and 'turns:'")
        return None
    values = value.known(("starts", "at", "turns", "overrides"))
    at = times.time_of_day(values.get("at"), "at") or time()
    starts = times.local_datetime(values.get("starts"), "starts", at)
    turns = _engineers(values.get("turns"), "turns")
    missing = [key for key in ("starts", "turns") if key not in values]
    if missing:
        value.page.error(value.line, f"the rota has no {' and no '.join(missing)}; add it")
    if starts is None or not turns:
        return None
    entries = values["overrides"].entries("overrides") if "overrides" in values else ()
    overrides = [_override(entry, at) for entry in entries]
    return Rota(starts, turns, tuple(entry for entry in overrides if entry is not None))


def _override(value: Value, at: time) -> Override | None:
    values = value.known(("from", "to", "engineer")) if value.is_mapping else {}
    missing = [key for key in ("from", "to", "engineer") if key not in values]
    if missing:
        value.page.error(value.line, f"an override has no {', no '.join(missing)}; add it")
        return None
    start = times.local_datetime(values["from"], "from", at)
    end = times.local_datetime(values["to"], "to", at)
    engineers = _engineers(values["engineer"], "engineer")
    if start is None or end is None or len(engineers) != 1:
        return None
    if end <= start:
        value.page.error(values["to"].line, "an override ends before it begins; correct 'from' or 'to'")
        return None
    return Override(start, end, engineers[0])
