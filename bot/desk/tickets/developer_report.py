"""Renders a ticket as a report for developers, in Markdown, to be copied."""

from bot.desk.context import RequestContext
from bot.desk.knowledge.checklists import Checklists
from bot.desk.knowledge.library import Library
from bot.desk.ports.button_actions import REPORT
from bot.desk.ports.page import Message
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.markdown import escape, fence, quote
from bot.domain.conversations.messages import (
    Button,
    Click,
    Facts,
    Field,
    Heading,
    Line,
    Link,
    Outcome,
    OutcomeKind,
    Prose,
    Quote,
    Reply,
    ShowTicket,
    Small,
    When,
)
from bot.domain.tickets.ticket import Ticket

STEPS = "steps"
SEEN = "seen"
LONGEST_IN_CHAT = 8_000  # characters; the command line has all of it
MOST_MESSAGES = 200  # the newest of the transcript
LONGEST_TITLE = 100  # characters


class DeveloperReport:
    """Report with title, environment, steps, what was tried, and the transcript, without the rooms' notes."""

    def __init__(self, wording: Wording, library: Library) -> None:
        self._wording = wording
        self._library = library
        self._checklists = Checklists(wording.say, library)

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Show the report to whoever clicked: as a private post, or as a text to copy in the response.

        The button of the text to copy shows the card again.
        """
        if click.argument == SEEN:
            return Outcome(OutcomeKind.DONE, ticket.reference, shows=ShowTicket(ticket.id))
        text = self.markdown(context.work, ticket, context.language, LONGEST_IN_CHAT)
        title = context.say("form.report", ticket=ticket.reference)
        if not context.utterance.inline:  # a private post holds more than a form's field
            notice = Reply((Line(title), Prose(fence(text))), summary=title, language=context.language)
            return Outcome(OutcomeKind.DONE, ticket.reference, notice=notice)
        field = Field("report", context.say("report.copy"), required=False, initial=text, copyable=True)
        close = Button(REPORT, context.say("button.report.seen"), ticket.token, SEEN, with_fields=True)
        form = Reply((), (close,), (field,), summary=title, language=context.language)
        return Outcome(OutcomeKind.FORM, ticket.reference, card=form)

    def markdown(self, work: UnitOfWork, ticket: Ticket, language: str, limit: int = 0) -> str:
        """Render the report; with `limit` in characters, the oldest messages are left out to fit."""
        beginning = self._beginning(work, ticket, language)
        messages = [self._line(language, one) for one in work.timeline.about(ticket, MOST_MESSAGES)]
        left_out = ""
        while (
            messages and limit and len(beginning) + sum(map(len, messages)) + 2 * len(messages) + 200 > limit
        ):
            messages = messages[1:]
            left_out = self._say(language, "report.left_out", ticket=ticket.reference)
        parts = [beginning, *([left_out] if left_out else ()), *messages]
        whole = "\n\n".join(parts).rstrip() + "\n"
        return f"{whole[: limit - 1]}…" if limit and len(whole) > limit else whole

    def _beginning(self, work: UnitOfWork, ticket: Ticket, language: str) -> str:
        question = work.texts.get(ticket.question_id)
        first = next((line for line in question.splitlines() if line.strip()), "")
        title = (
            first.strip() if len(first.strip()) <= LONGEST_TITLE else f"{first.strip()[: LONGEST_TITLE - 1]}…"
        )
        answers = {
            one: work.texts.get(one.text_id) for one in work.details.of(ticket.id) if one.text_id is not None
        }
        steps = [text for one, text in answers.items() if one.key == STEPS]
        rows = [
            (self._say(language, "card.channel"), self._say(language, f"channel.{ticket.channel}")),
            (self._say(language, "card.opened"), f"{self._wording.when(language, ticket.opened_at)} UTC"),
            (
                self._say(language, "card.priority"),
                self._say(language, f"priority.{ticket.priority.name.lower()}"),
            ),
        ]
        rows += [
            (self._checklists.label(one, language), text) for one, text in answers.items() if one.key != STEPS
        ]
        missing = self._say(language, "report.missing")
        return "\n\n".join(
            (
                f"# {ticket.reference}: {escape(title)}",
                quote(question),
                f"## {self._say(language, 'report.environment')}",
                "\n".join(_row(label, text) for label, text in rows),
                f"## {self._say(language, 'card.asks.steps')}",
                quote(steps[0]) if steps else missing,
                f"## {self._say(language, 'report.tried')}",
                "\n".join(f"- {escape(line)}" for line in self._tried(work, ticket, language)),
                f"## {self._say(language, 'report.transcript')}",
            )
        )

    def _tried(self, work: UnitOfWork, ticket: Ticket, language: str) -> list[str]:
        episode = work.episodes.get(ticket.episode_id)
        content = self._library.snapshot.content
        tried = [content.title(target, language) for target, _ in episode.tried]
        tried += [self._say(language, f"card.tried.{click}") for click in episode.clicks]
        if ticket.note_id is not None:
            tried.append(" ".join(work.texts.get(ticket.note_id).split()))
        return tried or [self._say(language, "card.tried.nothing")]

    def _line(self, language: str, message: Message) -> str:
        when = self._wording.when(language, message.at)
        author = message.author or "Firstline"
        text = message.text if message.reply is None else render_plain(message.reply)
        return f"**{escape(author)}**, {when} UTC\n\n{quote(text)}"

    def _say(self, language: str, key: str, **values: object) -> str:
        return self._wording.say(language, key, **values)


def render_plain(reply: Reply) -> str:
    """Render a reply as lines of text."""
    lines: list[str] = []
    for block in reply.blocks:
        match block:
            case Prose(text) | Heading(text) | Line(text) | Quote(text) | Small(text):
                lines.append(text)
            case Facts(rows):
                lines += [f"{label}: {value}" for label, value in rows]
            case Link(label, url):
                lines.append(f"{label}: {url}")
            case When(label, _, text):
                lines.append(f"{label}: {text}")
    return "\n".join(lines)


def _row(label: str, text: str) -> str:
    lines = escape(text.strip()).splitlines() or [""]
    return f"- **{escape(label)}**: " + "\\\n  ".join(lines)
