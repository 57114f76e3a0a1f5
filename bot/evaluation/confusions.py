"""Finds which targets are taken for others, and groups the questions that nothing answers."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evaluation.judging import JudgedQuestion, Outcome
from bot.evaluation.stop_words import ORDINARY
from bot.evaluation.targets import words_of

FEWEST = 2  # questions in a group
SHORTEST = 3  # letters of a word that can name a group
SHARED = 0.5  # of a group's questions have a word that is shown with it


@dataclass(frozen=True, slots=True)
class Confusion:
    """Questions of one target for which another came first, or was answered."""

    right: str
    taken: str
    wrong: int  # answered wrongly
    questions: tuple[JudgedQuestion, ...]  # surest first


def confusions(judged: Sequence[JudgedQuestion]) -> list[Confusion]:
    """Pairs of targets that are taken for one another; those with most wrong answers come first."""
    pairs: dict[tuple[str, str], list[JudgedQuestion]] = defaultdict(list)
    for one in judged:
        if one.target is not None and one.predicted is not None and one.predicted != one.target:
            pairs[one.target, one.predicted].append(one)
    found = [
        Confusion(
            right,
            taken,
            sum(one.outcome is Outcome.WRONG for one in ones),
            tuple(sorted(ones, key=lambda one: -one.confidence)),
        )
        for (right, taken), ones in pairs.items()
    ]
    return sorted(found, key=lambda c: (-c.wrong, -len(c.questions), -c.questions[0].confidence, c.taken))


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that share words; `words` is empty for those that share none."""

    words: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnansweredQuestions:
    """Unanswerable questions: those that were answered all the same, surest first, and the others grouped.

    `kinds` counts those that opened a ticket of a kind, by kind; they and remarks are in no group.
    """

    answered: tuple[JudgedQuestion, ...]
    kinds: tuple[tuple[str, int], ...]
    groups: tuple[Group, ...]


def unserved(judged: Sequence[JudgedQuestion]) -> UnansweredQuestions:
    """The questions that no article serves."""
    unanswerable = [one for one in judged if not one.answerable]
    answered = [one for one in unanswerable if one.decision == "answer"]
    answered.sort(key=lambda one: -one.confidence)
    kinds = Counter(one.predicted or "" for one in unanswerable if one.decision == "ticket")
    left = [one.text for one in unanswerable if one.decision in ("choose", "escalate")]
    groups = grouped(left, [one.text for one in judged])
    return UnansweredQuestions(tuple(answered), tuple(kinds.most_common()), tuple(groups))


def grouped(texts: Sequence[str], everything: Sequence[str]) -> list[Group]:
    """Group texts by the words that they share and the rest of the questions does not.

    The word that stands in most of them, weighed by how rare it is in `everything`, names the next group.
    """
    usual = Counter(stem for text in everything for stem in _stems(text))
    stems = {place: _stems(text) for place, text in enumerate(texts)}
    counts = Counter(stem for own in stems.values() for stem in own)
    forms = _forms(texts)
    groups = []
    while telling := {
        stem: count * math.log((len(everything) + 1) / max(usual[stem], 1))
        for stem, count in counts.items()
        if count >= FEWEST
    }:
        chosen = max(sorted(telling), key=lambda stem: telling[stem])
        members = {place: own for place, own in stems.items() if chosen in own}
        names = [chosen, *_companions(chosen, list(members.values()), usual)]
        groups.append(Group(tuple(forms[name] for name in names), tuple(texts[place] for place in members)))
        for place, own in members.items():
            counts.subtract(own)
            del stems[place]
    if stems:
        groups.append(Group((), tuple(texts[place] for place in stems)))
    return sorted(groups, key=lambda group: (not group.words, -len(group.questions)))


def _companions(chosen: str, members: Sequence[frozenset[str]], usual: Counter[str]) -> list[str]:
    counts = Counter(stem for own in members for stem in own)
    need = max(FEWEST, SHARED * len(members))
    # Words that stand everywhere say nothing of this group.
    telling = [s for s, n in counts.items() if n >= need and n >= SHARED * usual[s] and s != chosen]
    return sorted(telling, key=lambda stem: (-counts[stem], stem))[:3]


def _forms(texts: Sequence[str]) -> dict[str, str]:
    # the form in which each stem is written most often
    shown = Counter(word for text in texts for word in words_of(text))
    ordered = sorted(shown, key=lambda word: (shown[word], word))
    return {_stem(word): word for word in ordered}


def _stems(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in words_of(text) if len(word) >= SHORTEST and word not in ORDINARY)


def _stem(word: str) -> str:
    # Enough to see that "printers" and "printer" are one; both languages build plurals with s.
    return word[:-1] if len(word) > SHORTEST and word.endswith("s") and not word.endswith("ss") else word
