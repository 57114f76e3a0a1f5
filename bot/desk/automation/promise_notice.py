"""Tells the rooms once that the promise of few wrong answers is broken, and answering is closed."""

from collections.abc import Sequence

from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.knowledge.promise import Promise, PromiseState


class PromiseNotice:
    """Notice of a broken promise; several replicas post it once."""

    def __init__(
        self,
        begin: UnitsOfWork,
        rooms: QueueRooms,
        watch: PromiseWatch,
        wording: Wording,
        language: str,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._rooms = rooms
        self._watch = watch
        self._wording = wording
        self._language = language
        self._clock = clock
        self._told = ""  # key of the promise about which nothing is left to tell

    def round(self) -> int:
        """Tell the rooms where that is due; return how many were told."""
        promise, rooms = self._watch.promise, self._rooms.of_named("")
        if promise is None or not rooms:
            return 0
        key = self._watch.key
        with self._begin.reading() as work:
            state = work.promises.read(key)
        if state.closed_at is None:
            self._told = ""
        if state.closed_at is None or self._told == key:
            return 0
        told, self._told = self._tell(promise, key, state, rooms), key
        return told

    def _tell(self, promise: Promise, key: str, state: PromiseState, rooms: Sequence[ConversationRef]) -> int:
        """Post the notice, unless another replica did."""
        now = self._clock()
        with self._begin() as work:
            conversations = sorted({work.conversations.open(room) for room in rooms})
            work.conversations.lock(conversations)  # a promise is locked after every conversation
            if not work.promises.mark_told(key, now):
                return 0
            for conversation_id in conversations:
                work.outbox.say(conversation_id, self._notice(promise, state), now)
        return len(conversations)

    def _notice(self, promise: Promise, state: PromiseState) -> Reply:
        """Word what happened, the figures, and what to do."""
        figures = {
            "wrong": state.evidence.wrong,
            "judged": state.evidence.judged,
            "tolerable": f"{100 * promise.max_wrong:g}",
            "certainty": f"{100 * promise.certainty:g}",
        }
        text = self._wording.say(self._language, "room.promise_broken", **figures)
        steps = self._wording.say(self._language, "room.promise_broken.steps")
        return Reply((Line(text), Line(steps)), summary=text, language=self._language)
