"""Finds the words that tell what a group of texts is about."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from bot.desk.ports.content import MatchedText
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.text.normalise import words_of
from bot.matching.text.stems import Stems

MOST_PARTING = 4
MOST_LACKING = 6
FEWEST = 2  # people who use a word: what one alone wrote may be a name
LEAST_SHARE = 0.2  # of a group's people
_SHORTEST = 3  # letters
Written = tuple[int, dict[str, str]]  # by whom; the stems, each with a form of it


class PartingWords:
    """Finds the words that most texts of a group have and few of the others."""

    def __init__(self, texts: Sequence[MatchedText]) -> None:
        self._stems = [(one.person, stems_in(one.text, one.language)) for one in texts]
        self._counts = _people_by_stem(self._stems)
        self._people = len({one.person for one in texts})

    def shared(self, places: Sequence[int]) -> int:
        """How many words several of these texts have."""
        return len(_common_words([self._stems[place] for place in places]))

    def of(self, places: Sequence[int]) -> tuple[str, ...]:
        """The words of the texts at these places, each in its most common form."""
        texts = [self._stems[place] for place in places]
        inside, counts = _common_words(texts), _people_by_stem(texts)
        size = len({person for person, _ in texts})
        others = max(self._people - size, 1)
        scores = {}
        for stem in inside:
            here, there = counts[stem] / size, max(self._counts[stem] - counts[stem], 0) / others
            scores[stem] = here * math.log((here + 0.01) / (there + 0.01))
        best = sorted((stem for stem in scores if scores[stem] > 0), key=lambda stem: (-scores[stem], stem))
        return tuple(_form(inside[stem]) for stem in best[:MOST_PARTING])


def lacking_words(texts: Sequence[MatchedText], target: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The words of several people that no text of a target, (language, text), has; most common first."""
    there = {stem for language, text in target for stem in stems_in(text, language)}
    own = _common_words([(one.person, stems_in(one.text, one.language)) for one in texts])
    found = [(-forms.total(), _form(forms)) for stem, forms in own.items() if stem not in there]
    return tuple(form for _, form in sorted(found)[:MOST_LACKING])


def stems_in(text: str, language: str) -> dict[str, str]:
    """The stems of a text's words that say what it is about, with a form of each."""
    stem = Stems().stem
    words = [word for word in words_of(text).words if len(word) >= _SHORTEST and not is_stop_word(word)]
    return {stem(word, language): word for word in words}


def _common_words(texts: Sequence[Written]) -> dict[str, Counter[str]]:
    """The forms of each stem that enough people use."""
    people = _people_by_stem(texts)
    fewest = max(FEWEST, math.ceil(LEAST_SHARE * len({person for person, _ in texts})))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for _, stems in texts:
        for stem, form in stems.items():
            if people[stem] >= fewest:
                found[stem][form] += 1
    return found


def _people_by_stem(texts: Sequence[Written]) -> Counter[str]:
    return Counter(stem for _, stem in {(person, stem) for person, stems in texts for stem in stems})


def _form(forms: Counter[str]) -> str:
    return min(forms, key=lambda form: (-forms[form], form))
