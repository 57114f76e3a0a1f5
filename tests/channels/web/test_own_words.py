"""People's own words on the page: escaped, with addresses to follow; together by person, apart by day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.live.conversation import ShownMessage, arrange
from bot.channels.web.markdown import SAFE_SCHEMES, linked
from bot.desk.ports.page import Message
from bot.wording import load

NOW = datetime(2026, 11, 30, 23, 10, tzinfo=UTC)
WORDING = load()


class Read(HTMLParser):
    """What a browser makes of a text: its words, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert dict(attrs).get("rel") == "noopener noreferrer nofollow"
        self.links.append(dict(attrs).get("href") or "")

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/x?y=1&z=2#w.", ["https://a.example/x?y=1&z=2#w"]),
        ("(http://a.example/b_(c))", ["http://a.example/b_(c)"]),
        ("<https://a.example>, HTTPS://B.example/!", ["https://a.example", "HTTPS://B.example/"]),
        ("«https://a.example/ñ»", ["https://a.example/ñ"]),
        ("mailto:it@a.example?", ["mailto:it@a.example"]),
        ("https://a.example:8443/x https://[::1]/y", ["https://a.example:8443/x", "https://[::1]/y"]),
        ('https://a.example/"onclick="x', ["https://a.example/"]),
        ("javascript:alert(1) data:text/html,x ftp://a.example", []),
        ("https:// http://. mailto:it mailto:@a https://[", []),
        ("xhttps://a.example", []),
        ("Tom & <b>bold</b>", []),
    ],
)
def test_addresses_in_peoples_words_can_be_followed(text: str, links: list[str]) -> None:
    read = Read(linked(text))
    assert read.links == links
    assert read.words == text


PARTS = st.sampled_from(["https://", "a.example", "javascript:", '"', "<", ">", "'", " ", "&#34;", "(", ")"])


@given(st.lists(PARTS))
def test_whatever_is_written_its_words_stay_and_nothing_else_is_made(parts: Sequence[str]) -> None:
    text = "".join(parts)
    read = Read(linked(text))
    assert read.words == text
    assert read.tags <= {"a"}
    assert all(link.partition(":")[0] in SAFE_SCHEMES for link in read.links)


def said(minutes: float, author: str = "Ana", private_to: str = "") -> Message:
    at = NOW - timedelta(minutes=minutes)
    return Message(f"{minutes}", at, author=author, text="words", private_to=private_to)


def arranged(*messages: Message, zone: str = "", language: str = "en") -> list[ShownMessage]:
    return list(arrange(messages, "Ana", WORDING, language, zone, NOW))


def test_what_one_person_says_at_once_stands_together() -> None:
    shown = arranged(said(9), said(8), said(7, ""), said(6, ""), said(5.5, "", "web:/ana"), said(5), said(0))
    assert [one.joined for one in shown] == [False, True, False, True, False, False, False]
    assert [one.mine for one in shown] == [True, True, False, False, False, True, True]


DAY = 24 * 60


@pytest.mark.parametrize(
    ("zone", "language", "days"),
    [
        ("", "en", ["Wednesday, December 31, 2025", "Saturday, November 28", "Yesterday", "Today", ""]),
        (
            "nowhere",
            "es",
            ["miércoles, 31 de diciembre de 2025", "sábado, 28 de noviembre", "Ayer", "Hoy", ""],
        ),
        # There it is tomorrow already.
        ("Europe/Madrid", "en", ["Thursday, January 1", "Sunday, November 29", "Yesterday", "", ""]),
    ],
)
def test_days_stand_apart_by_the_readers_clock(zone: str, language: str, days: list[str]) -> None:
    at = (said(334 * DAY), said(2 * DAY), said(DAY), said(61), said(60))
    assert [one.day for one in arranged(*at, zone=zone, language=language)] == days


def test_what_is_said_after_midnight_begins_anew() -> None:
    messages = said(12), said(9)
    in_madrid, in_utc = arranged(*messages, zone="Europe/Madrid"), arranged(*messages)
    assert [(one.day, one.joined) for one in in_madrid] == [("Yesterday", False), ("Today", False)]
    assert [(one.day, one.joined) for one in in_utc] == [("Today", False), ("", True)]
