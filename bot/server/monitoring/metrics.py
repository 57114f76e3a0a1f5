"""Metrics for Prometheus; docs/operations.md describes each, and a test says so."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.domain.knowledge.traffic import Traffic

PREFIX = "firstline"


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.outcomes = self._counter(
            "utterances", "Utterances received, by channel and what became of them.", "channel", "outcome"
        )
        self.repeats = self._counter(
            "repeated_utterances", "Utterances that a platform sent again.", "channel"
        )
        self.receive_seconds = Histogram(
            f"{PREFIX}_receive_seconds",
            "Seconds from an utterance to its commit.",
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
        )
        self.deliveries = self._counter(
            "deliveries",
            "Posts by channel and result: sent, failed (will be tried again) or dead.",
            "channel",
            "result",
        )
        self.exchange_errors = self._counter(
            "courier_errors", "Times that the dispatcher could not reach the database."
        )
        self.waiting = self._gauge("outbox_waiting", "Posts that wait to be delivered.")
        self.dead_letters = self._gauge("outbox_dead", "Posts that were given up.")
        self.oldest_seconds = self._gauge("outbox_oldest_seconds", "Age of the oldest waiting post.")
        self.content_errors = self._gauge(
            "content_errors", "Mistakes that keep the newest edit of the content from taking effect."
        )
        self.cache_unwritable = self._gauge(
            "cache_unwritable", "1 while what is learned from the content cannot be kept on disk."
        )
        self.tickets = self._gauge("tickets", "Live tickets by status.", "status")
        self.ratings = self._gauge("ratings", "Marks that employees gave in the last 30 days.")
        self.rating_mean = self._gauge(
            "rating_mean", "Mean of the marks of the last 30 days, 1 to 5; 0 where there is none."
        )
        self._add_overload()
        self._add_promise()
        self._add_traffic()

    def _add_overload(self) -> None:
        self.overloaded = self._counter(
            "overloaded",
            "Utterances refused with 503, by channel and reason: the wait would be too long (full), or the "
            "platform had given up while it lasted (late).",
            "channel",
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
