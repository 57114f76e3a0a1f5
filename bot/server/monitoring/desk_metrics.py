"""Metrics of the desk's work: questions, verdicts, and the life of tickets, by queue."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.desk.ports.schedule import QueueCounts
from bot.domain.insights.article_signs import Sign
from bot.domain.knowledge.content import Content

PREFIX = "firstline"
PERSON = "person"  # the decision where nothing was asked but for a person
EVERY_DECISION = ("answer", "choice", "ask_back", "request", "ticket", PERSON)
EVERY_ORIGIN = (
    *(("employee", after) for after in ("answer", "question", "nothing")),
    ("engineer", "nothing"),
)
EVERY_END = ("resolved", "silence", "withdrawn", "merged", "outage")
EVERY_TARGET = ("first_response", "resolution")
MINUTE, HOUR = 60.0, 3600.0
FIRST_RESPONSE_SECONDS = (
    *(MINUTE * minutes for minutes in (1, 2, 5, 10, 15, 20, 30, 45)),
    *(HOUR * hours for hours in (1, 2, 4, 8, 16, 40)),
)
RESOLUTION_SECONDS = (
    *(MINUTE * minutes for minutes in (5, 15, 30)),
    *(HOUR * hours for hours in (1, 2, 4, 8, 16, 24, 40, 80, 160)),
)
CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


class DeskMetrics:
    """Metrics of what the desk did here since the start, and of how its queues stand in the database."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._prepared: tuple[str, ...] | None = None
        self.questions = self._counter(
            "questions",
            "Questions, each once, by the queue of what they are most likely about and the first decision.",
            "queue",
            "decision",
        )
        self.confidence = self._histogram(
            "confidence", "Confidence of the best match of each question.", CONFIDENCES, "decision"
        )
        self.judged_confidence = self._histogram(
            "judged_confidence",
            "Confidence of the answers of which employees said whether they helped.",
            CONFIDENCES,
            "verdict",
        )
        self._add_tickets()
        self._add_backlog()

    def _add_tickets(self) -> None:
        self.opened = self._counter(
            "tickets_opened",
            "Tickets opened, by queue, by whom, and after what: an answer, a question, or nothing asked.",
            "queue",
            "by",
            "after",
        )
        self.closed = self._counter("tickets_closed", "Tickets that ended, by queue and how.", "queue", "how")
        self.articles_told = self._counter("articles_told", "Signs that an article needs somebody.", "sign")
        for sign in Sign:
            self.articles_told.labels(sign)
        self.reopened = self._counter("tickets_reopened", "Tickets that were opened again.", "queue")
        self.breached = self._counter(
            "targets_missed", "Targets that were missed, by queue and target.", "queue", "target"
        )
        self.first_response = self._histogram(
            "first_response_seconds",
            "Seconds of business time until a ticket was first claimed.",
            FIRST_RESPONSE_SECONDS,
            "queue",
        )
        self.resolution = self._histogram(
            "resolution_seconds",
            "Seconds of business time until a ticket was resolved by an engineer.",
            RESOLUTION_SECONDS,
            "queue",
        )

    def _add_backlog(self) -> None:
        same = "from the database, the same on every replica: take the maximum, not the sum"
        self._live = self._gauge("queue_tickets", f"Live tickets; {same}.", "queue", "status")
        self._overdue = self._gauge(
            "queue_overdue", f"Live tickets past a target; {same}.", "queue", "target"
        )
        self._oldest = self._gauge(
            "queue_oldest_seconds", f"Age of the oldest open ticket, by the calendar; {same}.", "queue"
        )

    def prepare(self, queues: tuple[str, ...]) -> None:
        """Let what has not happened yet be 0: a first one of a series that was absent is no increase."""
        if queues == self._prepared:
            return
        self._prepared = queues
        for decision in EVERY_DECISION:
            self.confidence.labels(decision)
        for verdict in ("helped", "not_helped"):
            self.judged_confidence.labels(verdict)
        for queue in map(named, queues):
            for decision in EVERY_DECISION:
                self.questions.labels(queue, decision)
            for by, after in EVERY_ORIGIN:
                self.opened.labels(queue, by, after)
            for how in EVERY_END:
                self.closed.labels(queue, how)
            for target in EVERY_TARGET:
                self.breached.labels(queue, target)
            for one in (self.reopened, self.first_response, self.resolution):
                one.labels(queue)

    def show_queues(self, counts: Iterable[QueueCounts], content: Content, now: datetime) -> None:
        """Show how the queues stand; tickets of one that is gone are the default one's."""
        self.forget_queues()
        of_queue: dict[str, list[QueueCounts]] = {name: [] for name in content.queue_names}
        for one in counts:
            of_queue.setdefault(content.queues.name_of(one.queue), []).append(one)
        for name, some in of_queue.items():
            queue, oldest = named(name), min((one.oldest for one in some if one.oldest), default=now)
            self._live.labels(queue, "open").set(sum(one.open for one in some))
            self._live.labels(queue, "claimed").set(sum(one.claimed for one in some))
            missed = sum(one.first_response_missed for one in some)
            self._overdue.labels(queue, "first_response").set(missed)
            self._overdue.labels(queue, "resolution").set(sum(one.resolution_missed for one in some))
            self._oldest.labels(queue).set(max((now - oldest).total_seconds(), 0.0))

    def forget_queues(self) -> None:
        """Show that nothing is known of the queues."""
        for gauge in (self._live, self._overdue, self._oldest):
            gauge.clear()

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...], label: str) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", text, (label,), registry=self._registry, buckets=buckets)


def named(queue: str) -> str:
    """Name a queue for a label, which is taken for absent where it is empty."""
    return queue or "default"
