"""Adds what an employee writes about an open or claimed ticket to it, and says so once for each burst."""

from collections.abc import Sequence
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.conversations.message_grouping import MessageGrouping
from bot.desk.knowledge.understanding import ParsedMessage
from bot.desk.notifications import Notifications
from bot.desk.ports.button_actions import SEPARATE
from bot.desk.relay.relay import Relay
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import Button, Line, Outcome, OutcomeKind, Reply
from bot.domain.tickets.priority import Reason, find_reasons, raise_priority
from bot.domain.tickets.ticket import Status, Ticket


class TicketMessages:
    """Messages of a ticket's requester: on the card within two minutes, and under it ever after."""

    def __init__(
        self,
        grouping: MessageGrouping,
        lifecycle: TicketLifecycle,
        relay: Relay,
        notifications: Notifications,
    ) -> None:
        self._grouping = grouping
        self._lifecycle = lifecycle
        self._relay = relay
        self._notifications = notifications

    def add(
        self, context: RequestContext, episode: Episode, ticket: Ticket, parsed: ParsedMessage, *, group: bool
    ) -> Outcome:
        """Add a message to a live ticket; with `group` its question grows by one sent within two minutes."""
        context = replace(context, language=episode.language)
        work = context.work
        # Whether it is signed is asked before this message makes the burst longer.
        signed = self._is_signed(context, episode)
        fits = self._grouping.has_room(context, episode, parsed)
        text_id = work.episodes.add_message(episode, context.utterance, context.person.id, parsed.text)
        raised = self._weigh_again(context, ticket, parsed.text, angry=parsed.result.angry)
        own = ticket.episode_id == episode.id
        grouped = group and own and fits and self._grouping.is_within_window(context, episode)
        if grouped:
            episode = self._grouping.join(context, episode, parsed)
            self._lifecycle.reword(context, ticket, episode.question)
        # The ticket, the employee's conversation, then the cards': everybody locks them in this order.
        if not signed:
            episode = self._sign(context, episode, ticket, text_id)
        if grouped or raised:
            self._notifications.refresh_cards(work, ticket, context.at)
        more = context.utterance.files - len(context.utterance.attachments)
        text = f"{parsed.passed_on}\n📎 {more}".strip() if more > 0 else parsed.passed_on
        self._relay.employee_wrote(context, ticket, text, text_id)
        self._tell_raised(context, ticket, raised)
        work.episodes.save(episode.with_state(episode.state, context.at))
        return Outcome(OutcomeKind.ADDED, ticket=ticket.reference)

    def add_question(self, context: RequestContext, asked: Episode, ticket: Ticket) -> None:
        """Add the question of another episode to a ticket, to which it belongs after all."""
        text_id = context.work.texts.add_message(asked.question)
        raised = self._weigh_again(context, ticket, asked.question, angry=asked.angry)
        text = context.say("ticket.added", ticket=ticket.reference)
        EpisodePosts(context, asked).say(context.reply(text))
        if raised:
            self._notifications.refresh_cards(context.work, ticket, context.at)
        message = replace(context.utterance, message=f"question:{asked.token}", attachments=())
        self._relay.employee_wrote(replace(context, utterance=message), ticket, asked.question, text_id)
        self._tell_raised(context, ticket, raised)

    def add_from_other_channel(self, context: RequestContext, ticket: Ticket, text: str) -> None:
        """Add what the requester wrote in another channel than the one in which the ticket lives."""
        work = context.work
        text_id = work.texts.add_message(text)
        raised = self._weigh_again(context, ticket, text, angry=False)
        channel = context.wording.say(context.language, f"channel.{context.utterance.conversation.channel}")
        # Where it lives first, then the cards: everybody locks conversations in this order.
        names = {"channel": channel}
        self._notifications.tell_requester(work, ticket, "told.added_elsewhere", context.at, names, text)
        if raised:
            self._notifications.refresh_cards(work, ticket, context.at)
        self._relay.employee_wrote(context, ticket, text, text_id)
        self._tell_raised(context, ticket, raised)

    def remove_question(
        self, context: RequestContext, episode: Episode, ticket: Ticket, texts: Sequence[str]
    ) -> None:
        """Take messages off the end of a ticket's question, and tell the rooms that it was something else."""
        question = _without(episode.question, texts)
        if ticket.episode_id == episode.id and question and question != episode.question.strip():
            context.work.episodes.reword(replace(episode, question=question))
            self._lifecycle.reword(context, ticket, question)
            self._notifications.refresh_cards(context.work, ticket, context.at)
        names, text = {"name": context.person.name}, "\n".join(texts)
        self._notifications.tell_rooms(context.work, ticket, "room.separate", context.at, names, quote=text)

    def tell_asked_apart(self, context: RequestContext, ticket: Ticket, text: str) -> None:
        """Tell the assignee's room what was answered apart from a claimed ticket."""
        if ticket.status is Status.CLAIMED:
            names = {"name": context.person.name}
            self._notifications.tell_rooms(context.work, ticket, "room.apart", context.at, names, quote=text)

    def _is_signed(self, context: RequestContext, episode: Episode) -> bool:
        """Tell whether this burst of messages got its sign already."""
        if episode.post_id is None or not self._grouping.is_within_window(context, episode):
            return False
        return any(button.action == SEPARATE for button in context.work.outbox.read(episode.post_id).buttons)

    def _sign(self, context: RequestContext, episode: Episode, ticket: Ticket, text_id: int) -> Episode:
        """Say that the message was received, with a button in case that it is about something else."""
        posts = EpisodePosts(context, episode)
        posts.drop_buttons(SEPARATE)
        engineer = ticket.assignee.name if ticket.assignee is not None else ""
        key = "ticket.passed_on" if engineer else "ticket.added"
        text = context.say(key, ticket=ticket.reference, name=engineer)
        button = Button(SEPARATE, context.say("button.separate"), episode.token, str(text_id))
        reply = Reply((Line(text),), (button,), summary=text, language=context.language)
        return replace(episode, post_id=posts.say(reply, ticket))

    def _weigh_again(
        self, context: RequestContext, ticket: Ticket, text: str, *, angry: bool
    ) -> tuple[Reason, ...]:
        """Raise the ticket's priority by what was added; return the reasons that are new."""
        found = {*find_reasons(text), *((Reason.ANGRY,) if angry else ())}
        priority, new = raise_priority(ticket.priority, ticket.why, found)
        why = ",".join((*ticket.why, *new))
        if not new or not context.work.assignments.prioritize(ticket, priority, why):
            return ()
        names = {"from": ticket.priority.name.lower(), "to": priority.name.lower()}
        self._notifications.record(context, ticket, "prioritized", {**names, "why": ",".join(new)})
        return new

    def _tell_raised(self, context: RequestContext, ticket: Ticket, why: tuple[Reason, ...]) -> None:
        if not why:
            return
        language, now = self._notifications.language, context.work.tickets.current(ticket)
        words = context.wording
        values = {
            "priority": words.say(language, f"priority.{now.priority.name.lower()}"),
            "why": ", ".join(words.say(language, f"why.{reason.value}") for reason in why),
        }
        self._notifications.tell_rooms(context.work, ticket, "room.raised", context.at, values)


def _without(question: str, texts: Sequence[str]) -> str:
    """A question without the messages at its end; a wish for a person, say, never became part of it."""
    for text in reversed(texts):
        question = f"\n{question}".removesuffix(f"\n{text}").strip()
    return question
