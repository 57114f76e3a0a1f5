"""Lets a question be answered as it is once it was edited; once it was deleted, its words are nowhere.

Before its answer was posted a deleted question is not answered at all. Later the answer stays, and a ticket
where an engineer works on it; the card says that the question was deleted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.history.merged_tickets import lock_ticket
from bot.desk.notifications import Notifications, outage_subject
from bot.desk.ports.unit_of_work import KeptMessage, UnitOfWork
from bot.desk.ports.wording import Wording
from bot.desk.relay.relay import ShowOwnCard
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.episode import DROPPED, Episode, EpisodeState
from bot.domain.conversations.messages import Change, Line, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.conversations.withdrawal import without_quotation
from bot.domain.tickets.ticket import Status, Ticket


class AnswerAnew(Exception):  # no error: the transaction begins again with the message as it is now
    """Request to answer a message with its edited text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ChangedMessages:
    """Edits of questions before their answer was posted, and deletions at any time."""

    def __init__(
        self,
        wording: Wording,
        lifecycle: TicketLifecycle,
        notifications: Notifications,
        show_own_card: ShowOwnCard,
    ) -> None:
        self._wording = wording
        self._lifecycle = lifecycle
        self._notifications = notifications
        self._show_own_card = show_own_card

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
        """Receive a change of a question; return None where it is for others to follow.

        Raises `AnswerAnew` where the question was edited before its answer was posted.
        """
        found = self._unanswered(work, utterance)
        if found is None:
            self._note_unseen(work, utterance, text)
            if utterance.change is Change.EDITED:
                self._correct(work, utterance, text)
            return self._withdraw(work, utterance) if utterance.change is Change.DELETED else None
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
        found = self._kept(work, utterance)
        # What was said with other messages stays: their words are in the same question.
        if found is None or not found[1].alone:
            return None
        episode, kept = found
        return found if work.outbox.unsent(episode.conversation_id, kept.at) else None

    @staticmethod
    def _kept(work: UnitOfWork, utterance: Utterance) -> tuple[Episode, KeptMessage] | None:
        """Return the sender's message with its episode where no ticket is opened."""
        conversation_id = work.conversations.find(utterance.conversation)
        if conversation_id is None or not utterance.message:
            return None
        kept = work.episodes.kept_message(conversation_id, utterance.message)
        if kept is None or work.people.known(utterance.sender) is None:
            return None
        # Read once the writer is locked: another of their messages may just have opened a ticket.
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        episode = work.episodes.get(kept.episode_id)
        if episode.ticket_id is not None or episode.person_id != person.id:
            return None
        return episode, kept

    def _correct(self, work: UnitOfWork, utterance: Utterance, text: str) -> None:
        """Put the edited text in the place of what was said: a later ticket has it."""
        found = self._kept(work, utterance)
        if found is None or not text:
            return
        episode, kept = found
        before = work.texts.get(kept.text_id)
        question = text if kept.alone else _with_line(episode.question, before, text)
        work.texts.change(kept.text_id, text)
        work.episodes.save(replace(episode, question=question))

    def _take_back(self, work: UnitOfWork, utterance: Utterance, episode: Episode, kept: KeptMessage) -> None:
        text = self._wording.say(episode.language, "post.replaced")
        instead = Reply((Line(text),), summary=text, language=episode.language)
        for post_id in work.outbox.unsent(episode.conversation_id, kept.at):
            work.outbox.remove(post_id, instead, utterance.at)
        work.texts.change(kept.text_id, "")
        work.episodes.forget_question(episode.id)
        closed = replace(episode, question="", post_id=None, clicks=(*episode.clicks, DROPPED))
        work.episodes.save(closed.with_state(EpisodeState.CLOSED, utterance.at))

    def _withdraw(self, work: UnitOfWork, utterance: Utterance) -> Outcome | None:
        """Take a deleted message's words out of all that was kept and shown; None if it was relayed, too."""
        conversation_id = work.conversations.find(utterance.conversation)
        known = work.people.known(utterance.sender) is not None and bool(utterance.message)
        kept = (
            work.episodes.kept_message(conversation_id, utterance.message)
            if conversation_id and known
            else None
        )
        if kept is None:
            return None
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        episode = work.episodes.get(kept.episode_id)
        if episode.person_id != person.id:  # what an engineer asked for them
            return None
        context = RequestContext(work, self._wording, utterance, person, episode.language)
        ticket = work.tickets.get(episode.ticket_id) if episode.ticket_id is not None else None
        ticket = lock_ticket(work, ticket) if ticket is not None else None
        words, held = work.episodes.take_out(kept)
        if not words:
            return None
        work.inbox.note_change(utterance.conversation, utterance.message, None, utterance.at)
        tickets = [found for number in held if (found := work.tickets.get(number)) is not None]
        self._take_out_of_posts(context, episode, tickets, kept, words)
        relayed = work.relays.find(utterance.conversation, utterance.message) is not None
        for one in tickets:
            if ticket is not None and one.id == ticket.id:
                self._follow(context, one, episode)
            else:
                self._notifications.refresh_cards(work, one, utterance.at)
        if relayed:
            return None
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference if ticket is not None else None)

    def _follow(self, context: RequestContext, ticket: Ticket, episode: Episode) -> None:
        """Let the cards show it; nobody has to look at a ticket of which nothing is left."""
        work, name = context.work, context.person.name
        if ticket.status is Status.OPEN and not work.texts.get(ticket.question_id):

            def answer() -> None:
                text = context.say("told.withdrawn_question", ticket=ticket.reference)
                EpisodePosts(context, episode).say(context.reply(text), ticket)

            self._lifecycle.withdraw(context, ticket, answer)
            return
        self._show_own_card(work, ticket, context.at)
        self._notifications.refresh_cards(work, ticket, context.at)
        if ticket.live:
            names = {"name": name}
            self._notifications.tell_rooms(work, ticket, "relay.deleted_question", context.at, names)

    def _take_out_of_posts(
        self,
        context: RequestContext,
        episode: Episode,
        tickets: Sequence[Ticket],
        kept: KeptMessage,
        words: str,
    ) -> None:
        """Put a sentence in the place of the words wherever a post quotes them."""
        work = context.work
        for conversation_id in self._quoted_in(work, episode, tickets):
            ours = conversation_id == episode.conversation_id
            language = episode.language if ours else self._notifications.language
            instead = self._wording.say(language, "relay.withdrawn", name=context.person.name)
            for post in work.outbox.since(conversation_id, kept.at):
                reply = without_quotation(post.reply, words, instead)
                if reply is not None and post.changeable:
                    work.outbox.revise(post.id, reply, context.at)
                elif reply is not None:
                    work.outbox.reword(post.id, reply)

    @staticmethod
    def _quoted_in(work: UnitOfWork, episode: Episode, tickets: Sequence[Ticket]) -> Iterator[int]:
        """Return where a question may be quoted: to its author, then under cards, as everybody locks them."""
        yield episode.conversation_id
        cards: set[int] = set()
        for ticket in tickets:
            into = work.tickets.get(ticket.merged_into) if ticket.merged_into is not None else None
            for one in (ticket, into) if into is not None else (ticket,):
                cards |= set(work.tickets.cards(one.id))
                if one.outage_id is not None:
                    cards |= {place for place, _ in work.outages.posts(outage_subject(one.outage_id))}
        yield from sorted(cards - {episode.conversation_id})

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


def _with_line(question: str, before: str, text: str) -> str:
    """Put a text in the place of one that stands in a question on lines of its own."""
    return f"\n{question}\n".replace(f"\n{before}\n", f"\n{text}\n", 1)[1:-1] if before else question
