"""What a message means within its episode."""

from dataclasses import replace

from bot.desk.automation.queue_summary import QueueLists
from bot.desk.context import Turn
from bot.desk.conversations.answers import Answering
from bot.desk.conversations.follow_ups import Returns
from bot.desk.conversations.message_grouping import Breath, words_of
from bot.desk.conversations.new_episode import begun
from bot.desk.conversations.outage_notice import OutageAnswers
from bot.desk.knowledge.understanding import Heard, Hearing
from bot.desk.relay.relay import Relaying
from bot.desk.tickets.lifecycle import Escalations
from bot.domain.conversations.commands import Command, Spoken
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Addressed, Outcome, OutcomeKind
from bot.domain.conversations.reopen_phrases import came_back
from bot.domain.conversations.variants import named
from bot.domain.knowledge.content import Answer, Escalate, Finding, Match
from bot.domain.tickets.ticket import Status, Ticket

PENDING = (EpisodeState.ASKED, EpisodeState.CHOICE)
# Actions that are no reply to our question.
ASIDE = frozenset(("greeting", "thanks", "goodbye", "capabilities", "solved", "my_tickets", "cancel_ticket"))


class Dialogue:
    """Turns a message into an outcome: it continues the person's episode, or begins one."""

    def __init__(
        self,
        hearing: Hearing,
        answering: Answering,
        escalations: Escalations,
        relaying: Relaying,
        returns: Returns,
        outages: OutageAnswers,
        lists: QueueLists,
    ) -> None:
        self._hearing = hearing
        self._answering = answering
        self._escalations = escalations
        self._relaying = relaying
        self._returns = returns
        self._outages = outages
        self._breath = Breath(hearing)
        self._lists = lists

    def command(self, turn: Turn, episode: Episode | None, heard: Heard, said: Spoken) -> Outcome:
        """A fixed phrase."""
        if said.command is Command.PERSON and (helped := self._helped(turn, episode)) is not None:
            return self._tell(turn, helped[0], helped[1], heard)
        if said.command is Command.PERSON:
            return self._wish(turn, episode, heard)
        if said.command is Command.QUEUE:
            return self._queue(replace(turn, language=said.language or turn.language))
        episode = self._heard_in(turn, episode or begun(turn, heard), heard)
        if said.command is Command.MY_TICKETS:
            return self._answering.mine(turn, episode)
        return self._withdraw(turn, episode, said.ticket_id)

    def _withdraw(self, turn: Turn, episode: Episode, ticket_id: int | None) -> Outcome:
        """Withdraw a ticket of the person's own, by its number."""
        ticket = turn.work.tickets.get(ticket_id) if ticket_id is not None else None

        def answer(key: str = "told.withdrawn") -> None:
            text = turn.say(key, ticket=ticket.reference if ticket else "")
            self._answering.say_privately(turn, episode, turn.reply(text))

        if ticket is None or ticket.requester.id != turn.person.id:
            answer("ticket.unknown")
        elif not self._escalations.withdraw(turn, ticket, answer):
            answer("ticket.closed")
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference if ticket else None)

    def _queue(self, turn: Turn) -> Outcome:
        """The queue, for an engineer's eyes only."""
        shown = self._lists.of(turn.work, turn.utterance.sender, turn.language, turn.at)
        if shown is None:
            return turn.refuse("refused.engineers_only")
        return Outcome(OutcomeKind.DONE, notice=shown)

    def message(self, turn: Turn, episode: Episode | None, heard: Heard) -> Outcome:
        """Anything else: a wish for a person, the reply to our question, an action, or a question."""
        if (helped := self._helped(turn, episode)) is not None:
            return self._tell(turn, helped[0], helped[1], heard)
        if heard.action == "person":
            return self._wish(turn, episode, heard)
        if episode is not None and self._is_over(turn, episode):
            return self._after_ticket(turn, episode, heard)
        if episode is not None and episode.state in PENDING:
            return self._pending(turn, episode, heard)
        earlier = self._returns.out_of_the_blue(turn, episode, heard)
        if earlier is not None:
            return self._returns.back(turn, self._heard_in(turn, earlier, heard), words_of(turn, heard))
        if heard.action is not None:
            episode = self._heard_in(turn, episode or begun(turn, heard), heard)
            return self._act(turn, episode, heard, heard.action)
        if episode is not None:
            ticket = self._answering.live_ticket(turn, episode)
            if ticket is not None:
                return self._add(turn, self._heard_in(turn, episode, heard), ticket, heard)
            if episode.state is EpisodeState.ANSWERED:
                return self._after_answer(turn, episode, heard)
        return self._fresh(turn, heard)

    def _helped(self, turn: Turn, episode: Episode | None) -> tuple[Episode, Ticket] | None:
        """The ticket that somebody is helping with, where this was said in its conversation."""
        ticket = self._answering.live_ticket(turn, episode) if episode is not None else None
        if episode is None or ticket is None or ticket.status is not Status.CLAIMED:
            return None
        here = not turn.utterance.conversation.thread or self._in_its_thread(turn, episode)
        return (episode, ticket) if here else None

    def _tell(self, turn: Turn, episode: Episode, ticket: Ticket, heard: Heard) -> Outcome:
        """From the claim on, what the employee writes is for the person who helps: nothing is matched."""
        self._pass_on(turn, self._heard_in(turn, episode, heard), ticket, heard)
        turn.work.episodes.save(episode.moved(episode.state, turn.at))
        return Outcome(OutcomeKind.ADDED, ticket=ticket.reference)

    def _pass_on(self, turn: Turn, episode: Episode, ticket: Ticket, heard: Heard) -> None:
        more = turn.utterance.files - len(turn.utterance.attachments)
        text = f"{heard.text}\n📎 {more}".strip() if more > 0 else heard.text
        text_id = turn.work.episodes.last_said(episode.id)
        if text_id is None:
            raise LookupError("what was just said is not there")
        self._relaying.employee_wrote(turn, ticket, text, text_id)

    def _is_over(self, turn: Turn, episode: Episode) -> bool:
        return episode.ticket_id is not None and self._answering.live_ticket(turn, episode) is None

    def _after_ticket(self, turn: Turn, episode: Episode, heard: Heard) -> Outcome:
        """After a closed ticket: small talk, a new matter, or word that it did not help after all."""
        if self._returns.after_ticket(heard):
            return self._returns.back(turn, self._heard_in(turn, episode, heard), words_of(turn, heard))
        action = heard.action or ("thanks" if self._returns.pleased(heard) else None)
        if action is not None:
            return self._act(turn, self._heard_in(turn, episode, heard), heard, action)
        return self._fresh(turn, heard)

    def _wish(self, turn: Turn, episode: Episode | None, heard: Heard) -> Outcome:
        """A person was asked for: always a ticket."""
        if episode is not None and episode.ticket_id is None:
            episode = self._breath.joined(turn, episode, heard)
        elif episode is None or self._answering.live_ticket(turn, episode) is None:
            episode = begun(turn, heard)
        episode = self._heard_in(turn, episode, heard)
        return self._answering.escalate(turn, episode, heard.finding, key="ticket.opened_person")

    def _fresh(self, turn: Turn, heard: Heard) -> Outcome:
        """A new question: answer, offer, ask back, or open a ticket."""
        episode = self._heard_in(turn, begun(turn, heard), heard)
        if heard.empty:
            return self._answering.ask(turn, episode)
        outage = self._outages.like(turn, episode, heard.finding)
        if outage is not None:
            return self._outages.answer(turn, episode, outage, heard.finding)
        decision = self._hearing.decision(heard.finding)
        return self._answering.carry_out(turn, episode, decision, heard.finding)

    def _pending(self, turn: Turn, episode: Episode, heard: Heard) -> Outcome:
        """The reply to our one question: matched together with the first words; an answer or a ticket."""
        picked = self._picked(heard.text, episode)
        if picked is None and heard.action in ASIDE:
            return self._aside(turn, self._heard_in(turn, episode, heard), heard, heard.action)
        joined = self._breath.joined(turn, self._heard_in(turn, episode, heard), heard)
        if picked is not None:
            return self._answering.answer(turn, joined, picked, heard.finding)
        found = self._hearing.again(joined.question, turn.language)
        finding = replace(found, vague=False, angry=found.angry or heard.finding.angry)
        outage = self._outages.like(turn, joined, finding)
        if outage is not None:
            return self._outages.answer(turn, joined, outage, finding)
        decision = self._hearing.decision(finding, may_ask=False)
        alone = self._hearing.decision(heard.finding, may_ask=False)
        if not isinstance(decision, Answer) and isinstance(alone, Answer):
            decision, finding = alone, heard.finding
        if self._hearing.action_of(decision) is not None:  # the first words alone were no greeting
            decision = Escalate()
        return self._answering.carry_out(turn, joined, decision, finding)

    def _aside(self, turn: Turn, episode: Episode, heard: Heard, action: str) -> Outcome:
        """A pleasantry instead of a reply: our question stands, unless the person needs nothing any more."""
        if action in ("solved", "goodbye"):
            self._answering.mark(turn, episode, turn.say("press.written"))
            episode = episode.moved(EpisodeState.CLOSED, turn.at)
        return self._act(turn, episode, heard, action)

    def _add(self, turn: Turn, episode: Episode, ticket: Ticket, heard: Heard) -> Outcome:
        """More from somebody who has a live ticket, in its thread or in one breath: part of it."""
        in_one_breath = self._breath.holds(turn, episode) and ticket.id == episode.ticket_id
        if in_one_breath:
            episode = self._breath.joined(turn, episode, heard)
            self._escalations.reword(turn, ticket, episode.question)
        # The ticket, the employee's conversation, then the cards': everybody locks them in this order.
        self._answering.say(turn, episode, turn.reply(turn.say("ticket.added", ticket=ticket.reference)))
        if in_one_breath:
            self._escalations.refresh(turn.work, ticket, turn.at)
        self._pass_on(turn, episode, ticket, heard)
        turn.work.episodes.save(episode.moved(episode.state, turn.at))
        return Outcome(OutcomeKind.ADDED, ticket=ticket.reference)

    def _after_answer(self, turn: Turn, episode: Episode, heard: Heard) -> Outcome:
        """After an answer: another question, more about the first one, or word that it did not help."""
        tried = [target for target, _ in episode.tried]
        if self._breath.same_matter(turn, episode, heard, tried):
            joined = self._breath.joined(turn, self._heard_in(turn, episode, heard), heard)
            return self._answering.act(turn, joined, "noted")
        if self._sure_of_another(heard.finding, tried):
            return self._fresh(turn, heard)
        joined = self._breath.joined(turn, self._heard_in(turn, episode, heard), heard)
        if heard.finding.vague or heard.empty or came_back(heard.text):
            return self._act(turn, joined, heard, "not_solved")
        decision = self._hearing.decision(heard.finding, may_ask=not episode.asked)
        return self._answering.carry_out(turn, joined, decision, heard.finding)

    def _act(self, turn: Turn, episode: Episode, heard: Heard, action: str) -> Outcome:
        answering = self._answering
        answered = episode.state is EpisodeState.ANSWERED
        ticket = answering.live_ticket(turn, episode)
        match action:
            case "person":
                return answering.escalate(turn, episode, heard.finding, key="ticket.opened_person")
            case "my_tickets" | "cancel_ticket":
                return answering.mine(turn, episode)
            case "solved" if ticket is not None:
                return answering.mine(turn, episode)
            case "solved":
                return answering.solved(turn, episode) if answered else answering.act(turn, episode, "glad")
            case "not_solved" if ticket is not None:
                return self._add(turn, episode, ticket, heard)
            case "not_solved" if answered:
                answering.mark(turn, episode, turn.say("press.not_solved"))
                return answering.escalate(
                    turn, episode, heard.finding, key="ticket.opened_person", pressed="not_solved"
                )
            case "not_solved" if episode.asked:
                return answering.escalate(turn, episode, heard.finding)
            case "not_solved":
                return answering.ask(turn, episode)
            case _:
                return answering.act(turn, episode, action)

    def _heard_in(self, turn: Turn, episode: Episode, heard: Heard) -> Episode:
        turn.work.episodes.said(episode, turn.utterance, turn.person.id, heard.text)
        return episode

    def _picked(self, text: str, episode: Episode) -> Match | None:
        """A choice made by its number or by what tells it from the others, written instead of pressed."""
        if episode.state is not EpisodeState.CHOICE:
            return None
        number = text.strip(" .)#")
        index: int | None = int(number) - 1 if number.isdecimal() and len(number) == 1 else None
        if index is None:
            title = self._hearing.shelf.content.title
            index = named(text, [title(target, episode.language) for target, _ in episode.offered])
        if index is not None and 0 <= index < len(episode.offered):
            return Match(*episode.offered[index])
        return None

    def _sure_of_another(self, finding: Finding, tried: list[str]) -> bool:
        decision = self._hearing.decision(finding)
        return isinstance(decision, Answer) and decision.match.target not in tried

    def _in_its_thread(self, turn: Turn, episode: Episode) -> bool:
        """Whether it was said in the thread that the episode has for itself."""
        if turn.utterance.addressed is Addressed.THREAD:
            return True
        thread = turn.utterance.conversation.thread
        return bool(thread) and turn.work.conversations.find(turn.utterance.conversation) == (
            episode.conversation_id
        )
