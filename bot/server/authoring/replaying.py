"""Treats questions as the desk would with a content, and says what a draft would change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.desk.history.past_questions import Asked
from bot.desk.knowledge.library import thresholds_in
from bot.desk.ports.content import DraftReplay, ReplayedLine
from bot.domain.conversations.excerpts import first_words
from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.traffic import Traffic
from bot.domain.secrets.masking import clean
from bot.evaluation.judging import MatchedQuestion, in_traffic
from bot.evaluation.replay import Replay, Replayed, Treated, compare, decide_on, match_again
from bot.evaluation.targets import Targets
from bot.knowledge.files.rendering import intent_text
from bot.matching.scoring.similarity import similarity
from bot.server.authoring.jobs import Reached
from bot.server.content import matcher_of
from bot.server.settings import Settings

CHUNK = 100  # questions that are matched before progress is told
MOST_LISTED, MOST_TAKINGS = 10, 20
LISTS = ("lost", "weakened", "gained", "fewer_tickets", "more_tickets")
NEWEST = 1_000  # questions by which the traffic is estimated, as the server does


@dataclass(frozen=True, slots=True)
class Side:
    """What is needed to treat questions: a content, and how it is matched; `keep`: what it learned, too."""

    settings: Settings
    content: Content
    keep: bool = True


class Treating:
    """Matcher of a side, and what it has matched so far."""

    def __init__(self, side: Side) -> None:
        self._settings = side.settings
        self._targets = Targets(side.content)
        self._matcher = matcher_of(side.settings, side.content, keep=side.keep)
        self._matched: list[MatchedQuestion] = []

    def match(self, texts: Sequence[str]) -> int:
        """Match more questions; return how many."""
        self._matched += match_again(self._matcher, self._targets, texts)
        return len(texts)

    def decide(self, helped: Sequence[str | None]) -> list[Treated]:
        """Decide on all of them, in the traffic that they are; `helped`: what is known to have helped."""
        settings, matcher, targets = self._settings, self._matcher, self._targets
        traffic = None
        if settings.certainty is None:
            newest = [one.result for one in self._matched[:NEWEST]]
            traffic = Traffic.learned(
                newest,
                targets.requests,
                settings.max_wrong,
                prior=matcher.prior,
                fixed=settings.unanswered,
                helped=helped[: len(newest)],
            )
        thresholds = thresholds_in(traffic, matcher, settings.tolerance)
        return [decide_on(one, targets, thresholds) for one in in_traffic(self._matched, targets, traffic)]


def replay_draft(
    reached: Reached, sides: tuple[Side, Side], draft: Intent | None, asked: Asked
) -> DraftReplay:
    """Compare what becomes of the questions without a draft and with it, one side after the other."""
    questions, treated = asked.questions, []
    for number, side in enumerate(sides):
        treating = Treating(side)
        for at in range(0, len(questions), CHUNK):
            treating.match([question.text for question in questions[at : at + CHUNK]])
            reached(number * len(questions) + min(at + CHUNK, len(questions)), 2 * len(questions))
        treated.append(treating.decide([question.right for question in questions]))
    found = compare(list(map(Replayed, questions, *treated)))
    stolen = thieves(draft, found) if draft is not None else ()
    return DraftReplay(
        asked=len(questions),
        without_words=asked.without_words,
        changed=len(found.changed),
        lists={name: _listed(getattr(found, name)) for name in LISTS},
        takings=tuple((one.thief, one.victim, len(one.questions)) for one in found.takings[:MOST_TAKINGS]),
        thieves=stolen,
        intent=intent_text(without_examples(draft, stolen)) if draft is not None and stolen else "",
    )


def thieves(draft: Intent, found: Replay) -> tuple[str, ...]:
    """Return the examples of a draft that take from others: of each question the most similar one."""
    taken = {one.question.text for taking in found.takings if taking.thief == draft.target
             for one in taking.questions}  # fmt: skip
    taken |= {one.question.text for one in (*found.lost, *found.weakened) if draft.target in one.now.targets}
    examples = [text for texts in draft.examples.values() for text in texts]
    most = {max(examples, key=lambda one: similarity(one, text)) for text in taken} if examples else set()
    return tuple(one for one in examples if one in most)


def without_examples(draft: Intent, dropped: Sequence[str]) -> Intent:
    """Return an intent without these examples."""
    kept = {
        language: tuple(one for one in texts if one not in dropped)
        for language, texts in draft.examples.items()
    }
    return replace(draft, examples={language: texts for language, texts in kept.items() if texts})


def _listed(rows: Sequence[Replayed]) -> tuple[int, tuple[ReplayedLine, ...]]:
    return len(rows), tuple(
        ReplayedLine(
            first_words(clean(one.question.text)),
            one.before.treatment.value,
            one.before.targets,
            one.now.treatment.value,
            one.now.targets,
        )
        for one in rows[:MOST_LISTED]
    )
