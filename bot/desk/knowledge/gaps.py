"""Finds the gaps of the content: what people ask and nothing answers, in groups."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.desk.knowledge.library import Library
from bot.desk.ports.content import Grouping, MatchedText
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Answer, Decision, MatchResult, OpenTicket, Tolerance, decide
from bot.domain.knowledge.gap import (
    Gap,
    GapReport,
    LeftOut,
    MissedQuestion,
    Nearest,
    count_missed,
    in_order,
    time_worked,
)

LOT = 500  # questions read in one transaction
NEAR = 0.1  # confidence on the average from which on a target is near to a gap
MOST_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class GapQuery:
    """Query for gaps: asked from `since` on and before `until`, of one queue alone or of all.

    Of more than `most` questions the newest are looked at; a gap has at least `fewest` people.
    """

    since: datetime | None = None
    until: datetime | None = None
    queue: str = ""
    most: int = 3_000
    fewest: int = 5


Matched = tuple[MissedQuestion, MatchedText]


@dataclass(frozen=True, slots=True)
class MissedLog:
    """Log of questions that were not answered, the newest first; `beyond` older ones were not read."""

    questions: tuple[MissedQuestion, ...]
    beyond: int = 0


def read_missed(begin: UnitsOfWork, query: GapQuery) -> MissedLog:
    """Read what was not answered, lot by lot, each in a transaction of its own."""
    with begin.reading() as work:
        keys = work.missed.newest(query.since, query.until, query.most)
    return MissedLog(read_questions(begin, keys.ids), keys.beyond)


def read_questions(begin: UnitsOfWork, ids: Sequence[int]) -> tuple[MissedQuestion, ...]:
    """Read these questions, lot by lot, each in a transaction of its own."""
    questions: list[MissedQuestion] = []
    for start in range(0, len(ids), LOT):
        with begin.reading() as work:
            questions += work.missed.read(ids[start : start + LOT])
    return tuple(questions)


class Gaps:
    """Finder of gaps; for a process of its own, for it matches every question anew."""

    def __init__(self, library: Library, grouping: Grouping, tolerance: Tolerance) -> None:
        self._library = library
        self._grouping = grouping
        self._tolerance = tolerance

    def find(self, log: MissedLog, query: GapQuery, reached: Callable[[int, int], None]) -> GapReport:
        """Find the gaps; `reached` is told how many questions are matched, of how many."""
        left, matched, number = Counter[str](), list[Matched](), 0
        for done, one in enumerate(log.questions):
            reached(done, len(log.questions))
            if query.queue and self._queue_of(one) != query.queue:
                continue
            number += 1
            why, found = self._match(one)
            if found is None:
                left[why] += 1
            else:
                matched.append((one, found))
        gaps = self._gaps(matched, query.fewest)
        left["alone"] = len(matched) - sum(gap.questions for gap in gaps)
        return GapReport(in_order(gaps), number + log.beyond, LeftOut(**left, beyond=log.beyond))

    def _queue_of(self, one: MissedQuestion) -> str:
        queues = self._library.snapshot.content.queues
        return queues.name_of(one.queue) if one.queue is not None else ""

    def _match(self, one: MissedQuestion) -> tuple[str, MatchedText | None]:
        """Match a question by the content of now; return why it is left out, or what it asks."""
        if not one.text:
            return "erased", None
        if one.recognised:
            return "recognised", None
        result = self._library.match(one.text)
        content, best = self._library.snapshot.content, result.best
        intent = content.intent(best.target) if best else None
        decision = self._decide(result, content)
        if isinstance(decision, OpenTicket):
            return "recognised", None
        if isinstance(decision, Answer) and decision.match.target not in one.shown:
            own = intent is not None and intent.action is not None
            return "no_question" if own else "answered_now", None
        asks = self._grouping.question(one.sentence)
        if result.vague or not asks:
            return "no_question", None
        return "", MatchedText(asks, result.language or one.language, result.matches, one.person)

    def _decide(self, result: MatchResult, content: Content) -> Decision:
        thresholds = self._library.thresholds(self._tolerance, result)
        requests, remarks = content.service_requests, content.remarks
        return decide(result, thresholds, requests=requests, remarks=remarks)

    def _gaps(self, matched: Sequence[Matched], fewest: int) -> list[Gap]:
        content = self._library.snapshot.content
        found = []
        for group in self._grouping.groups([text for _, text in matched], content, fewest):
            members = [matched[place] for place in group.places]
            if len({one.person for one, _ in members}) >= fewest:
                found.append(self._gap(members, group.words, content))
        return found

    def _gap(self, members: Sequence[Matched], words: tuple[str, ...], content: Content) -> Gap:
        questions = [one for one, _ in members]
        sentences = dict.fromkeys(text.text for _, text in members)
        names = Counter(name for one in questions if (name := self._queue_of(one)))
        languages = Counter(text.language for _, text in members)
        return Gap(
            ids=tuple(one.id for one in questions),
            sentences=tuple(sentences)[:MOST_SENTENCES],
            words=words,
            people=len({one.person for one in questions}),
            missed=count_missed(questions),
            work=time_worked(questions, content.queues),
            languages=tuple(language for language, _ in languages.most_common()),
            queues=tuple(name for name, _ in names.most_common()),
            nearest=self._nearest([text for _, text in members], content),
            resolved=tuple(one.ticket for one in questions if one.ticket is not None and one.worked),
        )

    def _nearest(self, texts: Sequence[MatchedText], content: Content) -> Nearest | None:
        sums: defaultdict[str, float] = defaultdict(float)
        for text in texts:
            for match in text.matches:
                intent = content.intent(match.target)
                if intent is None or intent.action is None:
                    sums[match.target] += match.confidence / len(texts)
        if not sums:
            return None
        target, confidence = max(sums.items(), key=lambda item: item[1])
        if confidence < NEAR:
            return None
        title = content.title(target, texts[0].language)
        return Nearest(target, title, confidence, self._grouping.lacking(texts, target, content))
