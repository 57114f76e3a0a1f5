"""Nothing is matched and no card is rendered while a transaction may hold a lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.desk.knowledge.library import Library
from bot.desk.ports.tickets import LookBack
from bot.domain.conversations.messages import Addressed, OutcomeKind
from bot.domain.knowledge.decision import Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.traffic import Prior
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Given, Helpdesk, buttons_of
from tests.support.unknown import UNKNOWN


class WatchedDatabase(Database):
    """Knows whether a transaction is open that may write."""

    writing = 0

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[Connection]:
        """Count what may hold a lock."""
        self.writing += not reading
        try:
            with super().transaction(reading=reading) as connection:
                yield connection
        finally:
            self.writing -= not reading


@dataclass
class WatchedMatcher:
    """A matcher that notes what it is asked while somebody may be held up."""

    matcher: Any
    database: WatchedDatabase
    asked: int = 0
    under_a_lock: int = 0
    provisional: bool = False
    lacking: bool = False

    @property
    def version(self) -> str:
        """As the real one's."""
        return str(self.matcher.version)

    def find(self, text: str, language: str | None = None, *, here: bool = False) -> MatchResult:
        """Note it, and ask the real one."""
        self.asked += 1
        self.under_a_lock += self.database.writing > 0
        found: MatchResult = self.matcher.find(text, language, here=here)
        return found

    def thresholds(
        self,
        max_wrong: float,
        certainty: float | None = None,
        *,
        words_alone: bool = False,
        mix: Mix | None = None,
    ) -> Thresholds:
        """As the real one's."""
        proposed: Thresholds = self.matcher.thresholds(max_wrong, certainty, words_alone=words_alone, mix=mix)
        return proposed

    @property
    def prior(self) -> Prior:
        """As the real one's."""
        found: Prior = self.matcher.prior
        return found

    def two_way(self, mix: Mix | None = None) -> Thresholds:
        """As the real one's."""
        proposed: Thresholds = self.matcher.two_way(mix)
        return proposed


class WatchedLibrary(Library):
    """Notes when a card asks for the words that speak for an article: cards alone do."""

    database: WatchedDatabase
    cards = 0
    cards_under_a_lock = 0

    def find_matches(self, text: str) -> tuple[Match, ...]:
        """Note it, and look."""
        self.cards += 1
        self.cards_under_a_lock += self.database.writing > 0
        return super().find_matches(text)


@pytest.fixture
def watched(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """A desk whose database, matcher and cards are watched."""
    seen = WatchedDatabase(database.engine, database.workers)
    snapshot = library.snapshot
    matcher = WatchedMatcher(snapshot.matcher, seen)
    content = replace(snapshot.content, hash="watched")
    made = WatchedLibrary(Given(content), lambda _content, _before: matcher)
    made.database = seen
    assert made.load()
    return Helpdesk(seen, made, clock, rooms=(ROOM, OTHER_ROOM))


def unlocked(desk: Helpdesk) -> tuple[int, int]:
    """How often the matcher was asked and a card drawn; never where somebody may be held up."""
    library = desk.library
    assert isinstance(library, WatchedLibrary)
    matcher = library.snapshot.matcher
    assert isinstance(matcher, WatchedMatcher)
    assert (matcher.under_a_lock, library.cards_under_a_lock) == (0, 0)
    return matcher.asked, library.cards


def test_a_question_and_the_reply_to_ours_are_matched_before_the_transaction(watched: Helpdesk) -> None:
    asked = watched.say("ana", "it does not work", thread="1.0")
    assert asked.kind is OutcomeKind.ASKED
    answered = watched.say("ana", "my vpn keeps dropping on my mac", thread="1.0", addressed=Addressed.THREAD)
    assert answered.kind is OutcomeKind.ANSWERED
    matched, _ = unlocked(watched)
    assert matched == 3, "each message once, and both together once"


def test_a_claim_renders_no_card_until_somebody_shows_it(watched: Helpdesk) -> None:
    ticket = watched.desk.intake.receive(watched.utterance("ana", UNKNOWN))
    assert ticket.kind is OutcomeKind.TICKET
    _, before = unlocked(watched)
    assert before == 0, "the ticket is open, and nobody has looked at its card"
    watched.deliver()
    _, drawn = unlocked(watched)
    assert drawn == 2, "one for each room"
    claimed = watched.click("eva", watched.button(watched.card("HELP-1001"), "claim"), conversation=ROOM)
    assert claimed.kind is OutcomeKind.DONE
    assert claimed.card is not None
    assert "resolve" in buttons_of(claimed.card)
    unlocked(watched)


def test_what_comes_after_a_ticket_is_matched_outside_too(watched: Helpdesk, clock: Clock) -> None:
    place = watched.direct("ana", "teams")
    watched.say("ana", "my vpn keeps dropping on my mac", channel="teams", conversation=place)
    answer = next(reply for reply in watched.in_space("ana") if "person" in buttons_of(reply))
    watched.click("ana", watched.button(answer, "person"), channel="teams", conversation=place)
    ticket = watched.card("HELP-1001")
    watched.click("eva", watched.button(ticket, "claim"), conversation=ROOM)
    resolve = watched.button(watched.card("HELP-1001"), "resolve")
    watched.click("eva", resolve, conversation=ROOM, inputs={"note": "New profile."})
    clock.move(hours=3)
    watched.say("ana", "the vpn is broken again", channel="teams", conversation=place)
    watched.say("ana", "printer", channel="teams", conversation=place)
    matched, cards = unlocked(watched)
    assert matched == 3, "each message once: the cards show what was found then"
    assert cards > 3


def test_the_page_reads_without_holding_anybody_up(watched: Helpdesk) -> None:
    watched.say("ana", UNKNOWN)
    page = watched.desk.page_view
    page.live(ROOM)
    page.look_back(ROOM, LookBack(closed=True))
    page.ticket(ROOM, 1, "en")
    page.standing(watched.utterance("eva").sender)
    _, cards = unlocked(watched)
    assert cards == 3
