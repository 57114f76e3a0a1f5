"""Decides what a message means within its episode, and answers it."""

from dataclasses import replace

from bot.desk.automation.queue_summary import QueueLists
from bot.desk.context import RequestContext
from bot.desk.conversations.answering.answers import Answers
from bot.desk.conversations.answering.episode_posts import EpisodePosts
from bot.desk.conversations.answering.outage_notice import OutageNotice
from bot.desk.conversations.follow_ups import ASSENT, FollowUps
from bot.desk.conversations.message_grouping import (
    MessageGrouping,
    is_detail,
    start_episode,
    text_with_files,
)
from bot.desk.conversations.new_questions import NewQuestions
from bot.desk.conversations.ticket_messages import TicketMessages
from bot.desk.knowledge.understanding import REMARK, ParsedMessage, Understanding
from bot.desk.ports.button_actions import NONE
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.commands import Command, ParsedCommand, is_wish_alone
from bot.domain.conversations.episode import DROPPED, UNCLEAR, Episode, EpisodeState
from bot.domain.conversations.messages import Addressed, Outcome, OutcomeKind
from bot.domain.conversations.reopen_phrases import says_it_came_back
from bot.domain.conversations.short_replies import ShortReply
from bot.domain.conversations.standalone import names_shown_part, tells_time
from bot.domain.knowledge.decision import (
    Answer,
    Choose,
    Decision,
    Escalate,
    OpenTicket,
    without_asking,
)
from bot.domain.tickets.ticket import Status, Ticket

PENDING = (EpisodeState.ASKED, EpisodeState.CHOICE)
# Actions that are no reply to the bot's question.
NO_REPLY_ACTIONS = frozenset(
    "greeting thanks goodbye capabilities remark solved dropped my_tickets cancel_ticket".split()
)
# Of a reply and of what it completes, the surer decision counts.
_SURENESS: dict[type[object], int] = {Answer: 2, OpenTicket: 1}


class Dialogue:
    """Dialogue with an employee: each message continues their episode, or begins one."""

    def __init__(
        self,
        understanding: Understanding,
        answers: Answers,
        lifecycle: TicketLifecycle,
        follow_ups: FollowUps,
        outages: OutageNotice,
        lists: QueueLists,
        messages: TicketMessages,
        questions: NewQuestions,
    ) -> None:
        self._understanding = understanding
        self._answers = answers
        self._lifecycle = lifecycle
        self._follow_ups = follow_ups
        self._outages = outages
        self._grouping = MessageGrouping(understanding)
        self._lists = lists
        self._messages = messages
        self._questions = questions

    def command(
        self,
        context: RequestContext,
        episode: Episode | None,
        parsed: ParsedMessage,
        parsed_command: ParsedCommand,
    ) -> Outcome:
        """Answer a command."""
        if (
            parsed_command.command is Command.PERSON
            and (claimed := self._claimed_ticket(context, episode)) is not None
        ):
            return self._messages.add(context, *claimed, parsed, group=False)
        if parsed_command.command is Command.PERSON:
            return self._open_for_person(context, episode, parsed)
        if parsed_command.command is Command.QUEUE:
            return self._queue(replace(context, language=parsed_command.language or context.language))
        episode = self._keep_message(context, episode or start_episode(context, parsed), parsed)
        if parsed_command.command is Command.MY_TICKETS:
            return self._answers.list_tickets(context, episode)
        return self._withdraw(context, episode, parsed_command.ticket_id)

    def offer_ticket(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        """Offer a ticket in private for what may be a trouble."""
        return self._answers.offer_ticket(context, start_episode(context, parsed))

    def _withdraw(self, context: RequestContext, episode: Episode, ticket_id: int | None) -> Outcome:
        """Withdraw the person's own ticket, by its number."""
        ticket = context.work.tickets.get(ticket_id) if ticket_id is not None else None

        def answer(key: str = "told.withdrawn") -> None:
            text = context.say(key, ticket=ticket.reference if ticket else "")
            EpisodePosts(context, episode).say_privately(context.reply(text))

        if ticket is None or not ticket.requester.is_same(context.person):
            answer("ticket.unknown")
        elif not self._lifecycle.withdraw(context, ticket, answer):
            answer("ticket.closed")
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference if ticket else None)

    def _queue(self, context: RequestContext) -> Outcome:
        """Show the queue to an engineer, in private."""
        shown = self._lists.of(context.work, context.utterance.sender, context.language, context.at)
        if shown is None:
            return context.refuse("refused.engineers_only")
        return Outcome(OutcomeKind.DONE, notice=shown)

    def message(self, context: RequestContext, episode: Episode | None, parsed: ParsedMessage) -> Outcome:
        """Answer any other message: a wish for a person, a reply to the bot, an action, or a question."""
        if (claimed := self._claimed_ticket(context, episode)) is not None:
            return self._about_ticket(context, *claimed, parsed, group=False)
        if parsed.action == "person":
            return self._open_for_person(context, episode, parsed)
        if episode is not None and self._is_over(context, episode):
            return self._after_ticket(context, episode, parsed)
        if episode is not None and self._is_full(context, episode, parsed):
            return self._questions.answer(context, parsed)
        if episode is not None and episode.state in PENDING:
            return self._answer_pending(context, episode, parsed)
        return self._go_on(context, episode, parsed)

    def _go_on(self, context: RequestContext, episode: Episode | None, parsed: ParsedMessage) -> Outcome:
        """Answer what follows an answer, a ticket or nothing."""
        if episode is not None and self._follow_ups.is_back(episode, parsed):
            answered = replace(episode, state=EpisodeState.ANSWERED)
            return self._after_answer(context, answered, replace(parsed, short=ShortReply.UNSOLVED))
        earlier = self._follow_ups.find_earlier(context, episode, parsed)
        if earlier is not None:
            return self._follow_ups.reopen(
                context, self._keep_message(context, earlier, parsed), text_with_files(context, parsed)
            )
        action = self._follow_ups.action_of(parsed)
        ticket = EpisodePosts(context, episode).live_ticket() if episode is not None else None
        if episode is not None and ticket is not None and action in (None, "not_solved", REMARK):
            return self._about_ticket(context, episode, ticket, parsed, group=True)
        after_answer = episode is not None and episode.state is EpisodeState.ANSWERED
        if action is not None and not (after_answer and action == REMARK and is_detail(parsed)):
            episode = self._keep_message(context, episode or start_episode(context, parsed), parsed)
            return self._act(context, episode, parsed, action)
        if episode is not None and episode.state is EpisodeState.ANSWERED:
            return self._after_answer(context, episode, parsed)
        return self._questions.answer(context, parsed)

    def _about_ticket(
        self, context: RequestContext, episode: Episode, ticket: Ticket, parsed: ParsedMessage, *, group: bool
    ) -> Outcome:
        """Answer a message beside a live ticket: it is added, unless it is surely a question of its own."""
        apart = not self._in_its_thread(context, episode)
        if apart and self._questions.is_apart(context, episode, ticket, parsed):
            return self._questions.answer_beside(context, parsed, ticket)
        return self._messages.add(context, episode, ticket, parsed, group=group)

    def _claimed_ticket(
        self, context: RequestContext, episode: Episode | None
    ) -> tuple[Episode, Ticket] | None:
        """Return the claimed ticket and its episode where this message belongs to its conversation."""
        ticket = EpisodePosts(context, episode).live_ticket() if episode is not None else None
        if episode is None or ticket is None or ticket.status is not Status.CLAIMED:
            return None
        here = not context.utterance.conversation.thread or self._in_its_thread(context, episode)
        return (episode, ticket) if here else None

    def _is_over(self, context: RequestContext, episode: Episode) -> bool:
        return episode.ticket_id is not None and EpisodePosts(context, episode).live_ticket() is None

    def _is_full(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> bool:
        """Tell whether a message is too much for the question that it goes on with: it is one of its own."""
        if episode.ticket_id is not None or parsed.action is not None or parsed.short is not None:
            return False
        return not self._grouping.has_room(context, episode, parsed)

    def _after_ticket(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Outcome:
        """Answer after a closed ticket: small talk, a new question, or news that it did not help."""
        if self._follow_ups.says_unsolved(parsed):
            return self._follow_ups.reopen(
                context, self._keep_message(context, episode, parsed), text_with_files(context, parsed)
            )
        action = self._follow_ups.action_of(parsed)
        action = action or ("thanks" if self._follow_ups.is_pleased(parsed) else None)
        if action is not None:
            return self._act(context, self._keep_message(context, episode, parsed), parsed, action)
        if self._follow_ups.is_unclear(parsed):
            episode = self._keep_message(context, episode, parsed)
            if UNCLEAR in episode.clicks or self._answers.is_silent(context):
                return self._follow_ups.reopen(context, episode, text_with_files(context, parsed))
            return self._follow_ups.ask_whether_back(context, episode)
        return self._questions.answer(context, parsed)

    def _open_for_person(
        self, context: RequestContext, episode: Episode | None, parsed: ParsedMessage
    ) -> Outcome:
        """Open a ticket for somebody who asks for a person."""
        if episode is not None and episode.ticket_id is None:
            # What it is about was said before: the wish itself would only stand on the card.
            if not is_wish_alone(parsed.text) or context.utterance.attachments:
                episode = self._grouping.join(context, episode, parsed)
        elif episode is None or EpisodePosts(context, episode).live_ticket() is None:
            episode = start_episode(context, parsed)
        episode = self._keep_message(context, episode, parsed)
        return self._answers.escalate(context, episode, parsed.result, key="ticket.opened_person")

    def _answer_pending(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Outcome:
        """Answer a reply to the bot's one question, matched together with the first message."""
        choice = self._questions.find_choice(episode, parsed, assents=self._follow_ups.is_assent(parsed))
        assents = self._follow_ups.is_assent(parsed) or parsed.short is ShortReply.HESITATION
        aside = ASSENT if assents else self._follow_ups.action_of(parsed)
        replies = aside == REMARK and tells_time(parsed.text)  # “it starts on Monday”
        if choice is None and not replies and (aside == ASSENT or aside in NO_REPLY_ACTIONS):
            return self._answer_aside(context, self._keep_message(context, episode, parsed), parsed, aside)
        if episode.state is EpisodeState.CHOICE and choice is None:
            if parsed.short is ShortReply.UNSOLVED:
                return self._none_of_these(context, episode, parsed)
            if self._questions.replaces_choice(episode, parsed):
                self._close_choice(context, episode)
                return self._questions.answer(context, parsed)
        joined = self._grouping.join(context, self._keep_message(context, episode, parsed), parsed)
        if choice is not None:
            return self._answers.answer_choice(context, joined, choice, parsed.result)
        return self._answer_joined(context, joined, parsed)

    def _answer_joined(self, context: RequestContext, joined: Episode, parsed: ParsedMessage) -> Outcome:
        """Answer a question by all that was said of it."""
        found = context.match(joined.question, context.language)
        result = replace(found, vague=False, angry=found.angry or parsed.result.angry)
        outage = self._outages.find_outage(context, joined, result)
        if outage is not None:
            return self._outages.show_notice(context, joined, outage, result)
        decision = self._understanding.decide(result)
        if self._leaves_choice_open(joined, parsed, decision):
            pointed = replace(joined, clicks=(*joined.clicks, UNCLEAR))
            return self._answers.answer_small_talk(context, pointed, "pick")
        if not (isinstance(decision, Choose) and joined.state is EpisodeState.ASKED):
            decision = without_asking(decision)  # what was vague may still be one of several
        if _sureness(parsed.decision) > _sureness(decision):
            decision, result = parsed.decision, parsed.result
        if self._understanding.action_of(decision) is not None:  # the first message alone was no action
            decision = Escalate()
        return self._answers.carry_out(context, joined, decision, result)

    def _leaves_choice_open(self, episode: Episode, parsed: ParsedMessage, decision: Decision) -> bool:
        """Tell whether a detail settles nothing yet: once, the options are pointed to again."""
        if episode.state is not EpisodeState.CHOICE or UNCLEAR in episode.clicks:
            return False
        return is_detail(parsed) and not isinstance(decision, Answer | OpenTicket)

    def _none_of_these(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Outcome:
        """Open a ticket for somebody who says that no option fits, as a click on “none” does."""
        EpisodePosts(context, episode).close_buttons(context.say("press.none"))
        episode = self._keep_message(context, episode, parsed)
        return self._answers.escalate(context, episode, key="ticket.opened_person", clicked=NONE)

    def _close_choice(self, context: RequestContext, episode: Episode) -> None:
        """Close a choice that another question takes the place of."""
        EpisodePosts(context, episode).close_buttons(context.say("press.written"))
        context.work.episodes.save(episode.with_state(EpisodeState.CLOSED, context.at))

    def _answer_aside(
        self, context: RequestContext, episode: Episode, parsed: ParsedMessage, action: str
    ) -> Outcome:
        """Answer an action that is no reply: the question stays, unless the person needs nothing any more."""
        if action in ("solved", "dropped", "goodbye"):
            EpisodePosts(context, episode).close_buttons(context.say("press.written"))
            episode = episode.with_state(EpisodeState.CLOSED, context.at)
        return self._act(context, episode, parsed, action)

    def _after_answer(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Outcome:
        """Answer after an answer: another question, more about the first, or news that it did not help."""
        if parsed.short is ShortReply.UNSOLVED:
            joined = self._grouping.join(context, self._keep_message(context, episode, parsed), parsed)
            return self._act(context, joined, parsed, "not_solved")
        tried = [target for target, _ in episode.tried]
        beside = self._ticket_beside(context, parsed)
        if beside is not None and not self._grouping.continues_answered(context, episode, parsed, tried):
            return self._about_ticket(context, *beside, parsed, group=True)
        if self._grouping.continues_answered(context, episode, parsed, tried):
            joined = self._grouping.join(context, self._keep_message(context, episode, parsed), parsed)
            return self._answers.answer_small_talk(context, joined, "noted")
        if is_detail(parsed) and not self._follow_ups.is_unclear(parsed):
            return self._with_detail(context, episode, parsed, tried)
        if isinstance(parsed.decision, Answer) and parsed.decision.match.target not in tried:
            return self._questions.answer(context, parsed)
        if self._follow_ups.is_unclear(parsed) and not episode.asked:
            episode = self._keep_message(context, episode, parsed)
            return self._answers.ask_whether_solved(context, episode)
        if self._questions.is_apart_from_answer(context, episode, parsed):
            return self._questions.answer(context, parsed)
        joined = self._grouping.join(context, self._keep_message(context, episode, parsed), parsed)
        if parsed.empty or parsed.result.vague or parsed.short or says_it_came_back(parsed.text):
            return self._act(context, joined, parsed, "not_solved")
        decision = without_asking(parsed.decision) if episode.asked else parsed.decision
        return self._answers.carry_out(context, joined, decision, parsed.result)

    def _with_detail(
        self, context: RequestContext, episode: Episode, parsed: ParsedMessage, tried: list[str]
    ) -> Outcome:
        """Answer a detail of what was answered: another article where it means one, else a question."""
        joined = self._grouping.join(context, self._keep_message(context, episode, parsed), parsed)
        result = context.match(joined.question, context.language)
        decision = self._understanding.decide(result)
        other = isinstance(decision, Answer) and decision.match.target not in tried
        if other and self._understanding.action_of(decision) is None:
            return self._answers.carry_out(context, joined, decision, result)
        if joined.asked:
            return self._answers.answer_small_talk(context, joined, "noted")
        return self._answers.ask_whether_solved(context, joined)

    def _ticket_beside(self, context: RequestContext, parsed: ParsedMessage) -> tuple[Episode, Ticket] | None:
        """Return the live ticket beside which an answer was given, where this is no reply to the answer."""
        if (
            parsed.short is not None
            or context.utterance.conversation.thread
            or says_it_came_back(parsed.text)
            or names_shown_part(parsed.text)  # “the icon is grey” is of what was answered last
        ):
            return None
        since = context.at - self._understanding.policy.patience
        found = context.work.episodes.with_live_ticket(
            context.utterance.conversation, context.person.id, since
        )
        ticket = EpisodePosts(context, found).live_ticket() if found is not None else None
        return (found, ticket) if found is not None and ticket is not None else None

    def _act(self, context: RequestContext, episode: Episode, parsed: ParsedMessage, action: str) -> Outcome:
        answers = self._answers
        answered = episode.state is EpisodeState.ANSWERED
        ticket = EpisodePosts(context, episode).live_ticket()
        match action:
            case "person":
                return answers.escalate(context, episode, parsed.result, key="ticket.opened_person")
            case "my_tickets" | "cancel_ticket":
                return answers.list_tickets(context, episode)
            case "solved" | "dropped" if ticket is not None:
                return answers.list_tickets(context, episode)
            case "dropped":
                EpisodePosts(context, episode).close_buttons(context.say("press.written"))
                dropped = (*episode.clicks, DROPPED)
                closed = episode.with_state(EpisodeState.CLOSED, context.at, clicks=dropped)
                return answers.answer_small_talk(context, closed, "all_right")
            case "solved":
                return (
                    answers.solved(context, episode)
                    if answered
                    else answers.answer_small_talk(context, episode, "glad")
                )
            case "not_solved" if answered:
                EpisodePosts(context, episode).close_buttons(context.say("press.not_solved"))
                return answers.escalate(
                    context, episode, parsed.result, key="ticket.opened_person", clicked="not_solved"
                )
            case "not_solved" if episode.asked:
                return answers.escalate(context, episode, parsed.result)
            case "not_solved":
                return answers.ask(context, episode)
            case "assent" | "greeting" if action == ASSENT or ticket is not None:
                return self._assent(context, episode, ticket)
            case _:
                return answers.answer_small_talk(context, episode, action)

    def _assent(self, context: RequestContext, episode: Episode, ticket: Ticket | None) -> Outcome:
        """Answer assent with a kind word that says what happens next."""
        if ticket is not None:
            return self._answers.answer_small_talk(context, episode, "with_team", ticket=ticket.reference)
        talk = {
            EpisodeState.ANSWERED: "go_ahead",
            EpisodeState.CHOICE: "pick",
            EpisodeState.ASKED: "tell_more",
        }
        return self._answers.answer_small_talk(context, episode, talk.get(episode.state, "all_right"))

    def _keep_message(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Episode:
        context.work.episodes.add_message(episode, context.utterance, context.person.id, parsed.text)
        return episode

    def _in_its_thread(self, context: RequestContext, episode: Episode) -> bool:
        """Tell whether the message is in the thread that the episode has for itself."""
        if context.utterance.addressed is Addressed.THREAD:
            return True
        thread = context.utterance.conversation.thread
        return bool(thread) and context.work.conversations.find(context.utterance.conversation) == (
            episode.conversation_id
        )


def _sureness(decision: Decision) -> int:
    return _SURENESS.get(type(decision), 0)
