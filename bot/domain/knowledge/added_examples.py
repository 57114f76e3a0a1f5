"""Adds examples to the targets of a content."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.knowledge.content import AddedExamples, Article, Content, Intent

ByLanguage = Mapping[str, tuple[str, ...]]
Articles = Mapping[str, Mapping[str, Article]]
Intents = Mapping[str, Intent]


def add_examples(articles: Articles, intents: Intents, added: AddedExamples) -> tuple[Articles, Intents]:
    """Add examples to the intent of this id or of this article, else to the article's own questions.

    Where the article is not in their language they go to the version that is read instead. What is there
    already stays once. Nothing changes where there is no such article or intent.
    """
    intent = intents.get(added.id) or next(
        (one for one in intents.values() if one.article == added.id and not one.action), None
    )
    if intent is not None:
        more = {lang: _more(intent.examples.get(lang, ()), texts) for lang, texts in added.examples.items()}
        return articles, {**intents, intent.id: replace(intent, examples={**intent.examples, **more})}
    versions = dict(articles.get(added.id, {}))
    for language, texts in added.examples.items():
        read = next((code for code in (language, "en", *versions) if code in versions), None)
        if read is not None:
            article = versions[read]
            versions[read] = replace(article, questions=_more(article.questions, texts))
    return ({**articles, added.id: versions} if versions else articles), intents


def with_examples(content: Content, added: Mapping[str, ByLanguage], mark: str) -> Content:
    """Return a content with more examples, by target; `mark` tells it from others."""
    articles, intents = content.articles, content.intents
    for target, examples in added.items():
        articles, intents = add_examples(articles, intents, AddedExamples(target, examples))
    return replace(content, articles=articles, intents=intents, hash=f"{content.hash}-with-{mark}")


def _more(there: tuple[str, ...], texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*there, *texts)))
