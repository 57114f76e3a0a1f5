"""Renders sections of a card: the employee's details, the closing note, the rating, and their buttons."""

from collections.abc import Callable

from bot.desk.history.timeline import follow_up_reference
from bot.desk.knowledge.checklists import Checklists
from bot.desk.knowledge.library import Library
from bot.desk.ports.button_actions import ASK_DETAILS, CANNED, DRAFT, REOPEN, REPORT
from bot.desk.ports.tickets import Followers
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.conversations.messages import Block, Button, Facts, Line, Quote
from bot.domain.tickets.rating import MARKS, Rating
from bot.domain.tickets.ticket import Status, Ticket

NEWEST = 3  # tickets that a card names of those that it stands for
BEGINNING = 80  # characters of their questions
Say = Callable[..., str]
LONGEST_LABEL = 80  # characters


class CardSections:
    """Sections of a card, in the language of its room."""

    def __init__(self, say: Say, library: Library, language: str) -> None:
        self._say = say
        self._library = library
        self._language = language
        self._checklists = Checklists(say, library)

    def details(self, work: UnitOfWork, ticket: Ticket) -> list[Block]:
        """Render the details that the employee has filled in."""
        rows = tuple(
            (self._checklists.label(one, self._language)[:LONGEST_LABEL], work.texts.get(one.text_id))
            for one in work.details.of(ticket.id)
            if one.text_id is not None
        )
        return [Facts(rows)] if rows else []

    def note(self, work: UnitOfWork, ticket: Ticket) -> list[Block]:
        """Render the note to the employee; that of an earlier resolution is labelled so."""
        if ticket.note_id is None:
            return []
        key = "card.note" if ticket.settled else "card.note_before"
        return [Line(self._say(self._language, key)), Quote(work.texts.get(ticket.note_id))]

    def followers(self, ticket: Ticket, followers: Followers) -> list[Block]:
        """Render how many tickets the card stands for besides its own, and the newest of them."""
        if not followers.count:
            return []
        more = self._say(self._language, "card.alike", count=followers.count)
        rows = tuple(
            (f"{one.reference} · {one.requester.name}", _begin(text)) for one, text in followers.newest
        )
        how = self._say(self._language, "card.alike.how", requester=ticket.requester.name)
        return [Line(more), Facts(rows), Line(how)]

    def rating(self, work: UnitOfWork, rating: Rating | None) -> list[Block]:
        """Render the employee's mark and comment."""
        if rating is None or rating.mark is None:
            return []
        shown = self._say(self._language, "card.rated", mark=rating.mark, best=MARKS[-1])
        comment = [] if rating.comment_id is None else [Quote(work.texts.get(rating.comment_id))]
        return [Line(shown), *comment]

    def buttons(self, work: UnitOfWork, ticket: Ticket, rating: Rating | None) -> tuple[Button, ...]:
        """Return a button to reopen after a low mark, unless a later ticket follows this one already."""
        if rating is None or not rating.low or follow_up_reference(work, ticket):
            return ()
        return (Button(REOPEN, self._say(self._language, "button.reopen"), ticket.token),)

    def menu(self, ticket: Ticket) -> tuple[Button, ...]:
        """Return the buttons that are clicked more seldom; report and draft are for any engineer."""
        if ticket.status is Status.CLAIMED:
            actions = [CANNED] if self._library.snapshot.content.replies else []
            actions += [ASK_DETAILS, REPORT]
        else:
            actions = [DRAFT] if ticket.settled else []
        return tuple(
            Button(action, self._say(self._language, f"button.{action}"), ticket.token) for action in actions
        )


def _begin(text: str) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text.split())
    return line if len(line) <= BEGINNING else f"{line[: BEGINNING - 1].rstrip()}…"
