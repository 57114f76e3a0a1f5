"""Signed links to whole articles, their pictures and files: who has one may read that one, nothing else."""

import secrets
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import jwt

from bot.desk.knowledge.library import Library
from bot.desk.ports.channels import ChannelMemory
from bot.desk.ports.clock import Clock
from bot.desk.ports.page import File
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.knowledge.content import Article, Picture
from bot.domain.people import Identity
from bot.runtime.network.loopback import is_private

LIFETIME = timedelta(days=90)
FILE_LIFETIME = timedelta(days=7)
ALGORITHM = "HS256"


class ArticleLinks:
    """Makes and reads links; without a public address there are none."""

    def __init__(self, public_url: str, secret: str, library: Library, clock: Clock) -> None:
        self._public_url = public_url
        self._secret = secret
        self._library = library
        self._clock = clock

    def link(self, article: Article) -> str | None:
        """The address of a whole article."""
        if not self._public_url:
            return None
        expires: datetime = self._clock() + LIFETIME
        claims = {"article": article.id, "lang": article.language, "exp": expires}
        return f"{self._public_url}/articles/{jwt.encode(claims, self._secret, algorithm=ALGORITHM)}"

    def page(self, token: str) -> tuple[str, str, str] | None:
        """The article that a link leads to: title, Markdown, language."""
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], options={"require": ["exp", "article", "lang"]}
            )
        except jwt.InvalidTokenError:
            return None
        article = self._library.snapshot.content.article(str(claims["article"]), str(claims["lang"]))
        return (article.title, article.shown, article.language) if article else None


class PictureLinks:
    """Makes and reads the addresses of pictures.

    An address has no end of its own, and is always the same: a chat shows it for months, and keeps a copy. It
    leads to nothing any more once no article shows the picture; nobody can guess that of another one.
    """

    def __init__(self, public_url: str, secret: str, library: Library) -> None:
        self._public_url = public_url
        self._secret = secret
        self._library = library
        self.fetched = bool(public_url) and not is_private(urlsplit(public_url).hostname or "")

    def find(self, name: str) -> Picture | None:
        """A picture of the articles in force."""
        return self._library.snapshot.content.pictures.get(name)

    def path(self, picture: Picture) -> str:
        """Its address on this server, from the root."""
        return f"/pictures/{jwt.encode({'picture': picture.name}, self._secret, algorithm=ALGORITHM)}"

    def address(self, name: str) -> str:
        """Its public address; empty without one, and where there is no such picture."""
        picture = self.find(name) if self._public_url else None
        return self._public_url + self.path(picture) if picture else ""

    def open(self, token: str) -> Picture | None:
        """The picture that an address leads to."""
        try:
            claims = jwt.decode(token, self._secret, algorithms=[ALGORITHM], options={"require": ["picture"]})
        except jwt.InvalidTokenError:
            return None
        return self.find(str(claims["picture"]))


class FileLinks:
    """Makes and reads the addresses of files that a channel cannot pass on itself.

    Each reader gets an address of their own, in the conversation that only they read: it names the file and
    for whom it is, and expires with the file's content.
    """

    def __init__(self, public_url: str, secret: str, begin: UnitsOfWork, clock: Clock) -> None:
        self._public_url = public_url
        self._secret = secret
        self._begin = begin
        self._clock = clock

    def link(self, file_id: int, to_employee: bool) -> str | None:
        """The address for one side; None without a public address."""
        if not self._public_url:
            return None
        claims = {
            "file": file_id,
            "for": "employee" if to_employee else "engineers",
            "exp": self._clock() + FILE_LIFETIME,
        }
        return f"{self._public_url}/files/{jwt.encode(claims, self._secret, algorithm=ALGORITHM)}"

    def open(self, token: str) -> File | None:
        """The file that an address leads to, unless it expired or was taken back meanwhile."""
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                options={"require": ["exp", "file", "for"], "verify_exp": False},
            )
        except jwt.InvalidTokenError:
            return None
        # Our clock decides, as everywhere.
        if float(claims["exp"]) <= self._clock().timestamp():
            return None
        with self._begin.reading() as work:
            return work.relays.readable(int(claims["file"]), to_employee=claims["for"] == "employee")

    def for_person(self, file_id: int, reader: Identity, engineer: bool) -> File | None:
        """A file for somebody whom a channel knows: an engineer of its room, or the ticket's requester."""
        with self._begin.reading() as work:
            if engineer:
                return work.relays.readable(file_id, to_employee=False)
            person = work.people.known(reader)
            return work.relays.file_for(file_id, person.id) if person else None


KEY_NAME = "links"  # of our own key in the memory


def secret_of(memory: ChannelMemory) -> str:
    """Our own signing key, made at the first start and kept in the database."""
    return memory.recall("core", KEY_NAME) or memory.once("core", KEY_NAME, secrets.token_urlsafe(32))
