"""Reconciles the books: what was acknowledged against what people have, once each and in order."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.chaos.books import ROOMS, Books, Sent, Shown
from bench.chaos.crowd import Said

ANSWERED = "Solved"
TOLD = "Your ticket is HELP-"
DONE = ("sent", "superseded")


@dataclass
class Findings:
    """What does not agree, a sentence each; all are empty where every promise was kept."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def count(self, times: int, what: str, *, least: int = 1) -> None:
        """Note what is there too seldom or more than once."""
        if times < least:
            self.lost.append(what)
        if times > 1:
            self.doubled.append(f"{what}: {times} times")


def reconcile(books: Books) -> Findings:
    """Compare what was asked, what is kept and what is shown."""
    found = Findings()
    places: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for shown in books.shown:
        places[shown.channel, shown.place].append(shown)
    for said in books.said:
        if said.adds_to:
            _added(said, places, found)
        else:
            _asked(said, books.tickets, places, found)
    for question, texts in _additions(books.said).items():
        _in_order(question, texts, places, found)
    _receipts(books, found)
    for sent in books.outbox:
        if sent.status not in DONE:
            found.left.append(f"post {sent.id} ({sent.kind}) is {sent.status} {sent.error}".strip())
    return found


Places = dict[tuple[str, str], list[Shown]]


def _asked(said: Said, tickets: Counter[str], places: Places, found: Findings) -> None:
    """One ticket with a card in each room, or one answer; and whoever asked was told once."""
    own = [shown.words for shown in places.get((said.platform, said.place), ())]
    if said.known:
        answers = sum(ANSWERED in words for words in own)
        found.count(answers, f"the answer in {said.place}", least=said.acknowledged)
        return
    opened = tickets[said.text]
    found.count(opened, f"the ticket of {said.place}", least=said.acknowledged)
    if opened:
        found.count(sum(TOLD in words for words in own), f"the reply in {said.place}")
        for channel, room in ROOMS.items():
            cards = [one for one in places.get((channel, room), ()) if not one.in_thread]
            times = sum(_holds(card, said.text) for card in cards)
            found.count(times, f"the card of {said.place} in {room}")


def _added(said: Said, places: Places, found: Findings) -> None:
    """What was added to a ticket stands once under its card, in each room."""
    for channel, room in ROOMS.items():
        times = sum(_holds(shown, said.text) for shown in places.get((channel, room), ()) if shown.in_thread)
        found.count(times, f"{said.text!r} of {said.place} in {room}", least=said.acknowledged)


def _additions(said: list[Said]) -> dict[str, list[str]]:
    by_question: dict[str, list[str]] = defaultdict(list)
    for one in said:
        if one.adds_to:
            by_question[one.adds_to].append(one.text)
    return by_question


def _in_order(question: str, texts: list[str], places: Places, found: Findings) -> None:
    """What somebody added stands in the order in which they wrote it."""
    for channel, room in ROOMS.items():
        shown = sorted(places.get((channel, room), ()), key=lambda one: one.order)
        seen = [text for one in shown if one.in_thread for text in texts if _holds(one, text)]
        if seen != sorted(seen, key=texts.index):
            found.out_of_order.append(f"what was added to {question!r} in {room}")


def _receipts(books: Books, found: Findings) -> None:
    """Every post that was sent is there, once, and after those that were to come before it."""
    there = {(shown.channel, shown.id): shown for shown in books.shown}
    named = {(sent.channel, sent.receipt) for sent in books.outbox}
    for key in there.keys() - named:
        found.doubled.append(f"a message in {there[key].place} that no post knows")
    sources = Counter(shown.source for shown in books.shown if shown.source)
    again = {number: times for number, times in sources.items() if times > 1}
    found.doubled += [f"post {number} is there {times} times" for number, times in again.items()]
    last: dict[int, float] = {}
    for sent, shown in _first_seen(books.outbox, there, found):
        if sent.id in books.set_aside:
            continue
        if shown.order < last.get(sent.conversation, 0.0):
            found.out_of_order.append(f"post {sent.id} in {shown.place}")
        last[sent.conversation] = shown.order


def _first_seen(
    outbox: list[Sent], there: dict[tuple[str, str], Shown], found: Findings
) -> Iterator[tuple[Sent, Shown]]:
    """Each message with the first post that it is the receipt of, conversation by conversation."""
    seen = set()
    for sent in sorted(outbox, key=lambda one: (one.conversation, one.number)):
        key = (sent.channel, sent.receipt)
        if not sent.shows or key in seen or sent.channel not in ROOMS:
            continue
        seen.add(key)
        if key not in there:
            found.lost.append(f"post {sent.id} was sent and is not there")
        else:
            yield sent, there[key]


def _holds(shown: Shown, text: str) -> bool:
    """Whether a message says just this: the number at its end does not go on."""
    return re.search(rf"{re.escape(text)}(?!\d)", shown.words) is not None
