"""Metrics for Prometheus; docs/operations.md describes each, and a test says so."""

import math
from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot import __version__
from bot.domain.knowledge.traffic import Traffic
from bot.server.monitoring.desk_metrics import PREFIX, DeskMetrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, which says since when


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._add_events()
        self._add_neighbours()
        self._add_deliveries()
        self._add_readiness()
        self._add_ratings()
        self._add_promise()
        self._add_traffic()
        self._add_process()
        self.desk = DeskMetrics(self.registry)

    def _add_process(self) -> None:
        self._gauge("build_info", "1, with the version that runs.", "version").labels(__version__).set(1)
        ProcessCollector(registry=self.registry)

    def _add_events(self) -> None:
        self.outcomes = self._counter(
            "utterances", "Utterances received, by channel and what became of them.", "channel", "outcome"
        )
        self.repeats = self._counter(
            "repeated_utterances", "Utterances that a platform sent again.", "channel"
        )
        self.failed = self._counter(
            "failed",
            "Events that were not taken in, so that they are sent again, by channel and reason.",
            "channel",
            "reason",
        )
        self.refused = self._counter(
            "refused",
            "Requests that did not prove who sent them, by channel and reason.",
            "channel",
            "reason",
        )
        self.receive_seconds = Histogram(
            f"{PREFIX}_receive_seconds",
            "Seconds from an utterance to its commit.",
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
        )

    def _add_neighbours(self) -> None:
        self.alerts = self._counter(
            "alerts",
            "Alerts of monitoring systems, by source and outcome.",
            "source",
            "outcome",
        )
        self.events_sent = self._counter(
            "events_sent",
            "Events of tickets that were sent to other systems, and requests that failed.",
            "sink",
            "outcome",
        )
        self.source_looks = self._counter(
            "source_looks",
            "Looks at other systems' pages, by source and outcome: changed, same, failed, elsewhere (another "
            "replica reads).",
            "source",
            "outcome",
        )
        self.mirrored = self._counter(
            "mirrored",
            "Changes that went to and came from systems that are mirrored both ways.",
            "backend",
            "outcome",
        )

    def _add_deliveries(self) -> None:
        self.deliveries = self._counter(
            "deliveries",
            "Posts by channel and result: sent, failed (will be tried again) or dead.",
            "channel",
            "result",
        )
        self.delivery_seconds = Histogram(
            f"{PREFIX}_delivery_seconds",
            "Seconds that a channel took to deliver a post, or to fail.",
            ("channel",),
            registry=self.registry,
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
        )
        self.exchange_errors = self._counter(
            "courier_errors", "Times that the dispatcher could not reach the database."
        )
        self.waiting = self._gauge("outbox_waiting", "Posts that wait to be delivered.")
        self.dead_letters = self._gauge("outbox_dead", "Posts that were given up.")
        self.oldest_seconds = self._gauge("outbox_oldest_seconds", "Age of the oldest waiting post.")

    def _add_readiness(self) -> None:
        self.content_errors = self._gauge(
            "content_errors", "Mistakes that keep the newest edit of the content from taking effect."
        )
        self.cache_unwritable = self._gauge(
            "cache_unwritable", "1 while what is learned from the content cannot be kept on disk."
        )
        self.source_pages = self._gauge(
            "source_pages",
            "Pages of other systems, by source: those that are articles (held), and those left out.",
            "source",
            "state",
        )
        self.source_looked = self._gauge(
            "source_looked_timestamp_seconds", "When a look at a source last succeeded here.", "source"
        )
        self.content_learned = self._gauge(
            "content_learned", "1 while the matcher in force has learned from the content in force."
        )
        self.content_since = self._gauge(
            "content_in_force_timestamp_seconds", "Since when the content is in force here."
        )
        self.learned_since = self._gauge(
            "content_learned_timestamp_seconds",
            "Since when the matcher in force has learned from its content; 0 before it has.",
        )
        self.write_seconds = self._gauge(
            "database_write_seconds", "Seconds that the last trial write took, or waited in vain."
        )
        self._ready = self._gauge("ready", "1 while a question can be taken in and kept.")
        self._unready_because = self._gauge("unready", "1 for each reason why it cannot.", "reason")
        self._degraded_because = self._gauge("degraded", "1 for each reason of a delay.", "reason")

    def _add_ratings(self) -> None:
        self.tickets = self._gauge("tickets", "Live tickets by status.", "status")
        self.ratings = self._gauge("ratings", "Marks that employees gave in the last 30 days.")
        self.rating_mean = self._gauge(
            "rating_mean", "Mean of the marks of the last 30 days, 1 to 5; 0 where there is none."
        )
        self._add_overload()

    def _add_overload(self) -> None:
        self.overloaded = self._counter(
            "overloaded",
            "Utterances refused with 503, by channel and reason: the wait would be too long (full), or the "
            "platform had given up while it lasted (late).",
            "channel",
            "reason",
        )
        self.limited = self._counter(
            "limited",
            "Requests refused because somebody asked too much, by door and reason.",
            "door",
            "reason",
        )

    def _add_traffic(self) -> None:
        self._unanswered = self._gauge(
            "unanswered",
            "Share of the questions that are assumed to be answered by no article, by kind and language.",
            "kind",
            "language",
        )
        self._learned_from = self._gauge(
            "unanswered_questions", "Questions from which that was learned; 0 before it was."
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", text, labels, registry=self.registry)

    def show_readiness(self, broken: Iterable[str], behind: Iterable[str]) -> None:
        """Show whether a question can be kept, with the names of what is broken and of what only delays."""
        for gauge, names in ((self._unready_because, broken), (self._degraded_because, behind)):
            gauge.clear()
            for name in names:
                gauge.labels(name).set(1)
        self._ready.set(0 if tuple(broken) else 1)

    def forget_counts(self) -> None:
        """Show that nothing is known of what only the database can tell."""
        for gauge in (self.waiting, self.dead_letters, self.oldest_seconds, self.ratings, self.rating_mean):
            gauge.set(math.nan)
        self.tickets.clear()
        self.desk.forget_queues()

    def show_traffic(self, traffic: Traffic | None) -> None:
        """Show the assumed traffic, that of all under the language ""; None where it plays no part."""
        self._unanswered.clear()
        self._learned_from.set(traffic.questions if traffic is not None else 0)
        mixes = {"": traffic.mix, **traffic.by_language} if traffic is not None else {}
        for language, mix in mixes.items():
            self._unanswered.labels("requests", language).set(mix.requests)
            self._unanswered.labels("nothing", language).set(mix.nothing)

    def _add_promise(self) -> None:
        self.promise_closed = self._gauge(
            "promise_closed", "1 while articles are only offered: the promise is not certified, or broken."
        )
        self.promise_judged = self._gauge("promise_judged", "Answers that were judged under the promise.")
        self.promise_wrong = self._gauge("promise_wrong", "Wrong ones among the judged answers.")
        self.promise_evidence = self._gauge(
            "promise_evidence", "Evidence that the promise is broken; at 1 / (1 - certainty) it is closed."
        )

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
