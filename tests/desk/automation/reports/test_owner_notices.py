"""Owners are told once, in their chat and language, what shows that an article needs them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot import wording
from bot.desk.automation.reports.owner_notices import OwnerNotices
from bot.desk.automation.reports.owners import Owners
from bot.desk.knowledge.library import Library
from bot.desk.ports.unit_of_work import ArticleTold
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import DeliveryFailed
from bot.domain.insights.article_signs import UNUSED
from bot.domain.knowledge.content import Article, Content
from bot.domain.people import Identity, JoinHow, hash_address
from bot.storage.unit_of_work import units_of_work
from tests.support.desk.helpdesk import ROOM, Given, Helpdesk, text_of
from tests.support.desk.passing_time import at
from tests.support.desk.simultaneous import all_at_once
from tests.support.evaluation.showings import show

KEY = "key"
GOOD, BAD = [True] * 17 + [False] * 3, [True, False] * 10  # of twenty showings 85 % and 50 % help
VPN = Article("vpn", "Connect to the VPN", "Open the app.", owner="ana")
Play = Callable[..., Helpdesk]


def library_with(library: Library, *articles: Article) -> Library:
    """A library of these articles alone, each in English and Spanish unless it says otherwise."""
    versions = {
        one.id: {one.language: one}
        if one.language != "en"
        else {"en": one, "es": replace(one, language="es")}
        for one in articles
    }
    made = Library(Given(Content(versions, {}, "hash")), lambda *_: library.snapshot.matcher)
    assert made.load()
    return made


@pytest.fixture
def desk(play: Play) -> Helpdesk:
    helpdesk = play()
    helpdesk.say("ana", "he olvidado mi contraseña")
    return helpdesk


def chat_with(identity: Identity, key: str) -> ConversationRef | None:
    return ConversationRef(identity.channel, identity.tenant, f"D{identity.external_id}", f"new:{key}")


def notices(desk: Helpdesk, library: Library, *articles: Article) -> OwnerNotices:
    """The notices of one replica."""
    its = library_with(library, *articles)
    owners = Owners(chat_with, KEY)
    queues = desk.library.queues()
    rooms = desk.desk.rooms
    its.snapshot.content.__dict__["queues"] = queues
    begin = units_of_work(desk.database, desk.facts.extend)
    return OwnerNotices(begin, its, rooms, owners, wording.load(), "en", desk.clock)


def look(desk: Helpdesk, notices: OwnerNotices) -> None:
    while notices.look():
        pass
    desk.deliver()


def told(desk: Helpdesk, space: str = "Dana") -> list[str]:
    """What was posted as a notice in a place."""
    texts = map(text_of, desk.in_space(space))
    return [text for text in texts if "need you" in text or "te necesitan" in text or "need somebody" in text]


def next_day(desk: Helpdesk) -> None:
    desk.clock.move(days=1)


def test_an_article_that_gets_worse_is_told_once_until_it_recovers(desk: Helpdesk, library: Library) -> None:
    ours = notices(desk, library, VPN)
    show(desk, "vpn", GOOD * 10, desk.clock() - timedelta(days=2))
    look(desk, ours)
    assert told(desk) == []
    show(desk, "vpn", BAD * 3, desk.clock())
    for _ in range(3):
        next_day(desk)
        look(desk, ours)
        look(desk, notices(desk, library, VPN))
    (text,) = told(desk)
    assert "Connect to the VPN: ayuda menos que antes" in text, "in the owner's own language"
    assert "85 %" in text
    assert told(desk, ROOM.space) == []
    show(desk, "vpn", [True] * 60, desk.clock())
    next_day(desk)
    look(desk, ours)
    assert len(told(desk)) == 1
    show(desk, "vpn", BAD * 4, desk.clock() + timedelta(days=2))
    desk.clock.move(days=5)
    look(desk, ours)
    assert len(told(desk)) == 2


def test_an_edit_is_told_anew_where_the_article_needs_somebody_still(
    desk: Helpdesk, library: Library
) -> None:
    late = replace(VPN, review_by=date(2026, 3, 1))
    look(desk, notices(desk, library, late))
    (text,) = told(desk)
    assert "había que revisarlo" in text
    next_day(desk)
    look(desk, notices(desk, library, replace(late, body="Open the new app.")))
    assert len(told(desk)) == 2
    next_day(desk)
    look(desk, notices(desk, library, late))  # a replica with the earlier content
    assert len(told(desk)) == 2
    next_day(desk)
    look(desk, notices(desk, library, replace(late, review_by=date(2027, 3, 1))))
    assert len(told(desk)) == 2


def test_an_edit_of_an_article_that_got_worse_begins_a_new_time(desk: Helpdesk, library: Library) -> None:
    look(desk, notices(desk, library, VPN))
    show(desk, "vpn", GOOD * 10 + BAD * 3, desk.clock())
    next_day(desk)
    edited = replace(VPN, body="Open the new app.")
    look(desk, notices(desk, library, edited))
    next_day(desk)
    look(desk, notices(desk, library, edited))
    assert told(desk) == []


@pytest.mark.parametrize("owner", ["Network team", "nobody@example.com", "U0UNKNOWN", None])
def test_the_room_is_told_where_the_owner_is_nobody_we_know(
    desk: Helpdesk, library: Library, owner: str | None
) -> None:
    ours = notices(desk, library, replace(VPN, owner=owner, review_by=date(2026, 3, 1)))
    look(desk, ours)
    next_day(desk)
    look(desk, ours)
    (text,) = told(desk, ROOM.space)
    assert "Connect to the VPN: it was to be reviewed by Mar 1, 2026." in text


def test_one_id_of_two_people_is_nobody(desk: Helpdesk, library: Library) -> None:
    desk.say("ana", "hello", channel="web")
    late = replace(VPN, review_by=date(2026, 3, 1))
    look(desk, notices(desk, library, late))
    assert (len(told(desk)), len(told(desk, ROOM.space))) == (0, 1)
    look(desk, notices(desk, library, replace(late, owner="slack:T1/ana")))
    assert len(told(desk)) == 1
    with desk.begin() as work:
        mine = [work.people.known(Identity(*one)) for one in (("slack", "T1", "ana"), ("web", "", "ana"))]
        work.joins.join(mine[0].id, mine[1].id, JoinHow.OPERATOR, desk.clock())  # type: ignore[union-attr]
    look(desk, notices(desk, library, replace(late, title="Use the VPN")))
    assert len(told(desk)) == 2, "two accounts of one person are one owner"


def test_an_owner_is_found_by_an_address_that_an_account_has(desk: Helpdesk, library: Library) -> None:
    with desk.begin() as work:
        work.joins.note_address(
            Identity("slack", "T1", "ana"), hash_address("ana@example.com", KEY), desk.clock()
        )
    late = replace(VPN, owner="Ana@example.com", review_by=date(2026, 3, 1))
    look(desk, notices(desk, library, late))
    assert len(told(desk)) == 1


def test_a_missing_translation_and_disuse_are_told(desk: Helpdesk, library: Library) -> None:
    alone = replace(VPN, id="wifi", title="Wi-Fi", language="es")
    ours = notices(desk, library, VPN, alone)
    look(desk, ours)
    (text,) = told(desk)
    assert "Wi-Fi: falta en inglés." in text
    show(desk, "vpn", GOOD, desk.clock())
    desk.clock.now = at("2026-03-02 10:00") + UNUSED + timedelta(days=3)
    look(desk, ours)
    _, text = told(desk)
    assert "Connect to the VPN: se mostró por última vez el 2 mar 2026." in text
    assert "Wi-Fi: no se ha mostrado en medio año." in text


def test_what_was_shown_in_a_window_that_is_open_is_used(desk: Helpdesk, library: Library) -> None:
    reset = replace(VPN, id="password-reset", title="Reset your password")
    ours = notices(desk, library, reset)
    look(desk, ours)
    desk.clock.now = at("2026-03-02 10:00") + UNUSED + timedelta(days=3)
    desk.say("bob", "I forgot my password")
    look(desk, ours)
    assert told(desk) == []


def test_the_room_is_told_where_the_owner_cannot_be_reached(desk: Helpdesk, library: Library) -> None:
    ours = notices(desk, library, replace(VPN, review_by=date(2026, 3, 1)))
    desk.failing["Dana"] = DeliveryFailed("user_not_found", permanent=True)
    look(desk, ours)
    desk.failing.clear()
    for _ in range(3):
        next_day(desk)
        look(desk, ours)
    (text,) = told(desk, ROOM.space)
    assert "Connect to the VPN: it was to be reviewed by" in text
    assert told(desk) == []


def test_several_replicas_tell_it_once(desk: Helpdesk, library: Library) -> None:
    late = replace(VPN, review_by=date(2026, 3, 1))
    other = replace(late, id="mail", title="Mail", owner="a team")
    replicas = [notices(desk, library, late, other) for _ in range(4)]
    all_at_once([replica.look for replica in replicas])
    for replica in replicas:
        look(desk, replica)
    assert (len(told(desk)), len(told(desk, ROOM.space))) == (1, 1)
    assert [fact for fact in desk.facts if isinstance(fact, ArticleTold)] == [ArticleTold("review")] * 2


def test_nobody_is_told_while_the_desk_is_closed(desk: Helpdesk, library: Library) -> None:
    ours = notices(desk, library, replace(VPN, review_by=date(2026, 3, 1)))
    desk.clock.now = at("2026-03-02 23:00")
    look(desk, ours)
    assert told(desk) == []
    desk.clock.now = at("2026-03-03 09:00")
    look(desk, ours)
    assert len(told(desk)) == 1
