"""What people typed into drafts, in the database, where every replica finds it."""

from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.drafts.typed_draft import TypedDraft


class SharedTypedDrafts:
    """Typed drafts, each call in a transaction of its own."""

    def __init__(self, begin: UnitsOfWork) -> None:
        self._begin = begin

    def keep(self, owner: str, source: str, typed: TypedDraft) -> None:
        """Keep what somebody typed."""
        with self._begin() as work:
            work.typed_drafts.keep(owner, source, typed)

    def find(self, owner: str, source: str) -> TypedDraft | None:
        """Return what they typed."""
        with self._begin.reading() as work:
            return work.typed_drafts.find(owner, source)

    def forget(self, owner: str, source: str) -> None:
        """Forget what they typed."""
        with self._begin() as work:
            work.typed_drafts.forget(owner, source)
