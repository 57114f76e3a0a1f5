"""Builds the delivery of posts to the channels, and what the page and responses show."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.desk.cards.wiring import CardUseCases
from bot.desk.delivery.dispatcher import Dispatcher
from bot.desk.delivery.failure_notices import DeliveryFailures
from bot.desk.delivery.mirror_comments import MirrorComments
from bot.desk.delivery.own_tickets import OwnTickets
from bot.desk.delivery.page_view import DeskPageView
from bot.desk.delivery.redraw import Redraw
from bot.desk.delivery.rendering import PostRenderer
from bot.desk.outages.posts import OutagePosts
from bot.desk.relay.texts import RelayTexts
from bot.desk.shared_services import SharedServices


@dataclass(frozen=True, slots=True)
class DeliveryUseCases:
    """Use cases of delivery: the dispatcher, the page's view, and redraws for responses."""

    dispatcher: Dispatcher
    page_view: DeskPageView
    redraw: Redraw
    own_tickets: OwnTickets


def build_delivery(
    base: SharedServices,
    cards: CardUseCases,
    texts: RelayTexts,
    posts: OutagePosts,
    give_way: Callable[[], None],
) -> DeliveryUseCases:
    """Build the use cases of delivery; `give_way` waits for others before each step of a long reading."""
    begin, notifications, clock = base.begin, base.notifications, base.clock
    failures = DeliveryFailures(base.wording, texts, notifications, cards.locations, base.rooms)
    comments = MirrorComments(base.wording, base.language)
    renderer = PostRenderer(begin, cards.cards, cards.locations, comments, base.language, clock)
    return DeliveryUseCases(
        dispatcher=Dispatcher(begin, renderer, notifications, failures, clock),
        page_view=DeskPageView(begin, cards.cards, posts, base.permissions, base.library, clock, give_way),
        redraw=Redraw(begin, cards.cards, posts),
        own_tickets=OwnTickets(begin, cards.cards, clock),
    )
