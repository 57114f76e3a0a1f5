"""Which words speak for a candidate, as they are shown."""

from collections.abc import Mapping, Sequence

from bot.matching.index.vocabulary import dull
from bot.matching.scoring.related_words import RelatedWords
from bot.matching.text.normalise import Words, fold
from bot.matching.text.wordlists import CHAT

MOST_SHOWN = 6  # words in `why`
LONGEST_SHOWN = 50  # letters of one
ENOUGH = 3  # of them, so that nothing more is looked up
WITH_KIN = 3  # candidates, the best ones, of which kindred words are looked up


class MatchedWords:
    """The words of one question as they are shown."""

    def __init__(
        self, text: Words, repaired: Mapping[str, str], language: str, related: RelatedWords | None = None
    ) -> None:
        """`repaired`: words as typed and as meant; `kin`: where kindred words were weighed."""
        # Chat forms are written out before anything is repaired.
        chat = {word: CHAT[word] for word in fold(text.source).replace(",", " ").split() if word in CHAT}
        self._meant = {**chat, **repaired}
        # What was typed as one word is shown once, with all that it was read as.
        self._origin = {part: typed for typed, meant in self._meant.items() for part in meant.split()}
        self._said = [word for word in text.words if word not in self._origin]
        self._language, self._related = language, related
        self._forms: dict[str, str] = {}  # many candidates know the same words

    def why(self, matched: Sequence[str], target: str, rank: int) -> str:
        """Those that a candidate knows, in their order, then those of which it has kindred ones, in one line.

        What says nothing is shown only where there is nothing else.
        """
        telling = [form for form in map(self._form, matched) if form]
        # Looked up where somebody reads it: beside the best one, and where words alone say nothing.
        wanted = rank < WITH_KIN if not telling else rank == 0 and len(telling) < ENOUGH
        if self._related is not None and wanted:
            asked = [word for word in self._said if word not in matched]
            pairs = self._related.pairs(asked, target, self._language, alone=not telling)
            telling += [f"{word}≈{other}" for word, other in pairs]
        words = list(dict.fromkeys(telling or matched))[:MOST_SHOWN]
        return ", ".join(word if len(word) <= LONGEST_SHOWN else f"{word[:LONGEST_SHOWN]}…" for word in words)

    def _form(self, word: str) -> str:
        # Empty for a word that says nothing.
        form = self._forms.get(word)
        if form is None:
            typed = self._origin.get(word)
            said = word if typed is None else f"{typed}→{self._meant[typed]}"
            form = self._forms[word] = "" if dull(word) else said
        return form
