"""Builds the dialogue with employees, and the intake of all messages and clicks."""

from collections.abc import Mapping
from typing import Any

from bot.desk.automation.wiring import AutomationUseCases
from bot.desk.buttons import ButtonRule, ButtonTable, Guards
from bot.desk.cards.wiring import CardUseCases
from bot.desk.conversations.accounts.joining import AccountJoining
from bot.desk.conversations.accounts.other_channel import OtherChannel
from bot.desk.conversations.answering.answers import Answers
from bot.desk.conversations.answering.employee_buttons import EmployeeButtons
from bot.desk.conversations.answering.outage_notice import OutageNotice
from bot.desk.conversations.answering.replies import ArticleLink, Replies
from bot.desk.conversations.answering.welcome import Welcome
from bot.desk.conversations.changed_messages import ChangedMessages
from bot.desk.conversations.dialogue import Dialogue
from bot.desk.conversations.follow_ups import FollowUps
from bot.desk.conversations.intake import Intake
from bot.desk.conversations.message_grouping import MessageGrouping
from bot.desk.conversations.new_questions import NewQuestions
from bot.desk.conversations.on_behalf import OnBehalf
from bot.desk.conversations.routing import CommandHandler, Routing, for_engineers
from bot.desk.conversations.ticket_messages import TicketMessages
from bot.desk.knowledge.understanding import Understanding
from bot.desk.outages.wiring import OutageUseCases
from bot.desk.ports import button_actions as buttons
from bot.desk.ports.content import SharesWords, Similarity
from bot.desk.relay.wiring import RelayUseCases
from bot.desk.shared_services import SharedServices
from bot.desk.tickets.wiring import TicketUseCases
from bot.domain.conversations.commands import Command
from bot.domain.conversations.messages import MORE


def build_conversations(
    base: SharedServices,
    cards: CardUseCases,
    relay: RelayUseCases,
    tickets: TicketUseCases,
    outages: OutageUseCases,
    automation: AutomationUseCases,
    article_link: ArticleLink,
    similarity: Similarity,
    shares_words: SharesWords,
) -> Intake:
    """Build the intake with its table of all buttons."""
    lifecycle, opt_out = tickets.lifecycle, outages.opt_out
    understanding = Understanding(base.library, base.wording, base.policy)
    replies = Replies(article_link, base.wait_texts, base.examples)
    answers = Answers(
        understanding, replies, cards.cards, lifecycle, opt_out, cards.shadow, tickets.details, base.promise
    )
    notice = OutageNotice(answers, understanding, lifecycle, outages.posts, similarity)
    messages = TicketMessages(MessageGrouping(understanding), lifecycle, relay.relay, base.notifications)
    questions = NewQuestions(understanding, answers, notice, messages, tickets.merging, shares_words)
    follow_ups = FollowUps(understanding, tickets.reopening)
    dialogue = Dialogue(
        understanding, answers, lifecycle, follow_ups, notice, automation.lists, messages, questions
    )
    on_behalf = OnBehalf(lifecycle, base.permissions, base.language)
    commands = _commands(base, outages, automation, joining := AccountJoining())
    routing = Routing(understanding, base.permissions, relay.relay, dialogue, on_behalf, commands)
    rules: dict[str, ButtonRule[Any]] = {
        **relay.buttons,
        **tickets.buttons,
        **outages.buttons,
        **automation.buttons,
        **_employee_buttons(EmployeeButtons(answers, lifecycle, notice), questions, base.guards),
        **_account_buttons(joining, OtherChannel(messages), base.guards),
    }
    table = ButtonTable(rules, base.notifications)
    changes = ChangedMessages(base.wording, lifecycle, base.notifications, cards.clusters.show_own_card)
    welcome = Welcome(base.examples, understanding, cards.shadow, base.wording)
    return Intake(base.begin, understanding, routing, table, changes, welcome, base.wording, base.clock)


def _account_buttons(
    joining: AccountJoining, other_channel: OtherChannel, guards: Guards
) -> Mapping[str, ButtonRule[Any]]:
    return {
        buttons.JOIN_YES: ButtonRule(joining.asked, joining.agree),
        buttons.JOIN_NO: ButtonRule(joining.asked, joining.decline),
        buttons.ADD_HERE: ButtonRule(guards.requester, other_channel.add),
    }


def _commands(
    base: SharedServices, outages: OutageUseCases, automation: AutomationUseCases, joining: AccountJoining
) -> Mapping[Command, CommandHandler]:
    """Commands that stand outside every episode."""
    away = automation.absences
    of_engineers: dict[Command, CommandHandler] = {
        Command.OUTAGE: lambda context, command: outages.outages.command(context, command.title),
        Command.AWAY: away.away,
        Command.BACK: away.back,
    }
    return {
        **{name: for_engineers(base.permissions, does) for name, does in of_engineers.items()},
        Command.JOIN_ACCOUNTS: joining.join,
        Command.SEPARATE_ACCOUNTS: joining.separate,
    }


def _employee_buttons(
    clicked: EmployeeButtons, questions: NewQuestions, guards: Guards
) -> Mapping[str, ButtonRule[Any]]:
    return {
        buttons.SOLVED: ButtonRule(guards.episode_owner, clicked.solved),
        buttons.NOT_HELPFUL: ButtonRule(guards.episode_owner, clicked.not_helpful),
        buttons.REASON: ButtonRule(guards.episode_owner, clicked.reason),
        buttons.PERSON: ButtonRule(guards.episode_owner, clicked.person),
        buttons.CHOOSE: ButtonRule(guards.episode_owner, clicked.choose),
        buttons.NONE: ButtonRule(guards.episode_owner, clicked.none),
        buttons.JOINED: ButtonRule(guards.episode_owner, clicked.joined),
        buttons.OTHER: ButtonRule(guards.episode_owner, clicked.other),
        MORE: ButtonRule(guards.episode_reader, clicked.more, only_shows=True),
        buttons.WANT_TICKET: ButtonRule(guards.episode_owner, clicked.want_ticket),
        buttons.NO_TICKET: ButtonRule(guards.episode_owner, clicked.no_ticket),
        buttons.BELONGS: ButtonRule(guards.episode_owner, questions.belongs),
        buttons.SEPARATE: ButtonRule(guards.episode_owner, questions.separate),
        buttons.CANCEL: ButtonRule(guards.requester, clicked.cancel),
    }
