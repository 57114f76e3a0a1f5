"""Answers new questions, and tells a new one from what is added to a ticket; either can be undone."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.answering.answers import Answers
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.conversations.answering.outage_notice import OutageNotice
from bot.desk.conversations.message_grouping import start_episode
from bot.desk.conversations.ticket_messages import TicketMessages
from bot.desk.history.merged_tickets import active_ticket, lock_ticket
from bot.desk.knowledge.understanding import ParsedMessage, Understanding
from bot.desk.ports.button_actions import BELONGS, SEPARATE
from bot.desk.ports.content import SharesWords
from bot.desk.tickets.merging import Merging
from bot.domain.conversations.commands import parse_command
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Button, Click, Line, Outcome, OutcomeKind, Reply, ShowPost
from bot.domain.conversations.reopen_phrases import says_it_came_back
from bot.domain.conversations.standalone import names_a_trouble, refers_back, stands_alone, tells_trouble
from bot.domain.conversations.variants import find_named_title
from bot.domain.knowledge.decision import Answer, Choose, Escalate, Match, MatchResult, OpenTicket
from bot.domain.tickets.priority import find_reasons
from bot.domain.tickets.ticket import Status, Ticket


class NewQuestions:
    """New questions of an employee, beside a ticket of theirs or without any."""

    def __init__(
        self,
        understanding: Understanding,
        answers: Answers,
        outages: OutageNotice,
        messages: TicketMessages,
        merging: Merging,
        shares_words: SharesWords,
    ) -> None:
        self._understanding = understanding
        self._answers = answers
        self._outages = outages
        self._messages = messages
        self._merging = merging
        self._shares_words = shares_words

    def answer(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        """Answer a new question: with an answer, a choice, a question back, or a ticket."""
        return self._answer(context, self._start(context, parsed), parsed)

    def answer_beside(self, context: RequestContext, parsed: ParsedMessage, ticket: Ticket) -> Outcome:
        """Answer a new question of somebody who has a ticket, to which one button adds it after all."""
        episode = self._start(context, parsed)
        outcome = self._answer(context, episode, parsed)
        text = context.say("ticket.apart", ticket=ticket.reference)
        label = context.say("button.belongs", ticket=ticket.reference)
        button = Button(BELONGS, label, episode.token, ticket.token)
        reply = Reply((Line(text),), (button,), summary=text, language=context.language)
        EpisodePosts(context, episode).say(reply, ticket)
        self._messages.tell_asked_apart(context, ticket, parsed.text)
        return outcome

    # --- is it a new one? ---------------------------------------------------------------------------------

    def is_apart(
        self, context: RequestContext, episode: Episode, ticket: Ticket, parsed: ParsedMessage
    ) -> bool:
        """Tell whether a message is surely about something else than the person's ticket, or an outage's."""
        if parsed.empty or parsed.short is not None or not stands_alone(parsed.text):
            return False
        if parsed.action is not None or parsed.result.vague or says_it_came_back(parsed.text):
            return False
        alone = replace(episode, question=parsed.text, clicks=())
        outage = self._outages.find_outage(context, alone, parsed.result)
        if outage is not None and outage.id != ticket.outage_id:
            return True
        near = context.match(episode.question, episode.language)
        asked_for = self._understanding.action_of(self._understanding.decide(near))
        if near.vague or asked_for is not None or parse_command(episode.question) is not None:
            return False  # “a person, please”: what it is about comes now
        best = parsed.result.best
        if best is not None and best.target in self._targets(episode, ticket, near):
            return False
        return parsed.result.needs_person or self._asks_something_else(episode, ticket, parsed)

    def _asks_something_else(self, episode: Episode, ticket: Ticket, parsed: ParsedMessage) -> bool:
        """Tell whether a message asks for, or tells of, what has nothing to do with a ticket's question."""
        if not (parsed.result.asks or tells_trouble(parsed.text)) or refers_back(parsed.text):
            return False
        known = bool(ticket.target) and isinstance(parsed.decision, Answer | OpenTicket)
        if not known and self._shares_words(parsed.text, episode.question):
            return False
        if isinstance(parsed.decision, Answer | OpenTicket):
            return True
        if find_reasons(parsed.text):  # how urgent it is: that is said of what was told before
            return False
        if isinstance(parsed.decision, Choose):
            return True
        # Whoever is being helped may be asked anything: only what the content knows is surely apart.
        return ticket.status is not Status.CLAIMED and tells_trouble(parsed.text)

    def is_apart_from_answer(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> bool:
        """Tell whether nothing links a message with what was answered: it says itself what it is about.

        What is not known may be about the answer's own steps, so these are looked through, too.
        """
        text, decision, best = parsed.text, parsed.decision, parsed.result.best
        if parsed.empty or parsed.result.vague or not stands_alone(text) or refers_back(text):
            return False
        least = self._understanding.thresholds(parsed.result).choose / 2
        near = isinstance(decision, Escalate) and best is not None and best.confidence >= least
        wants = parsed.result.asks and (isinstance(decision, Choose) or near)
        known = isinstance(decision, OpenTicket) or wants
        if find_reasons(text) or not (known or names_a_trouble(text)):
            return False
        shown = [target for target, _ in episode.tried]
        if best is not None and best.target in shown:
            return False
        content, read = self._understanding.snapshot.content, episode.question.splitlines()
        for target in () if isinstance(decision, OpenTicket) else shown:
            article = content.article(target, context.language)
            read += article.body.splitlines() if article is not None else []
        return not any(self._shares_words(text, line) for line in read)

    def replaces_choice(self, episode: Episode, parsed: ParsedMessage) -> bool:
        """Tell whether a message is no reply to an open choice, but another question."""
        if parsed.empty or parsed.result.vague or parsed.action is not None:
            return False
        if not stands_alone(parsed.text) or refers_back(parsed.text):
            return False
        offered = {target for target, _ in episode.offered}
        best = parsed.result.best
        if isinstance(parsed.decision, Escalate):
            return tells_trouble(parsed.text) and not self._shares_words(parsed.text, episode.question)
        return best is not None and best.target not in offered

    def find_choice(self, episode: Episode, parsed: ParsedMessage, *, assents: bool) -> Match | None:
        """Find the choice that a text makes instead of a click: by a number, or by words of its own."""
        if episode.state is not EpisodeState.CHOICE:
            return None
        if len(episode.offered) == 1 and assents:
            return Match(*episode.offered[0])  # “is it this?” “yes”
        text = parsed.text
        number = text.strip(" .)#")
        index: int | None = int(number) - 1 if number.isdecimal() and len(number) == 1 else None
        if index is None:
            title = self._understanding.snapshot.content.title
            index = find_named_title(text, [title(target, episode.language) for target, _ in episode.offered])
        if index is not None and 0 <= index < len(episode.offered):
            return Match(*episode.offered[index])
        return None

    def _targets(self, episode: Episode, ticket: Ticket, near: MatchResult) -> set[str]:
        """Return what the ticket may be about: its target, what was shown, what is near its question."""
        least = self._understanding.thresholds(near).choose / 2
        found = {match.target for match in near.matches if match.confidence >= least}
        return {ticket.target, *(target for target, _ in episode.tried), *found}

    # --- undone by a button -------------------------------------------------------------------------------

    def belongs(self, context: RequestContext, asked: Episode, click: Click) -> Outcome:
        """Add a question that was answered apart to the ticket to which it belongs after all."""
        work, posts = context.work, EpisodePosts(context, asked)
        named = work.tickets.by_token(click.argument)
        if named is None or not named.requester.is_same(context.person):
            return context.refuse("press.gone")
        ticket = active_ticket(work, named)
        # The ticket before the conversation: everybody locks them in this order.
        ticket = lock_ticket(work, ticket)
        if not ticket.live:
            return context.refuse("ticket.closed", ticket=ticket.reference)
        own = posts.live_ticket()
        if BELONGS in asked.clicks or (own is not None and own.id == ticket.id):
            return context.refuse("ticket.already", ticket=ticket.reference)
        if own is not None and not self._merging.into(context, own, ticket):
            return context.refuse("ticket.closed", ticket=ticket.reference)
        shown = self._close(context, ticket, asked)
        if own is None:
            posts.close_buttons(context.say("press.belongs", ticket=ticket.reference))
            self._messages.add_question(context, asked, ticket)
            asked = replace(asked, ticket_id=ticket.id)
        clicked = replace(asked, clicks=(*asked.clicks, BELONGS))
        work.episodes.save(clicked.with_state(EpisodeState.TICKET, context.at))
        return Outcome(OutcomeKind.ADDED, ticket=ticket.reference, shows=shown)

    def separate(self, context: RequestContext, episode: Episode, click: Click) -> Outcome:
        """Answer as a new question what was added to a ticket, or may have been meant for one."""
        work, posts = context.work, EpisodePosts(context, episode)
        shown = posts.last_post()
        if not posts.offers(SEPARATE, click.argument):
            return context.refuse("press.late", shows=shown)
        texts = work.episodes.texts_from(episode.id, int(click.argument))
        text = "\n".join(texts)
        result = context.match(text, context.language)
        ticket = posts.live_ticket()
        if ticket is not None:
            ticket = lock_ticket(work, ticket)
        posts.close_buttons(context.say("press.separate"))
        parsed = self._understanding.parsed(text, result)
        outcome = self._answer(context, self._start(context, parsed), parsed)
        if ticket is not None:
            self._messages.remove_question(context, episode, ticket, texts)
        return replace(outcome, shows=shown)

    def _close(self, context: RequestContext, ticket: Ticket, asked: Episode) -> ShowPost | None:
        """Close the post that says that the question was answered apart."""
        outbox = context.work.outbox
        for _, post_id in reversed(outbox.with_buttons(ticket.id)):
            post = outbox.read(post_id)
            if any(button.action == BELONGS and button.token == asked.token for button in post.buttons):
                line = Line(context.say("press.belongs", ticket=ticket.reference))
                outbox.revise(post_id, replace(post, buttons=(), blocks=(*post.blocks, line)), context.at)
                return ShowPost(post_id)
        return None

    # --- parts --------------------------------------------------------------------------------------------

    def _start(self, context: RequestContext, parsed: ParsedMessage) -> Episode:
        episode = start_episode(context, parsed)
        context.work.episodes.add_message(episode, context.utterance, context.person.id, parsed.text)
        return episode

    def _answer(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Outcome:
        if parsed.empty:
            return self._answers.ask(context, episode)
        outage = self._outages.find_outage(context, episode, parsed.result)
        if outage is not None:
            return self._outages.show_notice(context, episode, outage, parsed.result)
        return self._answers.carry_out(context, episode, parsed.decision, parsed.result)
