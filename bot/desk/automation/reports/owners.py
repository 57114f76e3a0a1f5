"""Finds where the owner of an article is reached: in their private chat, where they are somebody we know."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Identity, hash_address, plain_address

# Finds the private chat of an account, in which a thread of this key begins; None where there is none.
ChatWith = Callable[[Identity, str], ConversationRef | None]


@dataclass(frozen=True, slots=True)
class ReachedOwner:
    """Owner who is reached: the place of their private chat, and their language where it is known."""

    place: ConversationRef
    language: str | None


class Owners:
    """Owners of articles: an id of a channel, or an address that an account has."""

    def __init__(self, chat_with: ChatWith, address_key: str) -> None:
        self._chat_with = chat_with
        self._address_key = address_key

    def reach(self, work: UnitOfWork, owner: str, key: str) -> ReachedOwner | None:
        """Find an owner's private chat; None for nobody we know, and where two people have this id."""
        address = plain_address(owner)
        hashed = hash_address(address, self._address_key) if address and self._address_key else ""
        accounts = work.articles.accounts(Identity.parse(owner), hashed)
        people = {one.person.joined or -one.person.id for one in accounts if one.person is not None}
        strangers = [one for one in accounts if one.person is None]
        if len(people) + len(strangers) > 1:
            return None
        for account in accounts:
            place = self._chat_with(account.identity, key)
            if place is not None:
                return ReachedOwner(place, account.person.language if account.person else None)
        return None
