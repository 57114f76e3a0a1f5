"""A known outage answers like questions first."""

from dataclasses import replace

from bot.desk.context import Turn
from bot.desk.conversations.answers import Answering
from bot.desk.knowledge.understanding import Hearing
from bot.desk.outages.posts import MOST_LISTED, Signs
from bot.desk.ports.button_actions import PERSON
from bot.desk.ports.content import Likeness
from bot.desk.tickets.lifecycle import Beginning, Escalations
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Button, Heading, Line, Outcome, OutcomeKind, Press, Reply, When
from bot.domain.knowledge.content import Escalate, Finding
from bot.domain.tickets.outage import Outage
from bot.domain.tickets.ticket import Priority

NEAR = 0.75  # of the shorter text's words; a wrong notice is worse than a person
OTHER = "other"


class OutageAnswers:
    """Shows the notice of an outage to who asks like its tickets, and lets them join it."""

    def __init__(
        self,
        answering: Answering,
        hearing: Hearing,
        escalations: Escalations,
        signs: Signs,
        likeness: Likeness,
    ) -> None:
        self._answering = answering
        self._hearing = hearing
        self._escalations = escalations
        self._signs = signs
        self._likeness = likeness

    def like(self, turn: Turn, episode: Episode, finding: Finding) -> Outage | None:
        """The outage that lasts and that this question is like, the newest one of several.

        Like: the matcher finds the same target near, or most words are those of its title or its ticket.
        """
        if OTHER in episode.presses or self._answering.silent(turn):
            return None
        best = finding.best
        near = best.target if best and best.confidence >= self._hearing.cuts(finding).choose else ""
        intent = self._hearing.shelf.content.intent(near) if near else None
        if intent is not None and intent.always_person:
            return None
        for outage in turn.work.outages.live(MOST_LISTED):
            if near and near == outage.target:
                return outage
            texts = (outage.title, outage.question)
            if any(text and self._likeness(episode.question, text) >= NEAR for text in texts):
                return outage
        return None

    def answer(self, turn: Turn, episode: Episode, outage: Outage, finding: Finding) -> Outcome:
        """Show the notice; the person says whether that is it."""
        shelf = self._hearing.shelf
        turn.work.episodes.decided(
            episode.id, turn.at, "outage", finding, shelf.content.hash, shelf.matcher.version
        )
        self._answering.mark(turn, episode, turn.say("press.written"))
        since = turn.wording.when(turn.language, outage.started_at)
        blocks = (
            Heading(turn.say("outage.title", title=outage.title)),
            Line(outage.notice(turn.language) or turn.say("outage.notice")),
            When(turn.say("outage.since"), outage.started_at, f"{since} UTC"),
            Line(turn.say("outage.is_it")),
        )
        buttons = (
            Button("joined", turn.say("button.joined"), episode.token, outage.token, style="primary"),
            Button(OTHER, turn.say("button.other"), episode.token, outage.token),
        )
        reply = Reply(blocks, buttons, summary=outage.title, language=turn.language)
        post_id = self._answering.say(turn, episode, reply)
        turn.work.episodes.save(episode.moved(EpisodeState.ANSWERED, turn.at, post_id=post_id))
        return Outcome(OutcomeKind.ANSWERED)

    def joined(self, turn: Turn, episode: Episode, press: Press) -> Outcome:
        """Put the person on the outage: their ticket closes with it, and they hear of it."""
        work = turn.work
        outage = work.outages.by_token(press.argument)
        # First the outage's row: who ends it takes it first, too, and waits for us or we for them.
        if outage is None or not work.outages.hold(outage.id):
            return self._over(turn, episode, outage)
        self._answering.mark(turn, episode, turn.say("press.joined"))
        ticket = self._escalations.open(
            turn,
            replace(episode, presses=(*episode.presses, "joined")),
            Beginning(Priority.NORMAL, target=outage.target, outage_id=outage.id),
        )
        text = turn.say("outage.joined", title=outage.title, ticket=ticket.reference)
        person = Button(PERSON, turn.say("button.person"), episode.token)
        self._answering.say(
            turn, episode, Reply((Line(text),), (person,), summary=text, language=turn.language), ticket
        )
        self._signs.show(work, outage, turn.at)
        card = self._answering.shown(turn, episode)
        return Outcome(OutcomeKind.TICKET, ticket=ticket.reference, card=card)

    def other(self, turn: Turn, episode: Episode) -> Outcome:
        """It is something else: go on as usual."""
        self._answering.mark(turn, episode, turn.say("press.other"))
        shown = self._answering.shown(turn, episode)
        finding = self._hearing.again(episode.question, turn.language)
        decision = self._hearing.decision(finding)
        if self._hearing.action_of(decision) is not None:
            decision = Escalate()
        pressed = replace(episode, presses=(*episode.presses, OTHER))
        return replace(self._answering.carry_out(turn, pressed, decision, finding), card=shown)

    def _over(self, turn: Turn, episode: Episode, outage: Outage | None) -> Outcome:
        self._answering.mark(turn, episode, turn.say("press.joined"))
        shown = self._answering.shown(turn, episode)
        text = turn.say("outage.over", title=outage.title if outage else "")
        person = Button(PERSON, turn.say("button.person"), episode.token)
        reply = Reply((Line(text),), (person,), summary=text, language=turn.language)
        post_id = self._answering.say(turn, episode, reply)
        turn.work.episodes.save(episode.moved(EpisodeState.ANSWERED, turn.at, post_id=post_id))
        return Outcome(OutcomeKind.DONE, card=shown)
