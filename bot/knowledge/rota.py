"""Reads the rota of a queue from its file: who is on call, week by week, with overrides."""

import re
from datetime import time

from bot.domain.people import Identity
from bot.domain.tickets.rota import Override, Rota
from bot.knowledge import times
from bot.knowledge.yaml_reading import Value


def read_engineers(value: Value | None, name: str) -> tuple[Identity, ...]:
    """Read a list of engineers, each `slack:team/user`, `teams:tenant/id` or `web:name`."""
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


def read_rota(value: Value | None) -> Rota | None:
    """Read who is on call: from when, in which order, and who stands in for whom."""
    if value is None:
        return None
    if not value.is_mapping:
        value.page.error(value.line, "rota must say 'starts:' and 'turns:'")
        return None
    values = value.known(("starts", "at", "turns", "overrides"))
    at = times.time_of_day(values.get("at"), "at") or time()
    starts = times.local_datetime(values.get("starts"), "starts", at)
    turns = read_engineers(values.get("turns"), "turns")
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
    engineers = read_engineers(values["engineer"], "engineer")
    if start is None or end is None or len(engineers) != 1:
        return None
    if end <= start:
        value.page.error(values["to"].line, "an override ends before it begins; correct 'from' or 'to'")
        return None
    return Override(start, end, engineers[0])
