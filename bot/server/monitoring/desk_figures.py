"""Counts what was committed: questions, verdicts, and the life of tickets."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from bot.desk.history.timeline import CLOSED
from bot.desk.knowledge.library import Library
from bot.desk.ports.unit_of_work import (
    AnswerJudged,
    ArticleTold,
    Fact,
    QuestionDecided,
    TicketChange,
    TicketOpened,
)
from bot.domain.errors import details
from bot.domain.tickets.schedule import counts_since
from bot.domain.tickets.ticket import Ticket
from bot.server.monitoring.desk_metrics import PERSON, DeskMetrics, named

log = structlog.get_logger()

# By the class of the decision.
DECISIONS = {
    "answer": "answer",
    "choose": "choice",
    "askback": "ask_back",
    "openticket": "request",
    "escalate": "ticket",
}
RESPONDED = frozenset({"claimed", "assigned"})
ENDED = {"resolved": "resolved", CLOSED: "silence", "withdrawn": "withdrawn", "merged": "merged"}


class DeskFigures:
    """Counter of committed facts: what was rolled back, or done by another replica, is not among them."""

    def __init__(self, metrics: DeskMetrics, library: Library) -> None:
        self._metrics = metrics
        self._library = library

    def committed(self, facts: Sequence[Fact]) -> None:
        """Count what a transaction did; whatever fails here, it is committed."""
        for fact in facts:
            try:
                self._count(fact)
            except Exception as error:  # noqa: BLE001  # a figure is missing, and nobody's message
                log.error(
                    "figure_not_counted",
                    **details(error),
                    next_step="report it: this is a mistake in the code",
                )

    def _count(self, fact: Fact) -> None:
        match fact:
            case QuestionDecided():
                self._decided(fact)
            case AnswerJudged(confidence, helped):
                verdict = "helped" if helped else "not_helped"
                self._metrics.judged_confidence.labels(verdict).observe(confidence)
            case ArticleTold(sign):
                self._metrics.articles_told.labels(sign).inc()
            case TicketOpened(ticket, after):
                self._opened(ticket, after)
            case TicketChange():
                self._changed(fact)

    def _decided(self, fact: QuestionDecided) -> None:
        decision = DECISIONS[fact.decision]
        best, content = fact.result.best, self._library.snapshot.content
        intent = content.intent(best.target) if best is not None else None
        self._metrics.questions.labels(self._queue((intent.queue if intent else None) or ""), decision).inc()
        self._metrics.confidence.labels(decision).observe(best.confidence if best is not None else 0.0)

    def _opened(self, ticket: Ticket, after: str) -> None:
        queue, by = self._queue(ticket.queue), "engineer" if ticket.opened_by is not None else "employee"
        self._metrics.opened.labels(queue, by, after).inc()
        if by == "employee" and after == "nothing":
            self._metrics.questions.labels(queue, PERSON).inc()

    def _changed(self, change: TicketChange) -> None:
        ticket, kind = change.ticket, change.kind
        queue = self._queue(ticket.queue)
        if kind in RESPONDED and ticket.responded_at is None:
            self._metrics.first_response.labels(queue).observe(self._seconds(ticket, change.at))
        elif kind == "reopened":
            self._metrics.reopened.labels(queue).inc()
        elif kind == "breached":
            self._metrics.breached.labels(queue, change.target).inc()
        elif kind in ENDED:
            by_outage = kind == "resolved" and ticket.outage_id is not None
            self._metrics.closed.labels(queue, "outage" if by_outage else ENDED[kind]).inc()
            if kind == "resolved" and not by_outage:
                self._metrics.resolution.labels(queue).observe(self._seconds(ticket, change.at))

    def _queue(self, name: str) -> str:
        return named(self._library.snapshot.content.queues.name_of(name))

    def _seconds(self, ticket: Ticket, at: datetime) -> float:
        """Seconds of the queue's business time since a ticket was opened, or opened again."""
        hours = self._library.snapshot.content.queues.of(ticket.queue).hours
        return hours.between(counts_since(ticket), at).total_seconds()
