"""Builds the relay of messages and files between an employee and the rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk.buttons import ButtonRule
from bot.desk.ports.button_actions import OFFER
from bot.desk.relay.copies import FileRules, MessageCopies
from bot.desk.relay.file_offers import FileOffers
from bot.desk.relay.from_mirror import MirrorRelay
from bot.desk.relay.relay import Relay, ShowOwnCard
from bot.desk.relay.texts import RelayTexts
from bot.desk.shared_services import SharedServices
from bot.domain.conversations.messages import ConversationRef


@dataclass(frozen=True, slots=True)
class RelayUseCases:
    """Use cases of the relay: the relay, its texts, and its buttons."""

    relay: Relay
    from_mirror: MirrorRelay
    texts: RelayTexts
    buttons: Mapping[str, ButtonRule[Any]]


def build_relay(
    base: SharedServices,
    files: FileRules,
    mirrors: tuple[ConversationRef, ...],
    show_own_card: ShowOwnCard,
    both_ways: tuple[ConversationRef, ...] = (),
) -> RelayUseCases:
    """Build the use cases of the relay; `files` decides which files are passed on."""
    texts = RelayTexts(base.wording, base.language)
    offers = FileOffers(texts)
    copies = MessageCopies(texts, files, mirrors, both_ways)
    return RelayUseCases(
        relay=Relay(base.wording, texts, base.permissions, copies, show_own_card),
        from_mirror=MirrorRelay(copies, show_own_card),
        texts=texts,
        buttons={OFFER: ButtonRule(offers.reader, offers.answer)},
    )
