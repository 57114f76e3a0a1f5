"""Joins a person's accounts in two channels by a click on each side, and separates them again."""

import hashlib
import secrets
from datetime import timedelta

from bot.desk.buttons import Admitted, Refused
from bot.desk.context import RequestContext
from bot.desk.ports.button_actions import JOIN_NO, JOIN_YES
from bot.domain.conversations.commands import ParsedCommand
from bot.domain.conversations.messages import Button, Click, Line, Outcome, OutcomeKind, Reply, ShowPost
from bot.domain.people import JoinHow, JoinRequest, JoinResult, JoinState

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels: no code is a word
VALID = timedelta(minutes=10)  # for a code and the clicks that follow
# The states in which a click counts, and what an agreement leads to: no other one may be left by a click.
_CLICKED = {JoinState.ENTERED: JoinState.AGREED, JoinState.AGREED: JoinState.JOINED}
MOST_TRIES, TRIES_WITHIN = 5, timedelta(hours=1)  # codes of one account that are none


class AccountJoining:
    """Joining of accounts: a code in one channel, a click in the other, and a click in the first one.

    The code alone joins nothing: whoever began is shown who entered it, and has the last word.
    """

    def join(self, context: RequestContext, command: ParsedCommand) -> Outcome | None:
        """Give a code to whoever wants to join their accounts, or take one from the other channel."""
        if not context.utterance.conversation.private:
            return context.refuse("join.private_only")
        if command.title:
            return self._enter(context, command.title)
        return self._begin(context)

    def separate(self, context: RequestContext, _command: ParsedCommand) -> Outcome | None:
        """Take this account out of those that it is joined with."""
        done = context.work.joins.separate(context.person.id, JoinHow.CHAT, context.at)
        return _say(context, "join.separated" if done else "join.alone")

    def asked(self, context: RequestContext, click: Click) -> Admitted[JoinRequest] | Refused:
        """Admit the account that is to click next; guests never."""
        if context.utterance.stranger:
            return Refused("refused.stranger")
        request = context.work.joins.request(click.token)
        if request is None:
            return Refused("press.gone")
        if context.person.id not in (request.person_id, request.other_id):
            return Refused("refused.not_yours")
        if request.state not in _CLICKED:  # over, whoever ended it: no click brings it back
            done = request.state is JoinState.JOINED and context.person.joined is not None
            return Refused("join.already" if done else "join.expired")
        if context.person.id != _next_to_click(request):
            return Refused("refused.not_yours")
        return Admitted(context, request)

    def agree(self, context: RequestContext, request: JoinRequest, _click: Click) -> Outcome:
        """Agree on one side: first where the code was entered, then where it was asked for."""
        work = context.work
        to = _CLICKED[request.state]
        if not work.joins.advance(request, to, context.at):
            return context.refuse("join.expired", shows=self._close(context, request, "join.expired"))
        if to is JoinState.AGREED:
            shown = self._close(context, request, "join.agreed")
            self._ask_first_side(context, request)
            return Outcome(OutcomeKind.DONE, shows=shown)
        result = work.joins.join(request.person_id, request.other_id or 0, JoinHow.CONFIRMED, context.at)
        key = "join.done" if result is JoinResult.JOINED else f"join.{result}"
        shown = self._close(context, request, key)
        if result is JoinResult.JOINED and request.other_conversation_id is not None:
            work.outbox.say(request.other_conversation_id, _reply(context, "join.done"), context.at)
        return Outcome(OutcomeKind.DONE, shows=shown)

    def decline(self, context: RequestContext, request: JoinRequest, _click: Click) -> Outcome:
        """End a request: nothing is joined."""
        context.work.joins.advance(request, JoinState.ENDED, context.at)
        return Outcome(OutcomeKind.DONE, shows=self._close(context, request, "join.ended"))

    # --- parts --------------------------------------------------------------------------------------------

    def _begin(self, context: RequestContext) -> Outcome:
        work = context.work
        code = "".join(secrets.choice(LETTERS) for _ in range(8))
        here = work.conversations.open(context.utterance.conversation)
        token, expires = secrets.token_urlsafe(16), context.at + VALID
        work.joins.begin(JoinRequest(token, context.person.id, here, expires), _hash(code))
        written = f"{code[:4]}-{code[4:]}"
        minutes = int(VALID.total_seconds() // 60)
        text = context.say("join.code", code=written, minutes=minutes)
        warning = Line(context.say("join.code.secret"))
        reply = Reply((Line(text), warning), summary=text, language=context.language)
        work.outbox.say(here, reply, context.at)
        return Outcome(OutcomeKind.DONE)

    def _enter(self, context: RequestContext, code: str) -> Outcome:
        work, person = context.work, context.person
        if work.joins.wrong_codes(person.id, context.at - TRIES_WITHIN) >= MOST_TRIES:
            return _say(context, "join.too_often")
        here = work.conversations.open(context.utterance.conversation)
        request = work.joins.enter(_hash(code.replace("-", "")), person.id, here, context.at)
        if request is None:
            work.joins.note_wrong_code(person.id, context.at)
            return _say(context, "join.wrong_code")
        channel = work.conversations.ref(request.conversation_id).channel
        if channel == context.utterance.conversation.channel:
            work.joins.advance(request, JoinState.ENDED, context.at)
            return _say(context, "join.same_channel")
        self._ask(context, request, here, "join.ask", work.people.name(request.person_id), channel)
        return Outcome(OutcomeKind.ASKED)

    def _ask_first_side(self, context: RequestContext, request: JoinRequest) -> None:
        channel, name = context.utterance.conversation.channel, context.person.name
        self._ask(context, request, request.conversation_id, "join.ask_back", name, channel)

    @staticmethod
    def _ask(
        context: RequestContext, request: JoinRequest, conversation_id: int, key: str, name: str, channel: str
    ) -> None:
        where = context.say(f"channel.{channel}")
        text = context.say(key, name=name, channel=where)
        buttons = (
            Button(JOIN_YES, context.say("button.join_yes"), request.token, style="primary"),
            Button(JOIN_NO, context.say("button.join_no"), request.token),
        )
        lines = (Line(text), Line(context.say("join.means")))
        reply = Reply(lines, buttons, summary=text, language=context.language)
        post_id = context.work.outbox.say(conversation_id, reply, context.at)
        context.work.joins.keep_post(request, post_id)

    @staticmethod
    def _close(context: RequestContext, request: JoinRequest, key: str) -> ShowPost | None:
        """Take the buttons off the question, and say under it what came of it."""
        if request.post_id is None:
            return None
        post = context.work.outbox.read(request.post_id)
        line = Line(context.wording.say(post.language, key))
        closed = Reply((*post.blocks, line), summary=post.summary, language=post.language)
        if post.buttons:
            context.work.outbox.revise(request.post_id, closed, context.at)
        return ShowPost(request.post_id)


def _next_to_click(request: JoinRequest) -> int | None:
    return request.person_id if request.state is JoinState.AGREED else request.other_id


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _reply(context: RequestContext, key: str) -> Reply:
    return context.reply(context.say(key))


def _say(context: RequestContext, key: str) -> Outcome:
    here = context.work.conversations.open(context.utterance.conversation)
    private = None if context.utterance.conversation.private else context.utterance.sender
    context.work.outbox.say(here, _reply(context, key), context.at, private_to=private)
    return Outcome(OutcomeKind.DONE)
