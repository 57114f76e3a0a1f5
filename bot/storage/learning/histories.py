"""Reads what happened in episodes, a lot at a time, so that the cost grows with the lot alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from bot.desk.ports.feedback import AskedEpisode
from bot.domain.conversations.episode import DROPPED, OFFERED, EpisodeState
from bot.domain.conversations.outcome import RE_CONTACT, Contact, EpisodeEvent, EpisodeHistory, Step
from bot.storage.schema.accounts import joined_people
from bot.storage.schema.feedback import verdicts
from bot.storage.schema.tables import conversations, decisions, episodes, ticket_events, tickets, utterances

JOINED = "joined"  # among an episode's clicks: its ticket waits for the outage whose notice was shown
MOST_OFFERED = 3  # targets of a choice
_SHOWING = ("answer", "openticket", "chosen")
_ASKING = {"choose": Step.CHOICE, "askback": Step.QUESTION, "outage": Step.NOTICE}
_OF_TICKET = {
    "opened": Step.TICKET,
    "reopened": Step.TICKET,
    "ungrouped": Step.TICKET,  # it waits for the outage no more
    "withdrawn": Step.WITHDRAWN,
}

Events = dict[int, list[EpisodeEvent]]


def read_histories(db: Connection, ids: Sequence[int]) -> tuple[AskedEpisode, ...]:
    """Read these episodes, in this order, in nine statements."""
    if not ids:
        return ()
    rows = {row.id: row for row in db.execute(_EPISODES.where(episodes.c.id.in_(ids)))}
    happened: Events = defaultdict(list)
    queues = _read_tickets(db, rows, happened)
    _read_words(db, rows, happened)
    _read_decisions(db, rows, happened)
    _read_verdicts(db, rows, happened)
    for row in rows.values():
        happened[row.id] += _unrecorded(row, happened[row.id])
    contacts = _read_contacts(db, [row for row in rows.values() if row.tried and row.id not in queues])
    return tuple(
        AskedEpisode(
            row.id,
            EpisodeHistory(row.started_at, tuple(happened[row.id]), tuple(contacts.get(row.id, ()))),
            row.channel,
            row.language,
            queues.get(row.id, ""),
        )
        for row in (rows[number] for number in ids if number in rows)
    )


_EPISODES: Any = select(
    *(episodes.c[name] for name in ("id", "person_id", "started_at", "last_at", "state", "language")),
    *(episodes.c[name] for name in ("tried", "presses")),
    conversations.c.channel,
).join(conversations, conversations.c.id == episodes.c.conversation_id)


def _read_tickets(db: Connection, rows: dict[int, Any], happened: Events) -> dict[int, str]:
    """Read what became of tickets; return the queue of each episode's."""
    queues: dict[int, str] = {}
    query = (
        select(
            tickets.c.episode_id, tickets.c.queue, tickets.c.target, ticket_events.c.at, ticket_events.c.kind
        )
        .join(ticket_events, ticket_events.c.ticket_id == tickets.c.id)
        .where(tickets.c.episode_id.in_(rows), ticket_events.c.kind.in_(_OF_TICKET))
    )
    for row in db.execute(query):
        queues[row.episode_id] = row.queue
        step = _OF_TICKET[row.kind]
        if row.kind == "opened" and JOINED in rows[row.episode_id].presses:
            step = Step.JOINED
        happened[row.episode_id].append(EpisodeEvent(row.at, step, row.target))
    return queues


def _read_words(db: Connection, rows: dict[int, Any], happened: Events) -> None:
    query = select(utterances.c.episode_id, utterances.c.at).where(utterances.c.episode_id.in_(rows))
    for row in db.execute(query):
        happened[row.episode_id].append(EpisodeEvent(row.at, Step.WORD))


def _read_decisions(db: Connection, rows: dict[int, Any], happened: Events) -> None:
    for row in _decisions(db, rows):
        if row.kind in _ASKING:
            happened[row.episode_id].append(EpisodeEvent(row.at, _ASKING[row.kind]))
        elif row.kind in _SHOWING:
            tried = {target for target, _ in rows[row.episode_id].tried}
            shown = [target for target, _ in row.candidates if target in tried]
            if shown:  # else it was said in shadow mode alone, or a ticket took its place
                event = EpisodeEvent(row.at, Step.SHOWN, shown[0], chosen=row.kind == "chosen")
                happened[row.episode_id].append(event)


def _decisions(db: Connection, ids: Iterable[int]) -> Iterator[Any]:
    columns = (decisions.c[name] for name in ("episode_id", "at", "kind", "candidates"))
    query = select(*columns).where(decisions.c.episode_id.in_(list(ids)))
    yield from db.execute(query.order_by(decisions.c.id))


def _read_verdicts(db: Connection, rows: dict[int, Any], happened: Events) -> None:
    for row in db.execute(select(verdicts).where(verdicts.c.episode_id.in_(rows))):
        event = EpisodeEvent(row.at, Step(row.verdict), row.target, reason=row.reason)
        happened[row.episode_id].append(event)


def _unrecorded(row: Any, known: Sequence[EpisodeEvent]) -> Iterator[EpisodeEvent]:
    """Yield what the state alone says: of rows from before this was kept, too."""
    steps = {event.step for event in known}
    shown = {event.target for event in known if event.step is Step.SHOWN}
    for target, _ in row.tried:
        if target not in shown:
            yield EpisodeEvent(row.last_at, Step.SHOWN, target)
    if row.state == EpisodeState.SOLVED and Step.SOLVED not in steps and row.tried:
        yield EpisodeEvent(row.last_at, Step.SOLVED, row.tried[-1][0])
    if row.state == EpisodeState.ASKED and Step.QUESTION not in steps:
        yield EpisodeEvent(row.last_at, Step.QUESTION)
    if DROPPED in row.presses:
        yield EpisodeEvent(row.last_at, Step.DROPPED)
    if OFFERED in row.presses:
        yield EpisodeEvent(row.started_at, Step.OFFERED)


def _read_contacts(db: Connection, rows: Sequence[Any]) -> dict[int, list[Contact]]:
    """Read what else the people of these episodes asked later, with whatever account of theirs."""
    if not rows:
        return {}
    owners = _accounts(db, {row.person_id for row in rows})
    everybody = {account for accounts in owners.values() for account in accounts}
    first, last = min(row.started_at for row in rows), max(row.last_at for row in rows)
    others = db.execute(
        select(episodes.c.id, episodes.c.person_id).where(
            episodes.c.person_id.in_(everybody),
            episodes.c.last_at >= first,
            episodes.c.started_at < last + RE_CONTACT,
        )
    ).all()
    asked = _contacts_of(db, [row.id for row in others])
    of_account: dict[int, list[int]] = defaultdict(list)
    for other in others:
        of_account[other.person_id].append(other.id)
    found: dict[int, list[Contact]] = defaultdict(list)
    for row in rows:
        for account in owners[row.person_id]:
            found[row.id] += [
                one for number in of_account[account] if number != row.id for one in asked[number]
            ]
    return found


def _accounts(db: Connection, people: set[int]) -> dict[int, set[int]]:
    """Find all accounts of each of these people, their own among them."""
    mine = select(joined_people.c.joined_id).where(joined_people.c.person_id.in_(people))
    joined = db.execute(select(joined_people).where(joined_people.c.joined_id.in_(mine))).all()
    groups: dict[int, set[int]] = defaultdict(set)
    for row in joined:
        groups[row.joined_id].add(row.person_id)
    group_of = {row.person_id: row.joined_id for row in joined}
    return {one: {one} | groups.get(group_of.get(one, 0), set()) for one in people}


def _contacts_of(db: Connection, ids: Sequence[int]) -> dict[int, list[Contact]]:
    found: dict[int, list[Contact]] = defaultdict(list)
    for row in _decisions(db, ids):
        if row.kind in (*_SHOWING, "choose"):
            near = row.candidates[: MOST_OFFERED if row.kind == "choose" else 1]
            targets = frozenset(target for target, _ in near)
            found[row.episode_id].append(Contact(row.at, targets))
    opened = select(tickets.c.episode_id, tickets.c.opened_at, tickets.c.target)
    for row in db.execute(opened.where(tickets.c.episode_id.in_(ids))):
        found[row.episode_id].append(Contact(row.opened_at, frozenset((row.target,)), ticket=True))
    return found
