"""Builds known outages, alerts, and their buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk.buttons import Admitted, ButtonRule, Refused
from bot.desk.cards.wiring import CardUseCases
from bot.desk.context import RequestContext
from bot.desk.outages.alerts import Alerts
from bot.desk.outages.opt_out import OutageOptOut
from bot.desk.outages.outages import GROUP, Outages
from bot.desk.outages.posts import OutagePosts
from bot.desk.ports.button_actions import DETAILS, OUTAGE_EDIT, OUTAGE_END, OUTAGE_START
from bot.desk.shared_services import SharedServices
from bot.desk.tickets.wiring import TicketUseCases
from bot.domain.conversations.messages import BACK, Click, Outcome, ShowTicket
from bot.domain.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class OutageUseCases:
    """Use cases of outages: outages with their posts, alerts, the opt-out, and the buttons."""

    outages: Outages
    posts: OutagePosts
    alerts: Alerts
    opt_out: OutageOptOut
    buttons: Mapping[str, ButtonRule[Any]]


def build_outages(
    base: SharedServices, cards: CardUseCases, tickets: TicketUseCases, *, alerts_start: bool
) -> OutageUseCases:
    """Build the use cases of outages; with `alerts_start` each alert starts a known outage."""
    posts, guards = OutagePosts(base.wording, base.language, base.rooms.all), base.guards
    outages = Outages(
        base.begin,
        base.wording,
        base.notifications,
        posts,
        tickets.responses,
        tickets.feedback,
        tickets.merging,
        base.clock,
    )

    return OutageUseCases(
        outages=outages,
        posts=posts,
        alerts=Alerts(base.begin, outages, posts, base.clock, start_outages=alerts_start),
        opt_out=OutageOptOut(cards.locations, base.notifications, cards.stale_buttons, posts),
        buttons={
            GROUP: ButtonRule(guards.ticket_engineer, outages.group, _card),
            OUTAGE_START: ButtonRule(guards.any_engineer, outages.start),
            OUTAGE_EDIT: ButtonRule(guards.any_engineer, outages.edit),
            OUTAGE_END: ButtonRule(guards.any_engineer, outages.end),
            BACK: _back_rule(base, tickets, outages),
        },
    )


def _back_rule(base: SharedServices, tickets: TicketUseCases, outages: Outages) -> ButtonRule[Ticket | None]:
    """Return the rule of the way back from a form: to a ticket's card, an outage's post or a request."""
    guards = base.guards

    def reader(context: RequestContext, click: Click) -> Admitted[Ticket | None] | Refused:
        if click.argument == DETAILS:
            return guards.requester(context, click)
        if outages.owns_token(context.work, click.token):
            return guards.any_engineer(context, click)
        return guards.ticket_engineer(context, click)

    def back(context: RequestContext, ticket: Ticket | None, click: Click) -> Outcome:
        if ticket is None:
            return outages.back(context, None, click)
        if click.argument == DETAILS:
            return tickets.details.back(context, ticket)
        return tickets.responses.success(context, ticket)

    return ButtonRule(reader, back, only_shows=True)


def _card(ticket: Ticket) -> ShowTicket:
    return ShowTicket(ticket.id)
