"""Proposes examples of people's questions, writes and takes back what is approved: `firstline examples`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from rich.console import Console

from bot import wording
from bot.cli import terminal
from bot.cli.content.check import content_settings
from bot.cli.content.labelled_questions import load
from bot.cli.data.database import now, opened
from bot.cli.data.personal import operator
from bot.cli.progress import Waiting
from bot.cli.reader import language
from bot.desk.knowledge.proposals import ExampleProposals
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.errors import ExampleNotFound
from bot.domain.knowledge.proposal import ExampleStatus, Held, ShownExample
from bot.knowledge.files.text_files import shown
from bot.server.authoring.example_files import ExampleFiles, WrittenExamples
from bot.server.content import content_of
from bot.server.settings import Settings

DAYS = 90  # that are looked at unless told otherwise


def propose_examples(since: datetime | None, *, as_json: bool) -> None:
    """Find proposals in what was asked since then, keep them, and print them."""
    settings, begin = content_settings(None, None), opened()[1]
    content, make = load(settings, content_of(settings))
    start = since.replace(tzinfo=UTC) if since else now() - timedelta(days=DAYS)
    proposals = ExampleProposals(begin, content)
    with Waiting(terminal.console(errors=True), 0, "questions") as waiting:
        found = proposals.find(start, now(), make, settings.tolerance, waiting.reach)
    shown_now = proposals.listed(ExampleStatus.PROPOSED)
    if as_json:
        held = {why.value: found.held[why] for why in Held}
        terminal.print_json({"proposed": list(map(_data, shown_now)), "held_back": held}, indent=1)
        return
    printed = _Printed(terminal.console(wraps=True), language())
    printed.proposals(shown_now)
    printed.next_step(shown_now)
    printed.held({why.value: number for why, number in found.held.items()})


def list_examples(*, approved: bool, as_json: bool) -> None:
    """Print what is proposed, or what was approved, in full."""
    settings, begin = content_settings(None, None), opened()[1]
    status = ExampleStatus.APPROVED if approved else ExampleStatus.PROPOSED
    found = _listed(settings, begin, status)
    if as_json:
        terminal.print_json(list(map(_data, found)), indent=1)
        return
    printed = _Printed(terminal.console(wraps=True), language())
    if approved:
        printed.approved(found)
    else:
        printed.proposals(found)
        printed.next_step(found)


def approve_examples(which: str, *, on_branch: bool, at_once: bool) -> None:
    """Print one list's or target's proposals, ask, write them and record who approved them."""
    settings, begin = content_settings(None, None), opened()[1]
    printed = _Printed(terminal.console(wraps=True), language())
    chosen = [
        one
        for one in _listed(settings, begin, ExampleStatus.PROPOSED)
        if which in (str(one.kept.number), one.kept.target) and one.text
    ]
    if not chosen:
        raise ExampleNotFound(
            f"There is no list and no target {which} with proposals; `firstline examples list` shows all, "
            "and `firstline examples propose` finds new ones."
        )
    printed.proposals(chosen)
    if not at_once:
        terminal.stop_unless_confirmed(printed.say("ask", number=len(chosen)))
    files = ExampleFiles(begin, settings.intents, on_branch=on_branch)
    printed.written(files.approve(chosen, lambda _: operator(), now()))


def take_back_example(number: int, *, on_branch: bool) -> None:
    """Take an approved example out of its file, and record who did it."""
    settings, begin = content_settings(None, None), opened()[1]
    files = ExampleFiles(begin, settings.intents, on_branch=on_branch)
    taken = files.take_back(number, lambda _: operator(), now())
    _Printed(terminal.console(wraps=True), language()).written(taken)


def _listed(settings: Settings, begin: UnitsOfWork, status: ExampleStatus) -> tuple[ShownExample, ...]:
    content, _ = load(settings, content_of(settings))
    return ExampleProposals(begin, content).listed(status)


def _data(one: ShownExample) -> dict[str, Any]:
    kept = one.kept
    return {
        "number": kept.id,
        "list": kept.number,
        "target": kept.target,
        "language": kept.language,
        "text": one.text or None,
        "confirmed": kept.confirmed.value,
        "people": kept.people,
        "measure": {**asdict(kept.measure), "gain": kept.measure.gain},
        "status": kept.status.value,
        "approved_by": one.by or None,
        "approved_at": kept.approved_at.isoformat(timespec="seconds") if kept.approved_at else None,
    }


class _Printed:
    """Prints examples for a reader of one language."""

    def __init__(self, console: Console, language: str) -> None:
        self._console = console
        self._words = wording.load()
        self._language = language

    def say(self, key: str, **values: object) -> str:
        """Say a sentence of this command."""
        return self._words.say(self._language, f"examples.{key}", **values)

    def lines(self, texts: Iterable[str]) -> None:
        """Print lines."""
        for text in texts:
            self._console.print(text, markup=False, highlight=False)

    def written(self, done: WrittenExamples) -> None:
        """Print where examples were written."""
        if done.branch:
            self.lines([self.say("committed", branch=done.branch)])
            return
        told = done.files.items()
        self.lines(self.say("written" if text else "removed", file=shown(path)) for path, text in told)

    def proposals(self, found: Sequence[ShownExample]) -> None:
        """Print proposals, list by list and target by target, all of them."""
        if not found:
            self.lines([self.say("none")])
            return
        for number, listed in groupby(found, key=lambda one: one.kept.number):
            of_list = list(listed)
            self.lines(["", self.say("list", number=number, examples=len(of_list))])
            for target, own in groupby(of_list, key=lambda one: one.kept.target):
                self.lines(self._target(target, list(own)))

    def next_step(self, found: Sequence[ShownExample]) -> None:
        """Say how proposals are approved, where there are any."""
        if found:
            self.lines(["", self.say("next")])

    def approved(self, found: Sequence[ShownExample]) -> None:
        """Print what was approved, with its numbers."""
        if not found:
            self.lines([self.say("none_approved")])
        for one in found:
            kept = one.kept
            day = f"{kept.approved_at:%Y-%m-%d}" if kept.approved_at else "–"
            by = self.say("by", by=one.by, day=day)
            self.lines([f"{kept.id}. {kept.target}: {one.text or self.say('gone')} ({by})"])

    def held(self, held: dict[str, int]) -> None:
        """Print how many are held back, and why."""
        if held:
            self.lines([self.say("held"), *(self.say(f"held.{why}", number=n) for why, n in held.items())])

    def _target(self, target: str, own: Sequence[ShownExample]) -> Iterator[str]:
        measure = own[0].kept.measure
        yield f"  {target}: " + self.say(
            "measure",
            asked=measure.asked,
            before=measure.before,
            after=measure.after,
            taken=measure.taken,
        )
        for one in own:
            how = self.say(f"confirmed.{one.kept.confirmed.value}", people=one.kept.people)
            yield f"    - {one.text or self.say('gone')} ({how})"
