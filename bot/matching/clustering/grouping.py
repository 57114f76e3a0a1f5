"""Groups texts that ask the same, apart from what the content knows already."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from bot.desk.ports.content import MatchedText, TextGroup
from bot.domain.knowledge.content import Content
from bot.matching.clustering.linkage import join
from bot.matching.clustering.similarity import Matrix, similarities, weigh_neighbours
from bot.matching.clustering.telling_words import PartingWords, lacking_words
from bot.matching.encoders.base import Encoder
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.text.normalise import readings

# Found on question sets whose intents were withheld: `python -m bench.gaps`.
SIMILAR = 0.58  # on the average, for one group
LEAN = 0.2  # by how much a text is more similar to the examples of what it matches surely
# Of so many times the fewest texts one shared word is enough; of less it is a theme, not a question.
SURE = 2
NEAREST = 5  # candidates of a text that are looked at
MOST_EXAMPLES = 12  # of one target
MOST_KNOWN = 2_000  # examples in all


class QuestionGrouping:
    """Grouping by words, n-grams and meaning; the content's examples stand among the texts.

    What is nearer to an article's examples is grouped about it, and never with what is near to another
    one's. Memory and time grow with the square of the texts.
    """

    def __init__(self, encoder: Encoder | None = None) -> None:
        """`encoder`: the built-in one unless given, whatever model answers."""
        self._encoder = encoder or BuiltinEncoder()

    def question(self, text: str) -> str:
        """What a text asks, as it was typed, without greetings, quotes, addresses and signatures."""
        asked = readings(text)[0]
        return " ".join(asked.source.split()) if asked.words else ""

    def groups(self, texts: Sequence[MatchedText], content: Content, fewest: int) -> tuple[TextGroup, ...]:
        """The groups with at least so many texts, the largest first."""
        if not texts:
            return ()
        known = list(_examples(texts, content))
        similar = self._similarities(texts, known)
        _lean(similar, texts, [target for target, _, _ in known])
        weigh_neighbours(similar)
        own = similar[: len(texts), : len(texts)].copy()
        numbers = {target: number for number, target in enumerate(dict.fromkeys(one[0] for one in known))}
        belongs = [-1] * len(texts) + [numbers[target] for target, _, _ in known]
        found: dict[int, list[int]] = defaultdict(list)
        for place, group in enumerate(join(similar, SIMILAR, belongs)[: len(texts)].tolist()):
            found[group].append(place)
        large = sorted((one for one in found.values() if len(one) >= fewest), key=len, reverse=True)
        words = PartingWords(texts)
        return tuple(
            TextGroup(_most_central(places, own), words.of(places))
            for places in large
            if len(places) >= SURE * fewest or words.shared(places) > 1
        )

    def lacking(self, texts: Sequence[MatchedText], target: str, content: Content) -> tuple[str, ...]:
        """The words of several of these texts that no text of the target has, the most common first."""
        return lacking_words(texts, list(_texts_of(target, content, whole=True)))

    def _similarities(self, texts: Sequence[MatchedText], known: Sequence[tuple[str, str, str]]) -> Matrix:
        written = [one.text for one in texts] + [text for _, _, text in known]
        languages = [one.language for one in texts] + [language for _, language, _ in known]
        vectors = np.asarray(self._encoder.encode(written, patient=True), np.float32)
        return similarities(written, languages, vectors)


def _most_central(places: list[int], similar: Matrix) -> tuple[int, ...]:
    central = similar[np.ix_(places, places)].sum(axis=1)
    order: npt.NDArray[np.int64] = np.argsort(-central, kind="stable")
    return tuple(places[at] for at in order.tolist())


def _examples(texts: Sequence[MatchedText], content: Content) -> Iterator[tuple[str, str, str]]:
    """Yield target, language and text of examples, of those targets that are nearest to most texts."""
    wanted = Counter(match.target for one in texts for match in one.matches[:NEAREST])
    number = 0
    for target, _ in wanted.most_common():
        for language, text in list(_texts_of(target, content))[:MOST_EXAMPLES]:
            if number == MOST_KNOWN:
                return
            number += 1
            yield target, language, text


def _texts_of(target: str, content: Content, *, whole: bool = False) -> Iterator[tuple[str, str]]:
    """Yield a target's texts with their languages: examples, questions and titles, `whole` articles, too."""
    for language, article in content.documents.get(target, {}).items():
        for text in (article.title, *article.questions, *([article.body] if whole else [])):
            yield language, text
    for intent in content.intents.values():
        if intent.target == target:
            for language, examples in intent.examples.items():
                for text in examples:
                    yield language, text


def _lean(similar: Matrix, texts: Sequence[MatchedText], targets: Sequence[str]) -> None:
    places: dict[str, list[int]] = defaultdict(list)
    for place, target in enumerate(targets, len(texts)):
        places[target].append(place)
    for row, one in enumerate(texts):
        for match in one.matches[:NEAREST]:
            if match.target in places:
                at = places[match.target]
                more = LEAN * match.confidence**0.5
                similar[row, at] += more
                similar[at, row] += more
