"""Addresses of pictures: always the same, of published ones alone, and of no use for anything else."""

from datetime import timedelta
from pathlib import Path
from typing import cast

import jwt
import pytest

from bot.desk.knowledge.library import Library
from bot.desk.ports.content import Matcher
from bot.domain.knowledge.content import Article, Content, Picture
from bot.runtime.network.loopback import is_private
from bot.server.signed_links import ArticleLinks, PictureLinks
from tests.support.clock import START

SECRET = "s" * 40
PUBLIC = "https://help.example.com"
PICTURE = Picture("vpn.png", "0f" * 16, "image/png", 640, 400, Path("vpn.png"))


class _Source:
    """Content that a test changes."""

    def __init__(self, *pictures: Picture) -> None:
        self.pictures = pictures

    def load(self) -> Content:
        article = Article("vpn", "The VPN", "![The window](vpn.png)", pictures=self.pictures)
        return Content({"vpn": {"en": article}}, {}, "same")

    async def changes(self) -> None:
        raise NotImplementedError


def library_of(source: _Source) -> Library:
    library = Library(source, lambda *_: cast(Matcher, None))
    library.load()
    return library


def signed(**claims: object) -> str:
    return jwt.encode(claims, SECRET, algorithm="HS256")


def test_an_address_leads_to_its_picture_and_is_always_the_same() -> None:
    links = PictureLinks(PUBLIC, SECRET, library_of(_Source(PICTURE)))
    address = links.address(PICTURE.name)
    assert address == links.address(PICTURE.name) == PUBLIC + links.path(PICTURE)
    assert links.open(address.rpartition("/")[2]) == PICTURE
    assert PICTURE.file.name not in address
    assert len(address) < 3_000


def test_it_leads_nowhere_once_no_article_shows_the_picture() -> None:
    source = _Source(PICTURE)
    library = library_of(source)
    links = PictureLinks(PUBLIC, SECRET, library)
    token = links.address(PICTURE.name).rpartition("/")[2]
    source.pictures = ()
    library.load()
    assert links.open(token) is None
    assert links.address(PICTURE.name) == ""
    assert library.snapshot.content.article("vpn", "en").shown == "The window"  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        PICTURE.name,
        signed(picture="other"),
        signed(picture=["0f" * 16]),
        signed(article="vpn", lang="en"),
        signed(file=1, **{"for": "employee"}),
        jwt.encode({"picture": PICTURE.name}, "x" * 40, algorithm="HS256"),
        jwt.encode({"picture": PICTURE.name}, "", algorithm="none"),
    ],
)
def test_nothing_else_opens_one(token: str) -> None:
    assert PictureLinks(PUBLIC, SECRET, library_of(_Source(PICTURE))).open(token) is None


def test_a_picture_s_address_opens_no_article() -> None:
    library = library_of(_Source(PICTURE))
    articles = ArticleLinks(PUBLIC, SECRET, library, lambda: START + timedelta())
    token = PictureLinks(PUBLIC, SECRET, library).path(PICTURE).rpartition("/")[2]
    assert articles.page(token) is None
    page = articles.page(
        (articles.link(library.snapshot.content.articles["vpn"]["en"]) or "").rpartition("/")[2]
    )
    assert page is None or page[1] == f"![The window](picture:{PICTURE.name})"


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("help.example.com", False),
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.1.2.3", True),
        ("192.168.0.1", True),
        ("100.64.0.1", True),
        ("fd00::1", True),
        ("helpdesk", True),
        ("helpdesk.internal", True),
        ("helpdesk.LOCAL.", True),
        ("", True),
    ],
)
def test_what_platforms_do_not_reach_is_known_by_its_address(host: str, private: bool) -> None:
    assert is_private(host) is private
    shown = f"[{host}]" if ":" in host else host
    url = f"https://{shown}" if host else ""
    assert PictureLinks(url, SECRET, library_of(_Source())).fetched is not private
