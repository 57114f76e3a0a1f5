"""Takes an engineer's verdict on a closed ticket in shadow mode: which article would have helped."""

from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.context import RequestContext
from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.notifications import Notifications
from bot.desk.ports.button_actions import NAME_ARTICLE
from bot.desk.tickets.action_responses import ActionResponses
from bot.domain.conversations.messages import Button, Click, Outcome, OutcomeKind, Reply
from bot.domain.tickets.ticket import Ticket


class ArticleVerdict:
    """Verdicts of engineers on tickets that were closed without naming an article."""

    def __init__(
        self,
        shadow: ShadowMode,
        responses: ActionResponses,
        notifications: Notifications,
        promise: PromiseWatch,
    ) -> None:
        self._promise = promise
        self._shadow = shadow
        self._responses = responses
        self._notifications = notifications

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Ask which article would have helped, or keep the answer."""
        work = context.work
        silent = work.shadow.of(ticket.id)
        if ticket.live or silent is None:
            return self._responses.invalid(context, ticket, "refused.not_ended")
        if click.inputs is None:
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=self._form(context, ticket, click))
        named = self._shadow.read_named(work, ticket, click.inputs)
        if named.target is None:
            unclear = (
                self._shadow.explain_unknown(context, named)
                if named.unknown
                else context.say("refused.none_named")
            )
            form = self._form(context, ticket, click)
            return Outcome(
                OutcomeKind.FORM, ticket=ticket.reference, notice=context.reply(unclear), card=form
            )
        self._notifications.record(
            context, ticket, "named", self._shadow.keep_named(work, ticket, named, context)
        )
        self._notifications.refresh_cards(work, ticket, context.at)
        self._promise.judge_silent(context, silent, named.target)
        return self._responses.success(context, ticket)

    def _form(self, context: RequestContext, ticket: Ticket, click: Click) -> Reply:
        title = context.say(f"form.{NAME_ARTICLE}", ticket=ticket.reference)
        label = context.say(f"button.{NAME_ARTICLE}")
        send = Button(NAME_ARTICLE, label, ticket.token, style="primary", with_fields=True)
        fields = self._shadow.fields(context.work, ticket, context.language, click.inputs)
        return Reply((), (send,), fields, summary=title, language=context.language)
