"""“Ask for details”: the checklist of a ticket's intent as a form for the employee, and what they answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.desk.cards.ticket_card import Cards
from bot.desk.context import Turn
from bot.desk.knowledge.checklists import Checklists
from bot.desk.notifications import Telling
from bot.desk.ports.button_actions import ASK_DETAILS, DETAILS
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.tickets.lifecycle import Escalations
from bot.domain.conversations.masking import clean, mask, visible
from bot.domain.conversations.messages import Button, Field, Line, Outcome, OutcomeKind, Press, Reply
from bot.domain.tickets.checklist import Asked
from bot.domain.tickets.ticket import Status, Ticket

Say = Callable[..., str]


class Asking:
    """Sends the checklist, takes the answers in, and tells them to the assignee."""

    def __init__(
        self, checklists: Checklists, cards: Cards, escalations: Escalations, telling: Telling
    ) -> None:
        self._checklists = checklists
        self._cards = cards
        self._escalations = escalations
        self._telling = telling

    def ask(self, turn: Turn, ticket: Ticket, _press: Press) -> Outcome:
        """Send the employee what is not answered yet; when all is, everything once more."""
        work = turn.work
        mine = ticket.assignee is not None and ticket.assignee.id == turn.person.id
        if ticket.status is not Status.CLAIMED or not mine:
            return self._escalations.too_late(turn, ticket, ASK_DETAILS)
        episode = work.episodes.get(ticket.episode_id)
        theirs = replace(turn, language=episode.language)
        before = work.details.of(ticket.id)
        answered = {one.key for one in before if one.text_id is not None}
        checklist = self._checklists.of(ticket, episode, theirs.language)
        questions = [pair for pair in checklist if pair[0] not in answered] or list(checklist)
        self._retire(turn, before)
        asked = [Asked(key, question, 0) for key, question in questions]
        reply = self._request(theirs, ticket, self._fields(work, asked), turn.person.name)
        post_id = work.outbox.say(episode.conversation_id, reply, turn.at, ticket_id=ticket.id)
        work.details.ask(ticket.id, questions, post_id, turn.at)
        self._telling.record(turn, ticket, "asked_details")
        names = {"name": turn.person.name, "requester": ticket.requester.name}
        self._telling.rooms(work, ticket, "room.asked_details", turn.at, names)
        card = self._cards.card(work, ticket)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card)

    def answer(self, turn: Turn, ticket: Ticket, press: Press) -> Outcome:
        """Take in what the employee filled in, or show them the form."""
        work = turn.work
        if not ticket.live:
            return turn.refuse("ticket.closed", ticket=ticket.reference)
        asked = self._newest(work.details.of(ticket.id))
        if not asked:
            return turn.refuse("press.gone")
        if press.inputs is None:
            fields = self._fields(work, asked)
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=self._form(turn, ticket, fields))
        if not work.handovers.lock(ticket.id)[0].live:  # somebody may be ending it at this moment
            return turn.refuse("ticket.closed", ticket=ticket.reference)
        written = self._written(asked, press.inputs)
        if not written:
            return turn.refuse("details.empty", card=work.outbox.read(asked[0].post_id))
        masked = False
        told = []
        for one, text in written:
            shown, hidden = mask(text)
            masked = masked or hidden
            work.details.answer(ticket.id, one.key, work.texts.add(shown), turn.at)
            told.append(f"{one.question}\n{shown}")
        self._telling.record(turn, ticket, "details", {"keys": ",".join(one.key for one, _ in written)})
        self._thank(turn, ticket, asked)
        self._telling.refresh(work, ticket, turn.at)
        names = {"requester": ticket.requester.name, "name": ticket.assignee.name if ticket.assignee else ""}
        key = "room.details" if ticket.assignee else "room.details_open"
        self._telling.rooms(work, ticket, key, turn.at, names, quote="\n".join(told))
        notice = turn.reply(turn.say("masked")) if masked else None
        card = work.outbox.read(asked[0].post_id)
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card, notice=notice)

    def _request(self, turn: Turn, ticket: Ticket, fields: tuple[Field, ...], name: str) -> Reply:
        text = turn.say("details.ask", name=name, ticket=ticket.reference)
        lines = (Line(text), Line(turn.say("details.screenshot")))
        return Reply(lines, (self._button(turn, ticket),), fields, summary=text, language=turn.language)

    def _form(self, turn: Turn, ticket: Ticket, fields: tuple[Field, ...]) -> Reply:
        title = turn.say("form.details", ticket=ticket.reference)
        button = replace(self._button(turn, ticket), label=turn.say("button.details.send"))
        return Reply((), (button,), fields, summary=title, language=turn.language)

    def _button(self, turn: Turn, ticket: Ticket) -> Button:
        label = turn.say("button.details")
        return Button(DETAILS, label, ticket.token, style="primary", with_fields=True)

    def _fields(self, work: UnitOfWork, asked: Sequence[Asked]) -> tuple[Field, ...]:
        return tuple(
            Field(
                f"ask{index}",
                one.question,
                required=False,
                initial=work.texts.get(one.text_id) if one.text_id is not None else "",
            )
            for index, one in enumerate(asked)
        )

    def _written(self, asked: Sequence[Asked], inputs: Mapping[str, str]) -> list[tuple[Asked, str]]:
        texts = ((one, clean(inputs.get(f"ask{index}", "")).strip()) for index, one in enumerate(asked))
        return [(one, text) for one, text in texts if visible(text)]

    def _newest(self, asked: Sequence[Asked]) -> list[Asked]:
        """What the newest request asks, in its order."""
        newest = max((one.post_id for one in asked), default=0)
        return [one for one in asked if one.post_id == newest]

    def _thank(self, turn: Turn, ticket: Ticket, asked: Sequence[Asked]) -> None:
        work, post_id = turn.work, asked[0].post_id
        current = self._newest(work.details.of(ticket.id))
        post = work.outbox.read(post_id)
        thanks = Line(turn.say("details.thanks"))
        blocks = post.blocks if thanks in post.blocks else (*post.blocks, thanks)
        all_told = all(one.text_id is not None for one in current)
        kept = replace(post, blocks=blocks, fields=self._fields(work, current))
        shown = replace(kept, buttons=(), fields=()) if all_told else kept
        work.outbox.revise(post_id, shown, turn.at)

    def _retire(self, turn: Turn, before: Sequence[Asked]) -> None:
        """Take the button off an earlier request: what is written there would go astray."""
        for post_id in sorted({one.post_id for one in before}):
            post = turn.work.outbox.read(post_id)
            if post.buttons:
                blocks = (*post.blocks, Line(turn.wording.say(post.language, "details.below")))
                turn.work.outbox.revise(post_id, replace(post, buttons=(), fields=(), blocks=blocks), turn.at)
