"""Opens a ticket for an employee on behalf of an engineer."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.conversations.message_grouping import start_episode
from bot.desk.knowledge.understanding import ParsedMessage
from bot.desk.staff.permissions import Permissions
from bot.desk.tickets.lifecycle import TicketDraft, TicketLifecycle
from bot.domain.conversations.messages import Outcome, OutcomeKind, Quote
from bot.domain.conversations.own_words import said
from bot.domain.tickets.priority import Reason, decide_priority, find_reasons
from bot.domain.tickets.relay import is_note


class OnBehalf:
    """Tickets that an engineer opens for somebody else; `language` is the desk's."""

    def __init__(self, lifecycle: TicketLifecycle, permissions: Permissions, language: str) -> None:
        self._lifecycle = lifecycle
        self._permissions = permissions
        self._language = language

    def open(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        """Open a ticket for somebody else, and tell them what the engineer wrote."""
        behalf = context.utterance.behalf
        if behalf is None:
            raise ValueError("an utterance on behalf of somebody is expected")
        if not self._permissions.admits(context.work, context.utterance):
            return context.refuse("refused.engineers_only")
        if not behalf.identity.external_id:
            return context.refuse("refused.behalf_unknown", name=behalf.name)
        if parsed.empty:
            return context.refuse("refused.behalf_empty")
        if is_note(said(context.utterance)):
            return context.refuse("refused.note_marked")
        requester = context.work.people.meet(behalf.identity, behalf.name, None, context.at)
        language = parsed.result.language or requester.language or self._language
        utterance = replace(context.utterance, conversation=behalf.conversation, link="")
        theirs = replace(context, person=requester, language=language, utterance=utterance)
        episode = start_episode(theirs, parsed)
        context.work.episodes.add_message(episode, utterance, context.person.id, parsed.text)
        angry = {Reason.ANGRY} if parsed.result.angry else set()
        priority, why = decide_priority(None, find_reasons(parsed.text) | angry, 1)
        ticket = self._lifecycle.open(
            theirs, episode, TicketDraft(priority, opened_by=context.person, why=why)
        )
        text = theirs.say("ticket.opened_for_you", name=context.person.name, ticket=ticket.reference)
        EpisodePosts(theirs, episode).say(theirs.reply(text, Quote(parsed.text)), ticket)
        sentences = [context.say("ticket.opened_for", name=requester.name, ticket=ticket.reference)]
        sentences += [context.say("relay.masked")] if parsed.masked else []
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference, notice=context.reply(" ".join(sentences)))
