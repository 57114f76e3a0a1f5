"""Draft of an article that was made of a ticket, with the intent that leads to it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.drafts.redaction import Taken
from bot.domain.knowledge.content import Article, Intent


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """Draft: an article in one language, the intent that leads to it, and what was taken out, by kind.

    `reference` is the ticket's.
    """

    reference: str
    article: Article
    intent: Intent
    taken: Mapping[Taken, int]
