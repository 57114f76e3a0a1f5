"""Figures for Prometheus; docs/operations.md describes each, and a test says so."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

PREFIX = "firstline"


class Metrics:
    """The figures of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.outcomes = Counter(
            f"{PREFIX}_utterances",
            "Utterances received, by channel and what became of them.",
            ("channel", "outcome"),
            registry=self.registry,
        )
        self.repeats = Counter(
            f"{PREFIX}_repeated_utterances",
            "Utterances that a platform sent again.",
            ("channel",),
            registry=self.registry,
        )
        self.receive_seconds = Histogram(
            f"{PREFIX}_receive_seconds",
            "Seconds from an utterance to its commit.",
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
        )
        self.deliveries = Counter(
            f"{PREFIX}_deliveries",
            "Posts by channel and result: sent, failed (will be tried again) or dead.",
            ("channel", "result"),
            registry=self.registry,
        )
        self.courier_errors = Counter(
            f"{PREFIX}_courier_errors",
            "Times that the courier could not reach the database.",
            registry=self.registry,
        )
        self.waiting = Gauge(
            f"{PREFIX}_outbox_waiting", "Posts that wait to be delivered.", registry=self.registry
        )
        self.dead = Gauge(f"{PREFIX}_outbox_dead", "Posts that were given up.", registry=self.registry)
        self.oldest_seconds = Gauge(
            f"{PREFIX}_outbox_oldest_seconds", "Age of the oldest waiting post.", registry=self.registry
        )
        self.content_errors = Gauge(
            f"{PREFIX}_content_errors",
            "Mistakes that keep the newest edit of the content from taking effect.",
            registry=self.registry,
        )
        self.tickets = Gauge(
            f"{PREFIX}_tickets", "Live tickets by status.", ("status",), registry=self.registry
        )

        self.ratings = Gauge(
            f"{PREFIX}_ratings", "Marks that employees gave in the last 30 days.", registry=self.registry
        )
        self.rating_mean = Gauge(
            f"{PREFIX}_rating_mean",
            "Mean of the marks of the last 30 days, 1 to 5; 0 where there is none.",
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)
