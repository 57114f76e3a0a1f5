"""Lets a question be answered as it is once it was edited, or not at all once it was deleted."""

from dataclasses import replace

from bot.desk.ports.unit_of_work import KeptMessage, UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Change, Line, Outcome, OutcomeKind, Reply, Utterance


class AnswerAnew(Exception):  # no error: the transaction begins again with the message as it is now
    """Request to answer a message with its edited text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ChangedMessages:
    """Changes of questions that come before their message, or before its answer was posted."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def overtaken(self, work: UnitOfWork, utterance: Utterance) -> Outcome | None:
        """Return an outcome for a message whose deletion came first; raise `AnswerAnew` after an edit."""
        if not utterance.message:
            return None
        change = work.inbox.change_of(utterance.conversation, utterance.message)
        if change is None:
            return None
        if change.text is None:
            return Outcome(OutcomeKind.IGNORED)
        raise AnswerAnew(change.text)

    def receive(self, work: UnitOfWork, utterance: Utterance, text: str) -> Outcome | None:
        """Receive a change of a question; return None for one of a relayed or an answered message.

        Raises `AnswerAnew` where the question was edited before its answer was posted.
        """
        found = self._unanswered(work, utterance)
        if found is None:
            self._note_unseen(work, utterance, text)
            return None
        if utterance.change is Change.EDITED:
            raise AnswerAnew(text)
        self._take_back(work, utterance, *found)
        return Outcome(OutcomeKind.DONE)

    def take_back(self, work: UnitOfWork, utterance: Utterance) -> None:
        """Take back what answers an earlier text of a message."""
        found = self._unanswered(work, utterance)
        if found is not None:
            self._take_back(work, utterance, *found)

    def _unanswered(self, work: UnitOfWork, utterance: Utterance) -> tuple[Episode, KeptMessage] | None:
        """Return the message with its episode while no answer to it was posted, and no ticket opened."""
        conversation_id = work.conversations.find(utterance.conversation)
        if conversation_id is None or not utterance.message:
            return None
        kept = work.episodes.kept_message(conversation_id, utterance.message)
        # What was said with other messages stays: their words are in the same question.
        if kept is None or not kept.alone or work.people.known(utterance.sender) is None:
            return None
        # Read once the writer is locked: another of their messages may just have opened a ticket.
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        episode = work.episodes.get(kept.episode_id)
        if episode.ticket_id is not None or episode.person_id != person.id:
            return None
        return (episode, kept) if work.outbox.unsent(conversation_id, kept.at) else None

    def _take_back(self, work: UnitOfWork, utterance: Utterance, episode: Episode, kept: KeptMessage) -> None:
        text = self._wording.say(episode.language, "post.replaced")
        instead = Reply((Line(text),), summary=text, language=episode.language)
        for post_id in work.outbox.unsent(episode.conversation_id, kept.at):
            work.outbox.remove(post_id, instead, utterance.at)
        work.texts.change(kept.text_id, "")
        work.episodes.forget_question(episode.id)
        closed = replace(episode, question="", post_id=None)
        work.episodes.save(closed.with_state(EpisodeState.CLOSED, utterance.at))

    @staticmethod
    def _note_unseen(work: UnitOfWork, utterance: Utterance, text: str) -> None:
        """Keep a change of a message that has not come yet; of what is overheard no text is kept."""
        ref, deleted = utterance.conversation, utterance.change is Change.DELETED
        if not utterance.message or utterance.inline or not (deleted or ref.private):
            return
        conversation_id = work.conversations.find(ref)
        if conversation_id is not None and (
            work.tickets.with_card_in(conversation_id) is not None
            or work.relays.find(ref, utterance.message) is not None
            or work.episodes.kept_message(conversation_id, utterance.message) is not None
        ):
            return
        work.inbox.note_change(ref, utterance.message, None if deleted else text, utterance.at)
