"""The line of words that shows why a candidate matched."""

from collections.abc import Mapping, Sequence

from bot.matching.index.vocabulary import is_stop_word
from bot.matching.scoring.related_words import RelatedWords
from bot.matching.text.normalise import Words, fold
from bot.matching.text.wordlists import CHAT

MOST_SHOWN = 6  # words in `why`
LONGEST_SHOWN = 50  # letters of one
ENOUGH = 3  # of them, so that nothing more is looked up
WITH_RELATED = 3  # candidates, the best ones, of which related words are looked up


class MatchedWords:
    """Writes the line of each candidate for one question."""

    def __init__(
        self, text: Words, repaired: Mapping[str, str], language: str, related: RelatedWords | None = None
    ) -> None:
        """`repaired`: words as typed -> as meant; `related`: None where embeddings were not weighed."""
        # Chat forms are written out before anything is repaired.
        chat = {word: CHAT[word] for word in fold(text.source).replace(",", " ").split() if word in CHAT}
        self._replaced = {**chat, **repaired}
        # What was typed as one word is shown once, with all that it was read as.
        self._typed_as = {part: typed for typed, meant in self._replaced.items() for part in meant.split()}
        self._unchanged = [word for word in text.words if word not in self._typed_as]
        self._language, self._related = language, related
        self._forms: dict[str, str] = {}  # many candidates match the same words

    def why(self, matched: Sequence[str], target: str, rank: int) -> str:
        """The words that a candidate matched, in their order, then those related to its own, in one line.

        `rank`: from 0 for the best candidate. Stop words are shown only where there is nothing else.
        """
        telling = [form for form in map(self._form, matched) if form]
        # Looked up where somebody reads it: beside the best one, and where words alone say nothing.
        wanted = rank < WITH_RELATED if not telling else rank == 0 and len(telling) < ENOUGH
        if self._related is not None and wanted:
            asked = [word for word in self._unchanged if word not in matched]
            pairs = self._related.pairs(asked, target, self._language, alone=not telling)
            telling += [f"{word}≈{other}" for word, other in pairs]
        words = list(dict.fromkeys(telling or matched))[:MOST_SHOWN]
        return ", ".join(word if len(word) <= LONGEST_SHOWN else f"{word[:LONGEST_SHOWN]}…" for word in words)

    def _form(self, word: str) -> str:
        # Empty for a stop word.
        form = self._forms.get(word)
        if form is None:
            typed = self._typed_as.get(word)
            shown = word if typed is None else f"{typed}→{self._replaced[typed]}"
            form = self._forms[word] = "" if is_stop_word(word) else shown
        return form
