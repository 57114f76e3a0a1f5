"""Builds the lifecycle of tickets and the buttons that change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk.buttons import ButtonRule, Handler
from bot.desk.cards.wiring import CardUseCases
from bot.desk.context import RequestContext
from bot.desk.knowledge.checklists import Checklists
from bot.desk.knowledge.drafting import ArticleDrafting
from bot.desk.ports import button_actions as buttons
from bot.desk.relay.relay import Relay
from bot.desk.shared_services import SharedServices
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.article_draft import ArticleDrafts, DraftViews
from bot.desk.tickets.article_verdict import ArticleVerdict
from bot.desk.tickets.assignment import Assignment
from bot.desk.tickets.canned_responses import CannedResponses
from bot.desk.tickets.claiming import Claiming
from bot.desk.tickets.details_request import DetailsRequest
from bot.desk.tickets.developer_report import DeveloperReport
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.desk.tickets.menu import TicketMenu
from bot.desk.tickets.merging import Merging
from bot.desk.tickets.reopening import Reopening
from bot.desk.tickets.resolution import Resolution
from bot.domain.conversations.messages import SHOW_DETAILS, Click, Outcome, OutcomeKind, ShowTicket
from bot.domain.tickets.ticket import Ticket, TicketAction


@dataclass(frozen=True, slots=True)
class TicketUseCases:
    """Use cases of tickets: the ones that other packages build on, and the buttons."""

    lifecycle: TicketLifecycle
    responses: ActionResponses
    merging: Merging
    feedback: Feedback
    reopening: Reopening
    assignment: Assignment
    details: DetailsRequest
    buttons: Mapping[str, ButtonRule[Any]]


def build_tickets(
    base: SharedServices, cards: CardUseCases, relay: Relay, reopen_days: float, draft_views: DraftViews
) -> TicketUseCases:
    """Build the use cases of tickets; a closed ticket may be reopened for `reopen_days`."""
    notifications, permissions = base.notifications, base.permissions
    responses = ActionResponses(notifications, cards.forms)
    feedback = Feedback(base.wording, notifications)
    merging = Merging(permissions, notifications, feedback, responses, cards.clusters)
    given = (cards.locations, base.rooms, notifications, merging, feedback)
    lifecycle = TicketLifecycle(*given, cards.stale_buttons, cards.clusters, base.waits)
    reopening = Reopening(lifecycle, merging, responses, notifications, permissions, feedback, reopen_days)
    claiming = Claiming(lifecycle, responses)
    resolution = Resolution(lifecycle, cards.cards, cards.shadow, responses, base.promise)
    checklists = Checklists(base.wording.say, base.library, base.policy.tolerance)
    details = DetailsRequest(checklists, responses, notifications)
    assignment = _assignment(base, cards, merging, responses)
    for_engineers: dict[str, Handler[Ticket]] = {
        TicketAction.CLAIM.value: claiming.claim,
        TicketAction.RELEASE.value: claiming.release,
        TicketAction.RESOLVE.value: resolution.resolve,
        **_menu(base, cards, merging, responses, assignment),
        buttons.REOPEN: reopening.by_engineer,
        buttons.CANNED: CannedResponses(base.library, relay, responses).click,
        buttons.ASK_DETAILS: details.ask,
        **_texts(base, responses, draft_views),
        buttons.NAME_ARTICLE: ArticleVerdict(cards.shadow, responses, notifications, base.promise).click,
    }
    for_requesters: dict[str, Handler[Ticket]] = {
        buttons.CAME_BACK: reopening.by_requester,
        buttons.DETAILS: details.answer,
        buttons.RATE: feedback.rate,
        buttons.COMMENT: feedback.comment,
    }
    rules = {
        name: ButtonRule(base.guards.ticket_engineer, does, _card) for name, does in for_engineers.items()
    }
    rules[SHOW_DETAILS] = ButtonRule(base.guards.ticket_engineer, _show, _card, only_shows=True)
    rules |= {name: ButtonRule(base.guards.requester, does) for name, does in for_requesters.items()}
    return TicketUseCases(lifecycle, responses, merging, feedback, reopening, assignment, details, rules)


def _texts(
    base: SharedServices, responses: ActionResponses, draft_views: DraftViews
) -> dict[str, Handler[Ticket]]:
    """Return what makes a text of a ticket, to be copied."""
    drafting = ArticleDrafting(base.wording, base.library)
    return {
        buttons.REPORT: DeveloperReport(base.wording, base.library).click,
        buttons.DRAFT: ArticleDrafts(drafting, draft_views, responses).click,
    }


def _assignment(
    base: SharedServices, cards: CardUseCases, merging: Merging, responses: ActionResponses
) -> Assignment:
    return Assignment(
        base.permissions,
        cards.locations,
        base.rooms,
        base.notifications,
        merging,
        responses,
        cards.forms,
    )


def _menu(
    base: SharedServices,
    cards: CardUseCases,
    merging: Merging,
    responses: ActionResponses,
    assignment: Assignment,
) -> dict[str, Handler[Ticket]]:
    actions = {
        TicketAction.ASSIGN: assignment.assign,
        TicketAction.TRANSFER: assignment.transfer,
        TicketAction.PRIORITIZE: assignment.prioritize,
        TicketAction.MERGE: merging.merge,
        TicketAction.LINK: merging.link,
    }
    menu = TicketMenu(cards.forms, responses, base.notifications, actions)
    own = {buttons.NOTES: menu.notes_only, buttons.SHOW_EACH: menu.show_each}
    return {**own, **{action.value: menu.click for action in actions}}


def _card(ticket: Ticket) -> ShowTicket:
    return ShowTicket(ticket.id)


def _show(_context: RequestContext, ticket: Ticket, _click: Click) -> Outcome:
    """Show the card as it is now; it is rendered after the transaction, when nobody waits for it."""
    return Outcome(OutcomeKind.DONE, shows=_card(ticket))
