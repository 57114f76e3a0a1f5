"""Spans of posts: each goes on with the trace that its row names, whichever replica delivers it."""

from collections.abc import Sequence

from opentelemetry.trace import SpanKind

from bot.desk.delivery.dispatcher import Dispatcher, Exchange, Result
from bot.desk.delivery.rendering import PostRenderer
from bot.desk.ports.channels import Delivery, DeliveryTarget, Receipt
from bot.desk.ports.outbox import LeasedPost
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.errors import DeliveryFailed
from bot.server.monitoring.tracing.spans import Spans, fail, now, read


class TracedDispatcher(Dispatcher):
    """Dispatcher that tells of each post when it was leased and rendered."""

    def __init__(self, dispatcher: Dispatcher, spans: Spans) -> None:
        self.__dict__ = {**dispatcher.__dict__}
        self._renderer = self._seen = _TracedRenderer(dispatcher._renderer, spans)

    def exchange(
        self,
        results: Sequence[Result],
        limit: int,
        channels: Sequence[str],
        under_way: Sequence[Delivery] = (),
    ) -> Exchange:
        self._seen.leasing_since = now()  # one exchange at a time
        return super().exchange(results, limit, channels, under_way)


class _TracedRenderer(PostRenderer):
    """Renderer that tells of each post how long it took to lease, and to render."""

    def __init__(self, renderer: PostRenderer, spans: Spans) -> None:
        self.__dict__ = {**renderer.__dict__}
        self._spans = spans
        self.leasing_since = 0

    def _delivery(self, work: UnitOfWork, leased: LeasedPost) -> Delivery:
        context, begun = read(leased.trace), now()
        delivery = super()._delivery(work, leased)
        if context is not None:
            post: dict[str, str | int] = {
                "firstline.post": leased.id,
                "firstline.channel": leased.conversation.channel,
            }
            self._spans.below(context, "lease", self.leasing_since, begun, post)
            self._spans.below(context, "render", begun, now(), post)
        return delivery


class TracedTarget(DeliveryTarget):
    """Target that tells how long a platform took, and what it said."""

    def __init__(self, target: DeliveryTarget, spans: Spans) -> None:
        self.name = target.name
        self._target = target
        self._spans = spans

    def trouble(self) -> str | None:
        return self._target.trouble()

    async def deliver(self, delivery: Delivery) -> Receipt:
        context = read(delivery.trace)
        if context is None:
            return await self._target.deliver(delivery)
        attributes: dict[str, str | int] = {
            "firstline.post": delivery.id,
            "firstline.channel": self.name,
            "firstline.attempt": delivery.attempt,
        }
        span = self._spans.start(context, "deliver", now(), attributes, SpanKind.CLIENT)
        try:
            return await self._target.deliver(delivery)
        except DeliveryFailed as failed:
            fail(span, failed.code)
            raise
        except BaseException as error:
            fail(span, type(error).__name__)
            raise
        finally:
            span.end()
