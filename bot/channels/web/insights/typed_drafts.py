"""Keeps what people have typed into a draft until it is approved, for a day."""

from hashlib import sha256

from bot.desk.ports.clock import Clock
from bot.desk.ports.content import DraftTexts
from bot.desk.ports.content import TypedDrafts as Book
from bot.domain.drafts.typed_draft import KEPT, TypedDraft
from bot.domain.people import Identity

LONGEST = 100_000  # characters of both texts


class TypedDrafts:
    """Typed drafts, each of one person; nothing of them is left in a browser.

    What was typed is shown only while the draft that it began from is still made: where words of it were
    erased or have expired, they do not come back.
    """

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock

    def keep(self, person: Identity, source: str, base: str, texts: DraftTexts) -> None:
        """Keep what somebody typed; what is as it was before anybody typed is forgotten."""
        if digest_of(texts) != base and len(texts.article) + len(texts.intent) <= LONGEST:
            typed = TypedDraft(self._clock(), base, _storable(texts.article), _storable(texts.intent))
            self._book.keep(str(person), source, typed)
        else:
            self._book.forget(str(person), source)

    def find(self, person: Identity, source: str, made: DraftTexts) -> TypedDraft | None:
        """Return what they typed into a draft that is made like this, unless it is too old."""
        typed = self._book.find(str(person), source)
        if typed is None or typed.at < self._clock() - KEPT:
            return None
        return typed if typed.base == digest_of(made) else None

    def forget(self, person: Identity, source: str) -> None:
        """Forget what they typed."""
        self._book.forget(str(person), source)


def _storable(text: str) -> str:
    """Leave out what no database takes: NUL, and halves of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def digest_of(texts: DraftTexts) -> str:
    """Return what tells a draft from any other, without its words."""
    return sha256(f"{texts.article}\0{texts.intent}".encode("utf-8", "replace")).hexdigest()
