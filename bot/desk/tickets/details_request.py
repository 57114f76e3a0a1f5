"""Asks an employee for details with the checklist of the intent as a form, and takes their answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.knowledge.checklists import Checklists
from bot.desk.notifications import Notifications
from bot.desk.ports.button_actions import ASK_DETAILS, DETAILS
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.tickets.action_responses import ActionResponses
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import (
    Button,
    Click,
    Field,
    Line,
    Outcome,
    OutcomeKind,
    Reply,
    ShowPost,
)
from bot.domain.secrets.masking import visible
from bot.domain.tickets.checklist import AskedDetail
from bot.domain.tickets.ticket import Status, Ticket

Say = Callable[..., str]


class DetailsRequest:
    """Requests for details: sends the checklist, and shows the answers to the assignee."""

    def __init__(
        self, checklists: Checklists, responses: ActionResponses, notifications: Notifications
    ) -> None:
        self._checklists = checklists
        self._responses = responses
        self._notifications = notifications

    def ask(self, context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
        """Send the employee the unanswered questions, or all of them when all are answered."""
        work = context.work
        if ticket.status is not Status.CLAIMED or not ticket.is_assigned_to(context.person):
            return self._responses.conflict(context, ticket, ASK_DETAILS)
        episode = work.episodes.get(ticket.episode_id)
        theirs = replace(context, language=episode.language)
        before = work.details.of(ticket.id)
        answered = {one.key for one in before if one.text_id is not None}
        checklist = self._checklists.of(ticket, episode, theirs.language)
        questions = [pair for pair in checklist if pair[0] not in answered] or list(checklist)
        self._close_earlier(context, before)
        asked = [AskedDetail(key, question, 0) for key, question in questions]
        reply = self._request(theirs, ticket, self._fields(work, asked), context.person.name)
        post_id = work.outbox.say(episode.conversation_id, reply, context.at, ticket_id=ticket.id)
        work.details.ask(ticket.id, questions, post_id, context.at)
        self._notifications.record(context, ticket, "asked_details")
        names = {"name": context.person.name, "requester": ticket.requester.name}
        self._notifications.tell_rooms(work, ticket, "room.asked_details", context.at, names)
        return self._responses.success(context, ticket)

    def offer(self, context: RequestContext, episode: Episode, ticket: Ticket, reply: Reply) -> None:
        """Post a reply about a new ticket; a button opens the intent's own questions as a form, if any."""
        work = context.work
        questions = self._checklists.own(ticket.target, context.language)
        if questions:
            button = Button(DETAILS, context.say("button.details.add"), ticket.token, style="primary")
            reply = replace(reply, buttons=(button, *reply.buttons))
        post_id = work.outbox.say(episode.conversation_id, reply, context.at, ticket_id=ticket.id)
        work.details.ask(ticket.id, questions, post_id, context.at)

    def answer(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Keep what the employee filled in, or show them the form."""
        work = context.work
        if not ticket.live:
            return context.refuse("ticket.closed", ticket=ticket.reference)
        asked = self._newest(work.details.of(ticket.id))
        if not asked:
            return context.refuse("press.gone")
        if click.inputs is None:
            fields = self._fields(work, asked)
            return Outcome(
                OutcomeKind.FORM, ticket=ticket.reference, card=self._form(context, ticket, fields)
            )
        if not work.assignments.lock(ticket.id)[0].live:  # somebody may be ending it at this moment
            return context.refuse("ticket.closed", ticket=ticket.reference)
        written = self._read_answers(asked, click.inputs)
        if not written:
            return context.refuse("details.empty", shows=ShowPost(asked[0].post_id))
        answers = []
        for one, text in written:
            work.details.answer(ticket.id, one.key, work.texts.add(text), context.at)
            answers.append(f"{one.question}\n{text}")
        self._notifications.record(
            context, ticket, "details", {"keys": ",".join(one.key for one, _ in written)}
        )
        self._thank(context, ticket, asked)
        self._notifications.refresh_cards(work, ticket, context.at)
        names = {"requester": ticket.requester.name, "name": ticket.assignee.name if ticket.assignee else ""}
        key = "room.details" if ticket.assignee else "room.details_open"
        self._notifications.tell_rooms(work, ticket, key, context.at, names, quote="\n".join(answers))
        notice = context.reply(context.say("masked")) if context.utterance.masked else None
        shows = ShowPost(asked[0].post_id)
        return Outcome(OutcomeKind.DONE, ticket.reference, notice=notice, shows=shows)

    def back(self, context: RequestContext, ticket: Ticket) -> Outcome:
        """Show the newest request again, in place of its form."""
        asked = self._newest(context.work.details.of(ticket.id))
        if not asked:
            return context.refuse("press.gone")
        return Outcome(OutcomeKind.DONE, ticket.reference, shows=ShowPost(asked[0].post_id))

    def _request(
        self, context: RequestContext, ticket: Ticket, fields: tuple[Field, ...], name: str
    ) -> Reply:
        text = context.say("details.ask", name=name, ticket=ticket.reference)
        lines = (Line(text), Line(context.say("details.screenshot")))
        return Reply(lines, (self._button(context, ticket),), fields, summary=text, language=context.language)

    def _form(self, context: RequestContext, ticket: Ticket, fields: tuple[Field, ...]) -> Reply:
        title = context.say("form.details", ticket=ticket.reference)
        # By the argument a way back leads to the request again, not to the engineers' card.
        button = replace(
            self._button(context, ticket), label=context.say("button.details.send"), argument=DETAILS
        )
        return Reply((), (button,), fields, summary=title, language=context.language)

    def _button(self, context: RequestContext, ticket: Ticket) -> Button:
        label = context.say("button.details")
        return Button(DETAILS, label, ticket.token, style="primary", with_fields=True)

    def _fields(self, work: UnitOfWork, asked: Sequence[AskedDetail]) -> tuple[Field, ...]:
        return tuple(
            Field(
                f"ask{index}",
                one.question,
                required=False,
                initial=work.texts.get(one.text_id) if one.text_id is not None else "",
            )
            for index, one in enumerate(asked)
        )

    def _read_answers(
        self, asked: Sequence[AskedDetail], inputs: Mapping[str, str]
    ) -> list[tuple[AskedDetail, str]]:
        texts = ((one, inputs.get(f"ask{index}", "").strip()) for index, one in enumerate(asked))
        return [(one, text) for one, text in texts if visible(text)]

    def _newest(self, asked: Sequence[AskedDetail]) -> list[AskedDetail]:
        """Return the questions of the newest request, in order."""
        newest = max((one.post_id for one in asked), default=0)
        return [one for one in asked if one.post_id == newest]

    def _thank(self, context: RequestContext, ticket: Ticket, asked: Sequence[AskedDetail]) -> None:
        work, post_id = context.work, asked[0].post_id
        current = self._newest(work.details.of(ticket.id))
        post = work.outbox.read(post_id)
        thanks = Line(context.say("details.thanks"))
        blocks = post.blocks if thanks in post.blocks else (*post.blocks, thanks)
        all_answered = all(one.text_id is not None for one in current)
        # Under a new ticket the form opens by the button alone.
        kept = replace(post, blocks=blocks, fields=self._fields(work, current) if post.fields else ())
        work.outbox.revise(post_id, _without_form(kept) if all_answered else kept, context.at)

    def _close_earlier(self, context: RequestContext, before: Sequence[AskedDetail]) -> None:
        """Remove the buttons from earlier requests: answers there would be lost."""
        for post_id in sorted({one.post_id for one in before}):
            post = context.work.outbox.read(post_id)
            closed = _without_form(post)
            if closed != post:
                blocks = (*post.blocks, Line(context.wording.say(post.language, "details.below")))
                context.work.outbox.revise(post_id, replace(closed, blocks=blocks), context.at)


def _without_form(post: Reply) -> Reply:
    buttons = tuple(button for button in post.buttons if button.action != DETAILS)
    return replace(post, buttons=buttons, fields=())
