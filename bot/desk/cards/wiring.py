"""Builds the cards that show tickets in rooms."""

from dataclasses import dataclass

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.clusters import Clusters
from bot.desk.cards.forms import TicketForms
from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.cards.stale_buttons import StaleButtons
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.ports.content import Similarity
from bot.desk.shared_services import SharedServices
from bot.domain.conversations.messages import ConversationRef


@dataclass(frozen=True, slots=True)
class CardUseCases:
    """Use cases of cards: their content, locations, clusters, forms and stale buttons."""

    cards: TicketCards
    forms: TicketForms
    locations: CardLocations
    clusters: Clusters
    stale_buttons: StaleButtons
    shadow: ShadowMode


def build_cards(
    base: SharedServices,
    shadowed: frozenset[str],
    mirrors: tuple[ConversationRef, ...],
    similarity: Similarity,
) -> CardUseCases:
    """Build the use cases; `shadowed` are channels in shadow mode, `mirrors` where tickets are mirrored."""
    wording, library = base.wording, base.library

    def queue_names() -> tuple[str, ...]:
        return library.snapshot.content.queue_names

    def queue_label(queue: str, language: str) -> str:
        return library.snapshot.content.queues.label(queue, language)

    shadow = ShadowMode(wording, library, shadowed)
    locations = CardLocations(base.rooms, base.notifications, mirrors)
    return CardUseCases(
        cards=TicketCards(
            wording,
            library,
            base.language,
            mirrored=bool(mirrors),
            shadow=shadow,
            wait_texts=base.wait_texts,
        ),
        forms=TicketForms(wording, base.permissions, queue_names, queue_label),
        locations=locations,
        clusters=Clusters(base.begin, base.clock, library, similarity, locations, base.notifications, shadow),
        stale_buttons=StaleButtons(wording),
        shadow=shadow,
    )
