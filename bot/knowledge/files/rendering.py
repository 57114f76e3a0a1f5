"""Renders articles and intents as the files that hold them."""

from collections.abc import Mapping

import yaml

from bot.domain.knowledge.content import Article, Intent

_WIDTH = 1_000_000  # no line is broken


def article_text(article: Article) -> str:
    """Return the text of an article's file."""
    front: dict[str, object] = {"id": article.id, "title": article.title, "lang": article.language}
    lists = {"tags": list(article.tags), "questions": list(article.questions)}
    facts = {
        "url": article.url,
        "owner": article.owner,
        "updated": article.updated,
        "review_by": article.review_by,
    }
    front |= {name: value for name, value in (lists | facts).items() if value}
    return f"---\n{_yaml(front)}---\n\n{article.body.strip()}\n"


def intent_text(intent: Intent) -> str:
    """Return the text of the file of an intent that an article answers."""
    examples = {language: list(texts) for language, texts in intent.examples.items()}
    return _yaml({"intent": intent.id, "article": intent.article, "examples": examples})


def article_name(article: Article) -> str:
    """Return the name of an article's file: with its language where that is not English."""
    return f"{article.id}.md" if article.language == "en" else f"{article.id}.{article.language}.md"


def intent_name(intent: Intent) -> str:
    """Return the name of an intent's file."""
    return f"{intent.id}.yaml"


def _yaml(values: Mapping[str, object]) -> str:
    return yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=_WIDTH)
