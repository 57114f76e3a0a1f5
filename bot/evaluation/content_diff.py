"""Finds what was edited between two contents, by short hashes of each target's parts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.knowledge.content import Article, Content, Intent
from bot.evaluation.targets import nearest

Parts = Mapping[str, str]  # "article en", "intent vpn", "example 1a2b3c4d5e" -> a hash
EXAMPLE = "example "


def part_hashes(content: Content) -> dict[str, dict[str, str]]:
    """The parts of each target, each with a hash of what matching reads of it."""
    found: dict[str, dict[str, str]] = {}
    for name, versions in content.articles.items():
        parts = found.setdefault(name, {})
        for language, article in versions.items():
            parts[f"article {language}"] = _hash(article.title, article.body, *article.tags)
            parts |= dict.fromkeys(map(_example, article.questions), "")
    for intent in content.intents.values():
        parts = found.setdefault(intent.target, {})
        opens = ("opens",) if intent.opens is not None else ()
        parts[f"intent {intent.id}"] = _hash(
            intent.article or "", intent.action or "", _reply(intent), *opens
        )
        for examples in intent.examples.values():
            parts |= dict.fromkeys(map(_example, examples), "")
    return found


@dataclass(frozen=True, slots=True)
class Edit:
    """What changed in one target: parts, and the examples that are new (their texts)."""

    target: str
    changes: tuple[str, ...]
    examples: tuple[str, ...] = ()
    new: bool = False  # the whole target

    def told(self, question: str = "") -> str:
        """The edit as one line; of many new examples, the one most like the question."""
        said = list(self.changes)
        if self.examples:
            near = nearest(question, self.examples) if question else self.examples[0]
            more = f" and {len(self.examples) - 1} more" if len(self.examples) > 1 else ""
            said.append(f"new example “{near}”{more}")
        return f"{self.target}: {', '.join(said)}"


def edits(before: Mapping[str, Parts], content: Content) -> dict[str, Edit]:
    """What changed since `before`, by target."""
    now = part_hashes(content)
    texts = {_example(text): text for text in _examples(content)}
    found = {}
    for target in sorted({*before, *now}):
        if before.get(target) == now.get(target):
            continue
        if target not in before:
            found[target] = Edit(target, ("it is new",), new=True)
        elif target not in now:
            found[target] = Edit(target, ("it was removed",))
        else:
            found[target] = _edit(target, before[target], now[target], texts)
    return found


def _edit(target: str, before: Parts, now: Parts, texts: Mapping[str, str]) -> Edit:
    changes = []
    for part in sorted({*before, *now}):
        if part.startswith(EXAMPLE) or before.get(part) == now.get(part):
            continue
        what = "added" if part not in before else "removed" if part not in now else "changed"
        changes.append(f"{part} {what}")
    gone = sum(part.startswith(EXAMPLE) for part in before if part not in now)
    if gone:
        changes.append(f"{gone} example{'s' if gone > 1 else ''} removed")
    new = tuple(texts[part] for part in now if part.startswith(EXAMPLE) and part not in before)
    return Edit(target, tuple(changes), new)


def _examples(content: Content) -> Sequence[str]:
    articles: list[Article] = [a for versions in content.articles.values() for a in versions.values()]
    found = [text for article in articles for text in article.questions]
    return found + [t for i in content.intents.values() for examples in i.examples.values() for t in examples]


def _reply(intent: Intent) -> str:
    return "\n".join(f"{language}: {text}" for language, text in sorted((intent.reply or {}).items()))


def _example(text: str) -> str:
    return EXAMPLE + _hash(text)


def _hash(*texts: str) -> str:
    joined = "\0".join(texts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:12]
