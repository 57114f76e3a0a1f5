"""Words the figures of a report: one line for each, the same in a terminal and on the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.desk.ports.wording import Wording
from bot.domain.conversations.outcome import EpisodeOutcome
from bot.domain.insights.comparison import Change
from bot.domain.insights.figures import Figure
from bot.domain.insights.report import Report
from bot.domain.insights.summary import MEDIAN, NINETIETH, Summary, ratio

NONE = "–"
MOST_WAITING = 1_000  # from this on it is only said that there are many


@dataclass(frozen=True, slots=True)
class InsightLine:
    """Line of a report: `key` is its name in the wording, `listed` what is listed behind its number."""

    key: str
    listed: str
    label: str
    now: str
    detail: str
    before: str
    change: Change | None = None


class InsightLines:
    """Lines of reports in one language."""

    def __init__(self, wording: Wording, language: str) -> None:
        self._wording = wording
        self._language = language

    def of(self, report: Report) -> Iterator[InsightLine]:
        """Word each figure of a report; of a queue there are no questions."""
        for key, listed in _LINES.items():
            if key in _OF_QUESTIONS and not report.of_every_queue:
                continue
            now, detail = self._figure(key, report.summary)
            before, _ = self._figure(key, report.before)
            change = report.changes.get(_CHANGES.get(key, key))
            yield InsightLine(key, listed, self.say(key), now, detail, before, change)

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of the report."""
        return self._wording.say(self._language, f"insights.{key}", **values)

    def number(self, count: int) -> str:
        """Word a count."""
        return self._wording.number(self._language, count)

    def share(self, part: int, whole: int) -> str:
        """Word a share; a dash of nothing."""
        share = ratio(part, whole)
        return NONE if share is None else self._wording.percent(self._language, share)

    def length(self, seconds: float | None) -> str:
        """Word a length of time; a dash where there is none."""
        return NONE if seconds is None else self._wording.length(seconds)

    def change(self, change: Change | None) -> str:
        """Word a change; empty where there is none beyond chance."""
        if change is None:
            return ""
        direction = self.say("up" if change.up else "down")
        if change.better is None:
            return direction
        return f"{direction}, {self.say('better' if change.better else 'worse')}"

    def notes(self, report: Report) -> Iterator[str]:
        """Say what is to be known of these figures: what is too recent, and what is not counted yet."""
        pending = sum(report.pending.values())
        if pending:
            key = "pending.one" if pending == 1 else "pending"
            yield self.say(key, count=self.number(pending))
        if not report.of_every_queue:
            yield self.say("questions_of_queue")
        if report.waiting:
            key = "waiting.many" if report.waiting >= MOST_WAITING else "waiting"
            yield self.say(key, count=self.number(report.waiting))

    def _figure(self, key: str, summary: Summary) -> tuple[str, str]:
        """Word a figure of a summary, and what it is made of."""
        if key in _PARTS:
            part, whole = part_of(key, summary)
            detail = self.say("of", part=self.number(part), whole=self.number(whole)) if whole else ""
            return self.share(part, whole), detail
        if key in _LENGTHS:
            figure, share = _LENGTHS[key]
            return self.length(summary.within(figure, share)), ""
        count = summary.questions if key == "questions" else summary.count(_COUNTS[key])
        return self.number(count), ""


def part_of(key: str, summary: Summary) -> tuple[int, int]:
    """Return the part and the whole of a share."""
    part, whole = _PARTS[key]
    return _count(summary, part), sum(_count(summary, one) for one in whole)


def _count(summary: Summary, name: str) -> int:
    match name:
        case "questions":
            return summary.questions
        case "deflection":
            return summary.deflected()
        case "confirmed" | "assumed":
            return summary.deflected(EpisodeOutcome(name))
        case "content":
            return summary.content
        case _:
            return summary.count(name)


# What is told, in this order, and what is listed behind it.
_LINES: Mapping[str, str] = {
    "questions": "questions",
    "deflection_confirmed": "deflected_confirmed",
    "deflection_assumed": "deflected_assumed",
    "answers_not_helpful": Figure.NOT_HELPFUL,
    "answers_wrong": Figure.WRONG,
    "tickets_opened": Figure.OPENED,
    "first_response_median": Figure.RESPONDED,
    "first_response_90th": Figure.RESPONDED,
    "first_response_met": Figure.RESPONSE_MISSED,
    "tickets_resolved": Figure.RESOLVED,
    "resolution_median": Figure.RESOLVED,
    "resolution_90th": Figure.RESOLVED,
    "resolution_met": Figure.RESOLUTION_MISSED,
    "tickets_reopened": Figure.REOPENED,
    "tickets_cancelled": Figure.WITHDRAWN,
    "ratings": Figure.RATED,
    "ratings_answered": Figure.RATING_ASKED,
}
_OF_QUESTIONS = frozenset(list(_LINES)[:5])
_LENGTHS = {
    "first_response_median": (Figure.RESPONDED, MEDIAN),
    "first_response_90th": (Figure.RESPONDED, NINETIETH),
    "resolution_median": (Figure.RESOLVED, MEDIAN),
    "resolution_90th": (Figure.RESOLVED, NINETIETH),
}
_CHANGES = {key: key.rpartition("_")[0] for key in _LENGTHS}
_PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "deflection": ("deflection", ("questions",)),
    "deflection_confirmed": ("confirmed", ("questions",)),
    "deflection_assumed": ("assumed", ("questions",)),
    "answers_not_helpful": (Figure.NOT_HELPFUL, (Figure.SHOWN,)),
    "answers_wrong": (Figure.WRONG, (Figure.SHOWN,)),
    "first_response_met": (Figure.RESPONSE_MET, (Figure.RESPONSE_MET, Figure.RESPONSE_MISSED)),
    "resolution_met": (Figure.RESOLUTION_MET, (Figure.RESOLUTION_MET, Figure.RESOLUTION_MISSED)),
    "ratings": ("content", (Figure.RATED,)),
    "ratings_answered": (Figure.RATED, (Figure.RATING_ASKED,)),
}
_COUNTS = {
    "tickets_opened": Figure.OPENED,
    "tickets_resolved": Figure.RESOLVED,
    "tickets_reopened": Figure.REOPENED,
    "tickets_cancelled": Figure.WITHDRAWN,
}
