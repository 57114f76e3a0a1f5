"""Keeps what people have typed into a draft, in the memory of this process, until it is approved."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.desk.ports.clock import Clock
from bot.desk.ports.content import DraftTexts
from bot.domain.people import Identity

KEPT = timedelta(days=1)
MOST = 50  # drafts; of more the oldest are forgotten
LONGEST = 100_000  # characters of both texts


@dataclass(frozen=True, slots=True)
class TypedDraft:
    """Draft as somebody left it; `base` tells the draft that they began from."""

    at: datetime
    base: str
    texts: DraftTexts


class TypedDrafts:
    """Memory of typed drafts, each of one person; nothing of them is left in a browser or the database.

    What was typed is shown only while the draft that it began from is still made: where words of it were
    erased or have expired, they do not come back.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[Identity, str], TypedDraft] = OrderedDict()

    def keep(self, person: Identity, source: str, base: str, texts: DraftTexts) -> None:
        """Keep what somebody typed; what is as it was before anybody typed is forgotten."""
        self._kept.pop((person, source), None)
        if digest_of(texts) != base and len(texts.article) + len(texts.intent) <= LONGEST:
            self._kept[person, source] = TypedDraft(self._clock(), base, texts)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)

    def find(self, person: Identity, source: str, made: DraftTexts) -> TypedDraft | None:
        """Return what they typed into a draft that is made like this; forget what is too old."""
        until = self._clock() - KEPT
        for key in [key for key, typed in self._kept.items() if typed.at < until]:
            del self._kept[key]
        typed = self._kept.get((person, source))
        return typed if typed is not None and typed.base == digest_of(made) else None

    def forget(self, person: Identity, source: str) -> None:
        """Forget what they typed."""
        self._kept.pop((person, source), None)


def digest_of(texts: DraftTexts) -> str:
    """Return what tells a draft from any other, without its words."""
    return sha256(f"{texts.article}\0{texts.intent}".encode("utf-8", "replace")).hexdigest()
