"""Which words speak for a candidate, as they are shown."""

from collections.abc import Mapping, Sequence

from bot.matching.features import dull

MOST_SHOWN = 6  # words in `why`
LONGEST_SHOWN = 50  # letters of one


class Shown:
    """The words of one question as they are shown."""

    def __init__(self, repaired: Mapping[str, str]) -> None:
        self._repaired = repaired
        # What was typed as one word is shown once, with all that it was read as.
        self._origin = {part: wrong for wrong, right in repaired.items() for part in right.split()}
        self._forms: dict[str, str] = {}  # many candidates know the same words

    def why(self, matched: Sequence[str]) -> str:
        """Those that a candidate knows, in one line; what says nothing only where there is nothing else."""
        forms = [self._form(word) for word in matched]
        words = list(dict.fromkeys([form for form in forms if form] or matched))[:MOST_SHOWN]
        return ", ".join(word if len(word) <= LONGEST_SHOWN else f"{word[:LONGEST_SHOWN]}…" for word in words)

    def _form(self, word: str) -> str:
        # Empty for a word that says nothing.
        form = self._forms.get(word)
        if form is None:
            typed = self._origin.get(word)
            said = word if typed is None else f"{typed}→{self._repaired[typed]}"
            form = self._forms[word] = "" if dull(word) else said
        return form
