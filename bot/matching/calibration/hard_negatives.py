"""Makes hard negatives: questions of the content's own form that ask for what the content does not know.

The most telling words of a question are exchanged for common words that no text of the content has. What is
left is what many questions share: “how do I get a new ... for my ...”.
"""

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bot.domain.knowledge.labelled_question import Question
from bot.matching.index.bm25 import ArticleIndex
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.text.normalise import words_of
from bot.matching.text.word_table import LANGUAGES, word_table

EVERY = 3  # of so many answerable questions one is made into a hard negative
EXCHANGED = 0.34  # of its telling words, the rarest first
MOST_COMMON, LEAST_COMMON = 300, 6_000  # places of the words that are put in, among a language's words
SHORTEST = 4  # letters of them
TRIES = 30  # for a word that the content lacks


def made_of(questions: Sequence[Question], articles: ArticleIndex) -> list[Question]:
    """Hard negatives made of questions; always the same, none in a language without a word table."""
    answerable = [question for question in questions if question.expected is not None][::EVERY]
    found = []
    for question in answerable:
        language = question.language or LANGUAGES[0]
        rng = np.random.default_rng(zlib.crc32(question.text.encode(errors="replace")))
        text = _exchanged(question.text, language, articles, rng) if language in LANGUAGES else None
        if text is not None:
            found.append(replace(question, text=text, expected=None))
    return found


def _exchanged(text: str, language: str, articles: ArticleIndex, rng: np.random.Generator) -> str | None:
    words = text.split()
    rarity = {}
    for place, word in enumerate(words):
        read = words_of(word)
        if any(not is_stop_word(part) for part in read.words):
            rarity[place] = articles.rarity(read, language)
    if not rarity:
        return None
    rarest = sorted(rarity, key=lambda place: -rarity[place])
    common = word_table().common(language)[MOST_COMMON:LEAST_COMMON]
    for place in rarest[: max(1, round(EXCHANGED * len(rarest)))]:
        drawn = (common[int(at)] for at in rng.integers(len(common), size=TRIES))
        words[place] = next(
            (word for word in drawn if len(word) >= SHORTEST and not articles.has_word(word)), words[place]
        )
    return " ".join(words)
