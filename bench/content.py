"""Writes any number of articles: this repository's own, repeated with words replaced at random, by a seed."""

import random
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from bench.plan import SEED
from bench.processes import BenchFailed
from bot.domain.knowledge.content import Article, Content, Intent
from bot.runtime.resources import find
from bot.server.content import content_in

LANGUAGES = ("en", "es")
EXAMPLES = 10
REPLACED = 0.3  # of the longer words
_WORD = re.compile(r"[a-záéíóúñü]{5,}")
SYLLABLES = (
    "al bor cen dex fin gal hyp ix jor kal lum mon nor ox pax quin ros sol tan ux ver wex yon zet".split()
)


class _WordReplacer:
    """Replaces words of one language, the same word always by the same other one."""

    def __init__(self, rng: random.Random, words: list[str], product: str) -> None:
        self._rng = rng
        self._words = words
        self._product = product
        self._replacements: dict[str, str] = {}

    def text(self, text: str) -> str:
        return _WORD.sub(lambda match: self._word(match[0]), text)

    def with_product(self, text: str) -> str:
        return f"{self.text(text)} ({self._product})"

    def _word(self, word: str) -> str:
        if word not in self._replacements:
            replaced = self._rng.random() < REPLACED
            self._replacements[word] = self._rng.choice(self._words) if replaced else word
        return self._replacements[word]


def write(folder: Path, articles: int) -> tuple[Path, Path]:
    """Write so many articles in two languages, each with an intent of ten examples in each; two folders."""
    content = content_in(find("kb_articles"), find("intents"))
    kb, intents = folder / "kb_articles", folder / "intents"
    for path in (kb, intents):
        path.mkdir(parents=True)
    rng = random.Random(SEED)
    words = {language: _vocabulary(content, language) for language in LANGUAGES}
    with_article = sorted(
        intent.target
        for intent in content.intents.values()
        if intent.article and set(LANGUAGES) <= set(content.articles[intent.target])
    )
    if not with_article:
        raise BenchFailed("there is no article in both languages with an intent")
    for number in range(articles):
        target = with_article[number % len(with_article)]
        name, product = f"{target}-{number:04d}", "".join(rng.choices(SYLLABLES, k=3)).capitalize()
        replacer = {language: _WordReplacer(rng, words[language], product) for language in LANGUAGES}
        for language in LANGUAGES:
            _write_article(kb, name, content.articles[target][language], replacer[language], language)
        _write_intent(intents, name, content.intent(target), replacer, rng)
    for intent in content.intents.values():
        if not intent.article:
            body = {"intent": intent.id, "examples": {k: list(v) for k, v in intent.examples.items()}}
            body |= {"action": intent.action} if intent.action else {"reply": dict(intent.reply or {})}
            _dump(intents / f"{intent.id}.yaml", body)
    return kb, intents


def _vocabulary(content: Content, language: str) -> list[str]:
    bodies = (versions[language].body for versions in content.articles.values() if language in versions)
    return sorted({word for body in bodies for word in _WORD.findall(body)})


def _write_article(folder: Path, name: str, article: Article, replacer: _WordReplacer, language: str) -> None:
    changed = replace(article, title=replacer.with_product(article.title), body=replacer.text(article.body))
    front = {"id": name, "title": changed.title, "lang": language, "tags": list(article.tags)}
    suffix = "" if language == "en" else f".{language}"
    text = f"---\n{yaml.safe_dump(front, allow_unicode=True, sort_keys=False)}---\n\n{changed.body}\n"
    (folder / f"{name}{suffix}.md").write_text(text, encoding="utf-8")


def _write_intent(
    folder: Path, name: str, intent: Intent | None, replacer: dict[str, _WordReplacer], rng: random.Random
) -> None:
    if intent is None:
        raise BenchFailed(f"{name} has no intent")
    examples = {
        language: _examples(list(intent.examples[language]), replacer[language], rng)
        for language in LANGUAGES
    }
    _dump(folder / f"{name}.yaml", {"intent": name, "article": name, "examples": examples})


def _examples(written: list[str], replacer: _WordReplacer, rng: random.Random) -> list[str]:
    # Of ten, three name the product; where the original has fewer than ten, more do.
    shuffled = rng.sample(written, len(written))
    plain = [replacer.text(example) for example in shuffled[: EXAMPLES - 3]]
    named = [replacer.with_product(example) for example in shuffled]
    return list(dict.fromkeys(plain + named))[:EXAMPLES]


def _dump(path: Path, body: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(body, allow_unicode=True, sort_keys=False), encoding="utf-8")
