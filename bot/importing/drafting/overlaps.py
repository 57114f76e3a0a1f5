"""Finds articles that say nearly the same, by the runs of words that they share."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from bot.domain.knowledge.content import Article
from bot.domain.knowledge.markdown_blocks import without_addresses

RUN = 4  # words
FEWEST_RUNS = 12  # of an article that is compared
ALIKE = 0.6  # of the shorter one's runs are in the other, too
COMMON = 25  # articles that share a run: it is boilerplate, and tells nothing
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two articles of one language that say nearly the same; `share` of the shorter one is in the other."""

    kept: Article
    other: Article
    share: float
    reason: str


def overlaps(articles: Sequence[Article], own: frozenset[str]) -> list[Overlap]:
    """Find the pairs, most alike first; `own` are the ids that were written by hand, and are to be kept."""
    runs = [_runs(article) for article in articles]
    by_run: dict[int, list[int]] = {}
    for at, found in enumerate(runs):
        for run in found if len(found) >= FEWEST_RUNS else ():
            by_run.setdefault(run, []).append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for places in by_run.values():
        if 1 < len(places) <= COMMON:
            shared.update(combinations(places, 2))
    found_pairs = []
    for (one, other), count in shared.items():
        share = count / min(len(runs[one]), len(runs[other]))
        if share >= ALIKE and articles[one].id != articles[other].id:
            found_pairs.append(_judged(articles[one], articles[other], share, own))
    return sorted(found_pairs, key=lambda pair: (-pair.share, pair.kept.id, pair.other.id))


def same_text(article: Article) -> str:
    """Return what is the same for two articles of the same words in one language."""
    return f"{article.language}:{' '.join(_words(article))}"


def _words(article: Article) -> list[str]:
    return _WORD.findall(without_addresses(article.body).casefold())


def _runs(article: Article) -> frozenset[int]:
    words = [article.language, *_words(article)]
    return frozenset(hash((words[0], *words[at : at + RUN])) for at in range(1, len(words) - RUN + 1))


def _judged(one: Article, other: Article, share: float, own: frozenset[str]) -> Overlap:
    if (one.id in own) != (other.id in own):
        kept, reason = (one if one.id in own else other), "it is your own"
    elif one.updated and other.updated and one.updated != other.updated:
        kept, reason = max(one, other, key=lambda article: article.updated or one.updated), "it is newer"  # type: ignore[arg-type,return-value]
    else:
        kept, reason = max(one, other, key=lambda article: len(article.body)), "it says more"
    return Overlap(kept, other if kept is one else one, share, reason)
