"""Proposes examples of the questions whose answer somebody confirmed, and keeps what was decided on them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.desk.knowledge.drafting import vocabulary_of
from bot.desk.knowledge.example_trial import ExampleTrial, Make, Reached, Trial
from bot.desk.ports.content import AskedWords
from bot.desk.ports.feedback import PastQuestion
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.drafts.names import KnownNames
from bot.domain.drafts.redaction import comparable, redact
from bot.domain.drafts.sentences import examples_of
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.proposal import (
    ConfirmedQuestion,
    ExampleStatus,
    Held,
    ShownExample,
    digest_of,
    distinct,
    person_of,
)

LOT = 500  # episodes of one look at the database
LONGEST_READ = 10_000  # characters of a question: what is longer is a log, and no example
MOST = 3_000  # confirmed questions, the newest; what is older is left out


class ExampleProposals:
    """Proposals of examples; no words are kept, they are taken from the questions whenever they are shown."""

    def __init__(self, begin: UnitsOfWork, content: Content) -> None:
        self._begin = begin
        self._content = content

    def find(
        self, since: datetime, now: datetime, make: Make, tolerance: Tolerance, reached: Reached
    ) -> Trial:
        """Find what to propose of what was asked since then, and keep it in place of earlier proposals."""
        questions, held = self.confirmed(since)
        trial = ExampleTrial(self._content, make, tolerance, reached).run(questions)
        return self.keep(trial, held, now)

    def keep(self, trial: Trial, held: Counter[Held], now: datetime) -> Trial:
        """Keep what a trial proposes in place of earlier proposals; return it with what was held before."""
        with self._begin() as work:
            work.examples.propose(trial.proposals, now)
        return Trial(trial.proposals, trial.held + held)

    def listed(self, status: ExampleStatus) -> tuple[ShownExample, ...]:
        """Return the examples of this status with their words."""
        with self._begin.reading() as work:
            kept = work.examples.listed(status)
            if not kept:  # the names of everybody are read for nothing
                return ()
            words = work.examples.words([one.episode_id for one in kept])
            names = self._names(work, [one.text for one in words.values()])
            by = {one.approved_by: _name(work, one.approved_by) for one in kept}
        shown = []
        for one in kept:
            asked = words.get(one.episode_id, AskedWords())
            own = KnownNames.among([comparable(asked.text)], [asked.asker], ())
            example = example_of(asked.text, names.joined(own))
            text = example if digest_of(example) == one.digest else ""
            shown.append(ShownExample(one, text, asked.queue, by[one.approved_by]))
        return tuple(shown)

    def confirmed(self, since: datetime) -> tuple[list[ConfirmedQuestion], Counter[Held]]:
        """Return the questions whose target is in the content, each words once, and what is held back."""
        asked = [one for one in self._read(since) if one.text.strip()]
        with self._begin.reading() as work:
            decided = work.examples.decided()
            names = self._names(work, [one.text for one in asked])
        against = Counter((key_of(one.text), target) for one in asked for target in one.wrong | one.came_back)
        found: list[tuple[str, ConfirmedQuestion]] = []
        for one in asked:
            question = self._question(one, names)
            if question is not None:
                found.append((key_of(one.text), question))
        kept, disputed = distinct(found, against)
        there = {
            (target, key_of(text)) for target, texts in _texts_of(self._content).items() for text in texts
        }
        known = [
            one for one in kept if (one.target, key_of(one.text)) in there or (one.id, one.target) in decided
        ]
        left = {one.id for one in known}
        held = Counter({Held.DISPUTED: len(disputed), Held.KNOWN: len(known)})
        return [one for one in kept if one.id not in left], +held

    def _read(self, since: datetime) -> Iterator[PastQuestion]:
        before: int | None = None
        number = 0
        while number < MOST:
            with self._begin.reading() as work:
                lot, before = work.outcomes.past_questions(since, before, LOT)
            number += sum(one.confirmed is not None for one in lot)
            yield from lot
            if before is None:
                return

    def _names(self, work: UnitOfWork, texts: Sequence[str]) -> KnownNames:
        about = vocabulary_of(self._content)
        return KnownNames.among(map(comparable, texts), (), work.people.every_name(), about)

    def _question(self, one: PastQuestion, names: KnownNames) -> ConfirmedQuestion | None:
        if one.confirmed is None:
            return None
        target, confirmed = one.confirmed
        intent = self._content.intent(target)
        if (intent is None and target not in self._content.articles) or (intent and intent.action):
            return None
        own = KnownNames.among([comparable(one.text)], [one.asker], ())
        text = example_of(one.text, names.joined(own))
        if not text:
            return None
        return ConfirmedQuestion(one.id, text, one.language, target, one.person, confirmed)


def _name(work: UnitOfWork, by: str) -> str:
    person_id = person_of(by)
    return by if person_id is None else work.people.name(person_id)


def example_of(text: str, names: KnownNames) -> str:
    """Return what of a question may become an example, on one line; "" where nothing may.

    What was taken out is not there, nor are greetings and sentences about somebody.
    """
    if len(text) > LONGEST_READ:
        return ""
    return next(iter(examples_of([redact(text, names)])), "")


def key_of(text: str) -> str:
    """Return what is the same for the same words, however they are written."""
    return " ".join(comparable(text).casefold().split()).strip(" .,!?¿¡…")


def _texts_of(content: Content) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for intent in content.intents.values():
        found[intent.target] |= _all(intent.examples.values())
    for name, versions in content.articles.items():
        found[name] |= _all(article.questions for article in versions.values())
    return found


def _all(lists: Iterable[Iterable[str]]) -> set[str]:
    return {text for texts in lists for text in texts}
