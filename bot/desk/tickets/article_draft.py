"""Shows the draft of an article that is made of a resolved ticket, to be copied."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.desk.context import RequestContext
from bot.desk.knowledge.drafting import ArticleDrafting
from bot.desk.ports.button_actions import DRAFT
from bot.desk.tickets.action_responses import ActionResponses
from bot.domain.conversations.markdown import fence
from bot.domain.conversations.messages import (
    Block,
    Button,
    Click,
    Field,
    Line,
    Link,
    Outcome,
    OutcomeKind,
    Prose,
    Reply,
    ShowTicket,
)
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.errors import NothingToDraft
from bot.domain.tickets.ticket import Ticket

SEEN = "seen"
LONGEST_IN_CHAT = 8_000  # characters; the command line has all of it
# Makes the files of a draft: the name and the text of each.
RenderFiles: TypeAlias = Callable[[ArticleDraft], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class DraftViews:
    """Ways to show a draft: as files, and in an editor, whose address is empty where there is none."""

    files: RenderFiles
    editor: Callable[[str], str]


class ArticleDrafts:
    """Button *Make an article* on the card of a resolved ticket."""

    def __init__(self, drafting: ArticleDrafting, views: DraftViews, responses: ActionResponses) -> None:
        self._drafting = drafting
        self._files = views.files
        self._editor = views.editor
        self._responses = responses

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Show the draft to whoever clicked: as a private post, or as a text to copy in the response."""
        if click.argument == SEEN:
            return Outcome(OutcomeKind.DONE, ticket.reference, shows=ShowTicket(ticket.id))
        try:
            draft = self._drafting.draft(context.work, ticket, context.at.date())
        except NothingToDraft:
            return self._responses.invalid(context, ticket, "draft.none")
        title = context.say("form.draft", ticket=ticket.reference)
        text, cut = self._text(draft)
        taken = context.say("draft.taken.nothing")
        if draft.taken:
            counts = (
                context.say(f"draft.taken.kind.{kind.name.lower()}", count=n)
                for kind, n in draft.taken.items()
            )
            taken = context.say("draft.taken.out", kinds=", ".join(counts))
        how = context.say("draft.cut" if cut else "draft.how", ticket=ticket.reference)
        lines: tuple[Block, ...] = (Line(taken), Line(how))
        if address := self._editor(ticket.reference):
            lines = (*lines, Link(context.say("draft.edit"), address))
        if not context.utterance.inline:  # a private post holds more than a form's field
            blocks = (Line(title), *lines, Prose(fence(text)))
            notice = Reply(blocks, summary=title, language=context.language)
            return Outcome(OutcomeKind.DONE, ticket.reference, notice=notice)
        field = Field("draft", context.say("report.copy"), required=False, initial=text, copyable=True)
        close = Button(DRAFT, context.say("button.report.seen"), ticket.token, SEEN, with_fields=True)
        form = Reply(lines, (close,), (field,), summary=title, language=context.language)
        return Outcome(OutcomeKind.FORM, ticket.reference, card=form)

    def _text(self, draft: ArticleDraft) -> tuple[str, bool]:
        """Return the files of a draft one after another, and whether the end is cut off."""
        whole = "\n".join(f"# --- {name} ---\n{text}" for name, text in self._files(draft))
        return (whole, False) if len(whole) <= LONGEST_IN_CHAT else (f"{whole[: LONGEST_IN_CHAT - 1]}…", True)
