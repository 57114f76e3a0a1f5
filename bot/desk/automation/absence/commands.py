"""Takes an engineer's word that they are away or back; a day is shown back before it counts."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from bot.desk.context import RequestContext
from bot.desk.ports.button_actions import AWAY_OTHER, AWAY_YES
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.commands import Command, ParsedCommand, parse_command
from bot.domain.conversations.days import read_day
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
from bot.domain.people import Absence
from bot.domain.tickets.business_hours import Hours, always_open, find_zone

LONGEST = timedelta(days=366)


class AbsenceCommands:
    """Commands of engineers about themselves: away until a day, and back."""

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions

    def away(self, context: RequestContext, command: ParsedCommand) -> Outcome | None:
        """Show back what was understood, with a button that lets it count."""
        self._show_back(context, command.title)
        return Outcome(OutcomeKind.ASKED)

    def back(self, context: RequestContext, _command: ParsedCommand) -> Outcome | None:
        """End the engineer's absence; without one it is a message like others."""
        if not context.work.absences.end(context.person, context.at):
            return None
        self._post(context, context.reply(context.say("absence.back")))
        return Outcome(OutcomeKind.DONE)

    def agree(self, context: RequestContext, _subject: None, click: Click) -> Outcome:
        """Let the absence count from now on."""
        absence = context.work.absences.by_token(click.token)
        if absence is None or not absence.person.is_same(context.person):
            return context.refuse("refused.not_yours")
        if absence.since is not None:  # clicked twice
            return Outcome(OutcomeKind.DONE, shows=self._close(context, absence, ""))
        if absence.until <= context.at or not context.work.absences.begin(absence, context.at):
            return context.refuse("absence.past", shows=self._close(context, absence, ""))
        text = context.say("absence.begun", until=self.day(context, absence.until))
        return Outcome(OutcomeKind.DONE, shows=self._close(context, absence, text))

    def other_day(self, context: RequestContext, _subject: None, click: Click) -> Outcome:
        """Ask for another day, and show back how it is understood."""
        before = context.work.absences.by_token(click.token)
        if before is not None and not before.person.is_same(context.person):
            return context.refuse("refused.not_yours")
        if click.inputs is None:
            field = Field(
                "day", context.say("absence.field"), hint=context.say("absence.field.hint"), multiline=False
            )
            label = context.say("button.next")
            send = Button(AWAY_OTHER, label, click.token, style="primary", with_fields=True)
            title = context.say("absence.ask")
            form = Reply((), (send,), (field,), summary=title, language=context.language)
            return Outcome(OutcomeKind.FORM, card=form)
        shown = None
        if before is not None and before.since is None:
            context.work.absences.withdraw(before, context.at)
            shown = self._close(context, before, context.say("absence.other"))
        written = click.inputs.get("day", "")
        command = parse_command(written)  # the whole sentence is as good as its day
        away = command is not None and command.command is Command.AWAY
        self._show_back(context, command.title if command is not None and away else written)
        return Outcome(OutcomeKind.DONE, shows=shown)

    def day(self, context: RequestContext, until: datetime) -> str:
        """Word the end of an absence by the engineer's own clock."""
        zone = find_zone(context.utterance.zone) or self._hours(context).zone
        return f"{context.wording.day(context.language, until.astimezone(zone), context.at)} ({zone.key})"

    def _show_back(self, context: RequestContext, written: str) -> None:
        """Say how a day was understood, or that it was not."""
        hours = self._hours(context)
        zone = find_zone(context.utterance.zone) or hours.zone
        today = context.at.astimezone(zone).date()
        read = read_day(written, day_first=context.language != "en")
        day = read.after(today) if read is not None else None
        token = secrets.token_urlsafe(12)
        other = Button(AWAY_OTHER, context.say("button.away_other"), token)
        if day is None or day > today + LONGEST:
            text = context.say("absence.unread" if written else "absence.ask", day=written)
            lines = (Line(text), Line(context.say("absence.hint")))
            self._post(context, Reply(lines, (other,), summary=text, language=context.language))
            return
        until = hours.begin_of_day(day, zone)
        text = context.say("absence.understood", until=self.day(context, until))
        yes = Button(AWAY_YES, context.say("button.away_yes"), token, style="primary")
        context.work.absences.propose(context.person, token, until)
        reply = Reply((Line(text),), (yes, other), summary=text, language=context.language)
        context.work.absences.keep_post(token, self._post(context, reply))

    def _hours(self, context: RequestContext) -> Hours:
        queues = self._permissions.queues_of_person(context.work, context.utterance.sender, context.at)
        return next((queue.hours for queue in queues), always_open())

    @staticmethod
    def _post(context: RequestContext, reply: Reply) -> int:
        work, place = context.work, context.utterance.conversation
        private = None if place.private else context.utterance.sender
        return work.outbox.say(work.conversations.open(place), reply, context.at, private_to=private)

    @staticmethod
    def _close(context: RequestContext, absence: Absence, text: str) -> ShowPost | None:
        """Take the buttons off the post in which an absence was shown back, and say what came of it."""
        if absence.post_id is None:
            return None
        post = context.work.outbox.read(absence.post_id)
        if post.buttons:
            blocks = (*post.blocks, Line(text)) if text else post.blocks
            context.work.outbox.revise(absence.post_id, replace(post, blocks=blocks, buttons=()), context.at)
        return ShowPost(absence.post_id)
