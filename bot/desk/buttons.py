"""Table of buttons: who may click each of them, and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import Click, Outcome, OutcomeKind, Shows
from bot.domain.tickets.ticket import Ticket

Subject = TypeVar("Subject")
Found = TypeVar("Found", covariant=True)


@dataclass(frozen=True, slots=True)
class Admitted(Generic[Found]):
    """Click that is allowed: its subject, and the context in the language of the answer."""

    context: RequestContext
    subject: Found


@dataclass(frozen=True, slots=True)
class Refused:
    """Click that is refused: the wording key of the reason, empty where nobody is to be told.

    With `ticket`, the refusal is noted in its history.
    """

    key: str = ""
    ticket: Ticket | None = None


Guard = Callable[[RequestContext, Click], Admitted[Subject] | Refused]
Handler = Callable[[RequestContext, Subject, Click], Outcome]


@dataclass(frozen=True, slots=True)
class ButtonRule(Generic[Subject]):
    """Rule of a button: who may click it, what it does, and what a repeated click shows of its subject.

    With `only_shows` it changes nothing, so that a repeated click may be carried out again.
    """

    guard: Guard[Subject]
    handler: Handler[Subject]
    shows: Callable[[Subject], Shows] | None = None
    only_shows: bool = False


class Guards:
    """Guards of buttons: each looks up the subject of a click and decides whether this person may click.

    They change nothing.
    """

    def __init__(self, permissions: Permissions) -> None:
        self._permissions = permissions

    def ticket_engineer(self, context: RequestContext, click: Click) -> Admitted[Ticket] | Refused:
        """Admit engineers of the queue of the ticket that the button names."""
        work, utterance = context.work, context.utterance
        ticket = work.tickets.by_token(click.token)
        if ticket is None:
            return Refused("ticket.unknown")
        if not self._permissions.admits(work, utterance, ticket.queue):
            return Refused("refused.engineers_only", ticket)
        return Admitted(context, ticket)

    def any_engineer(self, context: RequestContext, _click: Click) -> Admitted[None] | Refused:
        """Admit engineers of any queue."""
        if not self._permissions.admits(context.work, context.utterance):
            return Refused("refused.engineers_only")
        return Admitted(context, None)

    def requester(self, context: RequestContext, click: Click) -> Admitted[Ticket] | Refused:
        """Admit the requester of the ticket."""
        if context.utterance.stranger:
            return Refused("refused.stranger")
        ticket = context.work.tickets.by_token(click.token)
        if ticket is None:
            return Refused("ticket.unknown")
        if not ticket.requester.is_same(context.person):
            return Refused("refused.not_yours")
        language = context.work.episodes.get(ticket.episode_id).language
        return Admitted(replace(context, language=language), ticket)

    def episode_reader(self, context: RequestContext, click: Click) -> Admitted[Episode] | Refused:
        """Admit everybody who reads the answer to which the button belongs, but strangers."""
        if context.utterance.stranger:
            return Refused("refused.stranger")
        episode = context.work.episodes.by_token(click.token)
        if episode is None:
            return Refused("press.gone")
        return Admitted(replace(context, language=episode.language), episode)

    def episode_owner(self, context: RequestContext, click: Click) -> Admitted[Episode] | Refused:
        """Admit the employee to whose question the button belongs."""
        admitted = self.episode_reader(context, click)
        if isinstance(admitted, Admitted) and admitted.subject.person_id != context.person.id:
            return Refused("refused.not_yours")
        return admitted


class ButtonTable:
    """Table of button rules by action, which carries out clicks."""

    def __init__(self, rules: Mapping[str, ButtonRule[Any]], notifications: Notifications) -> None:
        self._rules = rules
        self._notifications = notifications

    def click(self, context: RequestContext, click: Click) -> Outcome:
        """Carry out a click, if this person may click there."""
        rule = self._rules.get(click.action)
        if rule is None:
            refusal = "refused.stranger" if context.utterance.stranger else "press.unknown"
            return context.refuse(refusal)
        admitted = rule.guard(context, click)
        if isinstance(admitted, Admitted):
            return rule.handler(admitted.context, admitted.subject, click)
        if admitted.ticket is not None:
            self._notifications.record(context, admitted.ticket, "refused", {"move": click.action})
        return context.refuse(admitted.key) if admitted.key else Outcome(OutcomeKind.IGNORED)

    def repeat(self, context: RequestContext, click: Click, earlier: Outcome) -> Outcome:
        """Show the form or the card once more for a repeated click: the first response may have been lost.

        A click that ended in a form changed nothing, so it may be carried out again.
        """
        rule = self._rules.get(click.action)
        admitted = rule.guard(context, click) if rule is not None else None
        if rule is None or not isinstance(admitted, Admitted):
            return earlier
        if earlier.kind is OutcomeKind.FORM or rule.only_shows:
            return replace(rule.handler(admitted.context, admitted.subject, click), repeated=True)
        return replace(earlier, shows=rule.shows(admitted.subject)) if rule.shows else earlier
