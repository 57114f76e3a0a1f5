"""Asks the employee how it went after a resolution, and keeps their mark and comment."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.desk.context import RequestContext
from bot.desk.history.merged_tickets import current_rating, lock_ticket
from bot.desk.notifications import Notifications
from bot.desk.ports.button_actions import CAME_BACK, COMMENT, RATE
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
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
from bot.domain.tickets.rating import MARKS, Rating
from bot.domain.tickets.ticket import Ticket


class Feedback:
    """Feedback on resolutions: posts the question with the resolution, and keeps that post up to date.

    One click sets the mark. Another one changes it, until there is a comment or the ticket is open again.
    """

    def __init__(self, wording: Wording, notifications: Notifications) -> None:
        self._say = wording.say
        self._notifications = notifications

    def tell_resolution(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        key: str,
        at: datetime,
        values: Mapping[str, str],
        note: str = "",
    ) -> None:
        """Tell the requester about the resolution, and ask how it went."""
        finish = partial(self._with_question, ticket)
        post_id = self._notifications.tell_requester(work, ticket, key, at, values, note, finish)
        work.ratings.ask(ticket.id, post_id, at)

    def with_reopen_button(self, reply: Reply, ticket: Ticket) -> Reply:
        """Add the button that reopens the ticket to a reply about its end."""
        return replace(reply, buttons=(self._back(ticket, reply.language),))

    def _with_question(self, ticket: Ticket, reply: Reply) -> Reply:
        question = Line(self._say(reply.language, "rate.how"))
        buttons = (*self._marks(ticket, None), self._back(ticket, reply.language))
        return replace(reply, blocks=(*reply.blocks, question), buttons=buttons)

    def rate(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Keep the mark that was clicked."""
        work, before = context.work, context.work.ratings.newest(ticket.id)
        mark = int(click.argument) if click.argument in map(str, MARKS) else 0
        if before is None or not mark:
            return context.refuse("press.gone")
        shown = ShowPost(before.post_id)
        if not self._still_resolved(work, ticket) or not work.ratings.mark(before, mark, context.at):
            return context.refuse("rate.late", shows=shown)
        rating = replace(before, mark=mark)
        self._notifications.record(context, ticket, "rated", {"mark": str(mark)})
        self._revise(context, ticket, rating)
        self._notifications.refresh_cards(work, ticket, context.at)
        if rating.low and not before.low:
            key = "room.rated_low" if work.tickets.cards(ticket.id) else "room.rated_low_joined"
            self._tell_rooms(context, ticket, key, {"mark": str(mark)})
        return Outcome(OutcomeKind.DONE, ticket.reference, shows=shown)

    def comment(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Keep the comment that was sent, or ask for it."""
        work, rating = context.work, context.work.ratings.newest(ticket.id)
        if rating is None or rating.mark is None:
            return context.refuse("press.gone")
        shown = ShowPost(rating.post_id)
        if not self._still_resolved(work, ticket) or rating.comment_id is not None:
            return context.refuse("rate.late", shows=shown)
        if click.inputs is None:
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=self._form(context, ticket))
        text = click.inputs.get("comment", "").strip()
        if not visible(text):
            return context.refuse("rate.empty", shows=shown)
        text_id = work.texts.add(text)
        if not work.ratings.comment(rating, text_id, context.at):
            return context.refuse("rate.late", shows=shown)
        self._notifications.record(context, ticket, "commented")
        self._revise(context, ticket, replace(rating, comment_id=text_id))
        self._notifications.refresh_cards(work, ticket, context.at)
        if rating.low:
            self._tell_rooms(context, ticket, "room.rated_why", {}, quote=text)
        notice = context.reply(context.say("masked")) if context.utterance.masked else None
        return Outcome(OutcomeKind.DONE, ticket.reference, notice=notice, shows=shown)

    def _still_resolved(self, work: UnitOfWork, ticket: Ticket) -> bool:
        """Lock the ticket, and tell whether the resolution that was asked about still holds."""
        return current_rating(work, lock_ticket(work, ticket)) is not None

    def close_posts(self, context: RequestContext, ticket: Ticket) -> None:
        """Remove the buttons from the posts about the last end, which no longer holds."""
        for post_id in self._reopenable_posts(context.work, ticket):
            post = context.work.outbox.read(post_id)
            question = self._say(post.language, "rate.how")
            kept = tuple(block for block in post.blocks if block != Line(question))
            text = self._say(post.language, "press.came_back")
            shown = replace(post, buttons=(), fields=(), blocks=(*kept, Line(text)))
            context.work.outbox.revise(post_id, shown, context.at)

    def reopenable_post(self, work: UnitOfWork, ticket: Ticket) -> int | None:
        """Return the post about the last end while “Still not working” can be clicked there."""
        return next(self._reopenable_posts(work, ticket), None)

    @staticmethod
    def _reopenable_posts(work: UnitOfWork, ticket: Ticket) -> Iterator[int]:
        for _, post_id in reversed(work.outbox.with_buttons(ticket.id)):
            if any(button.action == CAME_BACK for button in work.outbox.read(post_id).buttons):
                yield post_id

    def last_post(self, work: UnitOfWork, ticket: Ticket) -> ShowPost | None:
        """Return the post about the last resolution."""
        rating = work.ratings.newest(ticket.id)
        return ShowPost(rating.post_id) if rating is not None else None

    def _revise(self, context: RequestContext, ticket: Ticket, rating: Rating) -> None:
        post = context.work.outbox.read(rating.post_id)
        language = post.language
        question = Line(self._say(language, "rate.how"))
        end = post.blocks.index(question) if question in post.blocks else len(post.blocks)
        settled = rating.comment_id is not None
        thanks = self._say(language, "rate.thanks", mark=rating.mark, best=MARKS[-1])
        lines = [question, Line(thanks)]
        if rating.low:
            lines.append(Line(self._say(language, "rate.sorry")))
        if settled:
            lines.append(Line(self._say(language, "rate.passed_on")))
        more = () if settled else (*self._marks(ticket, rating.mark), self._comment_button(ticket, language))
        revised = replace(
            post,
            blocks=(*post.blocks[:end], *lines),
            buttons=(*more, self._back(ticket, language)),
            fields=() if settled else (self._field(language),),
        )
        context.work.outbox.revise(rating.post_id, revised, context.at)

    def _tell_rooms(
        self, context: RequestContext, ticket: Ticket, key: str, values: Mapping[str, str], quote: str = ""
    ) -> None:
        names = {"name": context.person.name, "best": str(MARKS[-1]), **values}
        self._notifications.tell_rooms(context.work, ticket, key, context.at, names, quote=quote)

    def _form(self, context: RequestContext, ticket: Ticket) -> Reply:
        language = context.language
        title = self._say(language, "form.comment", ticket=ticket.reference)
        send = replace(
            self._comment_button(ticket, language), label=self._say(language, "button.comment.send")
        )
        return Reply((), (send,), (self._field(language),), summary=title, language=language)

    def _field(self, language: str) -> Field:
        return Field("comment", self._say(language, "rate.why"))

    def _marks(self, ticket: Ticket, chosen: int | None) -> tuple[Button, ...]:
        return tuple(
            Button(RATE, str(mark), ticket.token, str(mark), style="primary" if mark == chosen else "")
            for mark in MARKS
        )

    def _comment_button(self, ticket: Ticket, language: str) -> Button:
        return Button(COMMENT, self._say(language, "button.comment"), ticket.token, with_fields=True)

    def _back(self, ticket: Ticket, language: str) -> Button:
        return Button(CAME_BACK, self._say(language, "button.came_back"), ticket.token)
