"""One trace of each message, from the event to its posts, as a collector on this machine decodes it."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import structlog
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SentSpan
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from bot.desk.knowledge.library import Library
from bot.desk.ports.channels import Delivery, Receipt
from bot.domain.conversations.messages import Line, Reply
from bot.domain.errors import DeliveryFailed
from bot.runtime.trace import trace
from bot.server.monitoring.tracing.collector import mistakes_of_traces
from bot.server.monitoring.tracing.factory import tracing_of
from bot.server.monitoring.tracing.setup import QUIET, TellingExporter
from bot.server.monitoring.tracing.spans import Received, Spans, now, read, received, written
from bot.server.monitoring.tracing.tracing import Tracing
from bot.server.settings import Settings
from tests.support.clock import Seconds
from tests.support.desk.helpdesk import CHANNELS, Helpdesk
from tests.support.e2e.databases import on_sqlite
from tests.support.e2e.running import delivered, free_port, running, until
from tests.support.e2e.slack import ENVIRONMENT, button, has_roster, posted, slack_workspace
from tests.support.fakes.collector import collecting
from tests.support.unknown import UNKNOWN

WHOLE = {"receive", "read", "match", "transaction", "commit", "acknowledge", "lease", "render", "deliver"}
HELLO = Reply((Line("Hello"),), summary="Hello", language="en")
KNOWN = {
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "firstline.attempt",
    "firstline.channel",
    "firstline.outcome",
    "firstline.post",
    "firstline.rolled_back",
    "firstline.ticket",
}


@pytest.fixture(autouse=True)
def _loud_as_before() -> Iterator[None]:
    yield
    logging.getLogger("opentelemetry").setLevel(logging.NOTSET)


def by_trace(spans: Sequence[SentSpan]) -> list[dict[str, list[SentSpan]]]:
    """The spans of each trace by their names, the first trace first."""
    found: dict[bytes, dict[str, list[SentSpan]]] = {}
    for span in sorted(spans, key=lambda one: one.start_time_unix_nano):
        found.setdefault(span.trace_id, {}).setdefault(span.name, []).append(span)
    return list(found.values())


@on_sqlite
async def test_a_collector_gets_one_trace_of_each_message_without_a_word_of_it(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20tuppence")
        async with slack_workspace() as slack:
            environment = slack.environment(**ENVIRONMENT, FIRSTLINE_TRACES="true")
            async with running(monkeypatch, library, database_url, environment) as app:
                slack.target = f"{app.url}/slack/events"
                await until(lambda: has_roster(app), "the roster")
                await slack.say("DUANA", "UANA", UNKNOWN)
                await posted(slack, "DUANA", "HELP-1001")
                card = await posted(slack, "CROOM", UNKNOWN)
                await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
                await posted(slack, "DUANA", "Eva is now working on HELP-1001")
                await delivered(app.url)
                counted = app.application.metrics.text().decode()
    said, clicked = [spans for spans in by_trace(collector.spans) if "deliver" in spans]
    assert set(said) == WHOLE
    assert set(clicked) == WHOLE - {"match"}
    for spans in (said, clicked):
        ids = {span.span_id for some in spans.values() for span in some}
        roots = [span for some in spans.values() for span in some if not span.parent_span_id]
        assert [root.name for root in roots] == ["receive"]
        assert {span.parent_span_id for some in spans.values() for span in some} <= ids | {b""}
        (transaction,) = spans["transaction"]
        assert {span.parent_span_id for span in spans["deliver"]} == {transaction.span_id}
        assert len(spans["deliver"]) == len(spans["lease"]) == len(spans["render"]) == 2
        assert transaction.end_time_unix_nano <= min(span.start_time_unix_nano for span in spans["deliver"])
    for line in (
        'questions_total{decision="ticket",queue="default"} 1.0',
        'tickets_opened_total{after="question",by="employee",queue="default"} 1.0',
        'first_response_seconds_count{queue="default"} 1.0',
        'delivery_seconds_count{channel="slack"}',
        "content_learned 1.0",
    ):
        assert f"\nfirstline_{line}" in counted, "one for each that was committed, traced or not"
    assert {one.key for span in collector.spans for one in span.attributes} <= KNOWN
    told = "".join(map(str, collector.spans)) + str(collector.resources)
    for secret in ("flurbostat", "Ana", "Eva", "UANA", "xoxb", "tuppence", "Bearer"):
        assert secret not in told
    assert {one["service.name"] for one in collector.resources} == {"firstline"}
    assert {one["authorization"] for one in collector.headers} == {"Bearer tuppence"}


@on_sqlite
async def test_a_collector_that_is_away_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with structlog.testing.capture_logs() as lines:
        async with slack_workspace() as slack:
            environment = slack.environment(**ENVIRONMENT, FIRSTLINE_TRACES="true")
            async with running(monkeypatch, library, database_url, environment) as app:
                slack.target = f"{app.url}/slack/events"
                await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
                for person in ("UANA", "UTOM"):
                    await slack.say(f"D{person}", person, UNKNOWN)
                    await posted(slack, f"D{person}", "HELP-")
                await delivered(app.url)
    told = [line for line in lines if line["event"] == "traces_not_exported"]
    assert [line["log_level"] for line in told] == ["warning"]
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in told[0]["next_step"]


class Replica:
    """What one process would send."""

    def __init__(self) -> None:
        self._sent = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._sent))
        self.spans = Spans(provider.get_tracer("test"))
        self.tracing = Tracing(self.spans, self._end)

    async def _end(self) -> None:
        self._sent.shutdown()

    @property
    def sent(self) -> dict[str, ReadableSpan]:
        """The last span of each name."""
        return {span.name: span for span in self._sent.get_finished_spans()}


class Refusing:
    """A platform that refuses the first attempt."""

    name = "slack"

    def trouble(self) -> str | None:
        return None

    async def deliver(self, delivery: Delivery) -> Receipt:
        if delivery.attempt == 1:
            raise DeliveryFailed("channel_is_archived")
        return Receipt("1.0")


async def test_another_replica_goes_on_with_the_trace_at_each_attempt(helpdesk: Helpdesk) -> None:
    first, second = Replica(), Replica()
    begin = first.tracing.begin(helpdesk.begin)
    root = first.spans.begin("receive", SpanKind.SERVER, {})
    token = received.set(Received(root, now()))
    with begin() as work:
        place = work.conversations.open(helpdesk.direct("ana"))
        work.outbox.say(place, HELLO, helpdesk.clock())
    received.reset(token)
    root.end()
    assert trace.get() == ""
    dispatcher = second.tracing.dispatcher(helpdesk.desk.dispatcher)
    target = second.tracing.target(Refusing())
    (delivery,) = dispatcher.exchange([], 9, CHANNELS).next
    with pytest.raises(DeliveryFailed):
        await target.deliver(delivery)
    failed = second.sent["deliver"]
    assert failed.status.description == "channel_is_archived"
    assert failed.events == ()
    dispatcher.exchange([(delivery, DeliveryFailed("timeout"))], 0, CHANNELS)
    helpdesk.clock.move(minutes=10)
    (again,) = dispatcher.exchange([], 9, CHANNELS).next
    await target.deliver(again)
    begun = first.sent["transaction"].get_span_context()
    assert begun is not None
    for name in ("lease", "render", "deliver"):
        span = second.sent[name]
        assert span.parent is not None
        assert (span.parent.trace_id, span.parent.span_id) == (begun.trace_id, begun.span_id)
    assert begun.trace_id == root.get_span_context().trace_id
    assert (second.sent["deliver"].attributes or {})["firstline.attempt"] == 2


def test_a_trace_is_written_down_and_read_again() -> None:
    span = Replica().spans.begin("receive", SpanKind.SERVER, {})
    again = read(written(span))
    assert again is not None
    assert (again.trace_id, again.span_id) == (
        span.get_span_context().trace_id,
        span.get_span_context().span_id,
    )
    for nonsense in ("", "00-x-y-01", "00-0-0-01", "a-b", f"00-{'0' * 32}-{'0' * 16}-01"):
        assert read(nonsense) is None


class Away(SpanExporter):
    """An exporter whose collector is away."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.FAILURE

    def shutdown(self) -> None:
        pass


def test_a_collector_that_is_away_is_told_once_in_a_while_with_what_was_lost() -> None:
    clock = Seconds()
    exporter = TellingExporter(Away(), clock)
    span = ReadableSpan("one")
    with structlog.testing.capture_logs() as lines:
        for _ in range(50):
            exporter.export([span])
        clock.now += QUIET
        exporter.export([span])
    assert [line["lost"] for line in lines] == [1, 50]


def test_without_traces_every_part_stays_as_it_is_and_nothing_is_imported() -> None:
    untraced = tracing_of(Settings())
    part: Any = object()
    parts: tuple[Callable[[Any], object], ...] = (
        untraced.receive,
        untraced.carried,
        untraced.library,
        untraced.begin,
        untraced.dispatcher,
        untraced.target,
    )
    assert all(same(part) is part for same in parts)
    assert untraced.gates(lambda _request: "") == []
    code = "import sys, bot.server.application; print([m for m in sys.modules if 'opentelemetry' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_what_keeps_traces_from_being_sent_is_told_before_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mistakes_of_traces() == []
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    assert [told.partition(":")[0] for told in mistakes_of_traces()] == [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
    ]
    monkeypatch.setattr("bot.server.monitoring.tracing.collector.NEEDED", ("there_is_none.of_this",))
    assert "pip install 'firstline[otel]'" in mistakes_of_traces()[0]
