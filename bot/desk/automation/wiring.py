"""Builds the automation: the scheduler, queue lists, summaries, and their buttons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk.automation.absence.commands import AbsenceCommands
from bot.desk.automation.absence.rounds import AbsenceRounds
from bot.desk.automation.absence.take_over import TakeOver
from bot.desk.automation.actions import ScheduledActions
from bot.desk.automation.mirrors.approvals import Approvals
from bot.desk.automation.mirrors.fields import MirrorFields
from bot.desk.automation.mirrors.sync import MirrorSync
from bot.desk.automation.promise_notice import PromiseNotice
from bot.desk.automation.queue_summary import QueueLists, QueueSummaries
from bot.desk.automation.reminders import Reminders
from bot.desk.automation.scheduler import Scheduler
from bot.desk.automation.still_working import StillWorking
from bot.desk.buttons import ButtonRule
from bot.desk.cards.wiring import CardUseCases
from bot.desk.outages.posts import OutagePosts
from bot.desk.ports.button_actions import (
    APPROVE,
    AWAY_OTHER,
    AWAY_YES,
    DISAPPROVE,
    KEEP,
    LET_GO,
    TAKE_OVER,
)
from bot.desk.relay.from_mirror import MirrorRelay
from bot.desk.shared_services import SharedServices
from bot.desk.tickets.wiring import TicketUseCases


@dataclass(frozen=True, slots=True)
class AutomationUseCases:
    """Use cases of automation: the scheduler, queue lists, summaries, and the buttons."""

    scheduler: Scheduler
    summaries: QueueSummaries
    promise_notice: PromiseNotice
    lists: QueueLists
    absences: AbsenceCommands
    absence_rounds: AbsenceRounds
    mirror_sync: MirrorSync
    buttons: Mapping[str, ButtonRule[Any]]


def build_automation(
    base: SharedServices,
    cards: CardUseCases,
    tickets: TicketUseCases,
    posts: OutagePosts,
    from_mirror: MirrorRelay,
) -> AutomationUseCases:
    """Build the use cases of automation."""
    reminders = Reminders(base.wording, base.rooms, base.language)
    lists = QueueLists(base.wording, base.rooms, base.permissions, reminders, base.library)
    actions = ScheduledActions(base.rooms, reminders, cards.stale_buttons, tickets.feedback, posts)
    absences = AbsenceCommands(base.permissions)
    take_over = TakeOver(base.notifications, tickets.merging, tickets.responses, cards.stale_buttons)
    approvals = Approvals(base.notifications, base.wording)
    still_working = StillWorking(tickets.lifecycle, tickets.responses, base.wording)
    return AutomationUseCases(
        scheduler=Scheduler(base.begin, base.rooms, actions, base.clock),
        summaries=QueueSummaries(base.begin, base.rooms, lists, base.language, base.clock),
        promise_notice=PromiseNotice(
            base.begin, base.rooms, base.promise, base.wording, base.language, base.clock
        ),
        lists=lists,
        absences=absences,
        absence_rounds=AbsenceRounds(base.begin, base.clock),
        mirror_sync=_mirror_sync(base, tickets, from_mirror, approvals),
        buttons={
            KEEP: ButtonRule(base.guards.ticket_engineer, still_working.keep),
            LET_GO: ButtonRule(base.guards.ticket_engineer, still_working.let_go),
            TAKE_OVER: ButtonRule(base.guards.ticket_engineer, take_over.click),
            APPROVE: ButtonRule(base.guards.ticket_engineer, approvals.click),
            DISAPPROVE: ButtonRule(base.guards.ticket_engineer, approvals.click),
            AWAY_YES: ButtonRule(base.guards.any_engineer, absences.agree),
            AWAY_OTHER: ButtonRule(base.guards.any_engineer, absences.other_day),
        },
    )


def _mirror_sync(
    base: SharedServices, tickets: TicketUseCases, from_mirror: MirrorRelay, approvals: Approvals
) -> MirrorSync:
    fields = MirrorFields(tickets.lifecycle, tickets.reopening, tickets.assignment)
    return MirrorSync(
        base.begin, fields, from_mirror, approvals, base.notifications, base.wording, base.clock
    )
