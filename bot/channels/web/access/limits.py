"""Limits of what one person or one address may ask of the page.

Addresses are limited strictly where somebody fails, and generously elsewhere: a whole company may share one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from aiohttp import web

from bot.channels.web.access.accounts import CHANNEL, Participant, digest_of
from bot.channels.web.access.refusal import Refusal
from bot.desk.ports.channels import Host
from bot.runtime.network.limits import Book, GrowingWait, Held, Rate

SAME_TOKEN = 3  # times that one wrong token may be tried, wherever from, before it has to wait
STRANGERS_AT_ONCE, STRANGERS_A_SECOND = 300, 30.0  # requests of one address where nobody is signed in
READS_AT_ONCE, READS_A_SECOND = 600, 60.0  # of one person: 20 windows that read both panes each second
UPLOADS, UPLOADS_IN_ALL = 2, 8  # at a time, of one person and in all
DOWNLOADS, DOWNLOADS_IN_ALL = 4, 16  # at a time, of one reader and in all
OF_ONE_ADDRESS = 0.8  # of all windows: a company may sit behind one, and others must get in all the same
# Slack and Teams fetch from few addresses for everybody; what is sent from the disk costs little.
PICTURES_AT_ONCE, PICTURES_A_SECOND, PICTURES_IN_ALL = 3_000, 300.0, 256
AGAIN = 5.0  # seconds after which there may be room again


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the operator allows."""

    wrong_tokens: int = 20
    messages_a_minute: float = 120
    windows: int = 20
    windows_in_all: int = 5000


class Limits:
    """Refuses what is too much, with the time after which it may be tried again."""

    def __init__(self, allowance: Allowance, host: Host, clock: Callable[[], float] = monotonic) -> None:
        a_minute = allowance.messages_a_minute
        self._host = host
        self._wrong = GrowingWait(allowance.wrong_tokens, clock=clock)
        self._same_wrong = GrowingWait(SAME_TOKEN, clock=clock)
        self._right: Book[list[None]] = Book(list)
        self._strangers = Rate(STRANGERS_AT_ONCE, STRANGERS_A_SECOND, clock)
        self._reads = Rate(READS_AT_ONCE, READS_A_SECOND, clock)
        self._messages = Rate(a_minute, a_minute / 60, clock)
        in_all = allowance.windows_in_all
        self._windows = Held(allowance.windows, in_all)
        self._homes = Held(max(int(in_all * OF_ONE_ADDRESS), allowance.windows), in_all)
        self._uploads = Held(UPLOADS, UPLOADS_IN_ALL)
        self._picture_rate = Rate(PICTURES_AT_ONCE, PICTURES_A_SECOND, clock)
        self._pictures = Held(PICTURES_IN_ALL, PICTURES_IN_ALL)
        self._downloads = Held(DOWNLOADS, DOWNLOADS_IN_ALL)

    def may_try(self, request: web.BaseRequest, token: str) -> None:
        """Refuse a token unseen while its address, or the token itself, has to wait after wrong ones.

        What was right from this address before is looked at all the same: others' mistakes cost nothing.
        """
        address, digest = self._host.address(request), digest_of(token)
        if self._right.find((address, digest)) is not None:
            return
        wait = max(self._wrong.wait(address), self._same_wrong.wait(digest))
        if wait:
            raise self._refusal(429, "web.error.wait", "wrong_tokens", address, wait)

    def was_right(self, request: web.BaseRequest, token: str) -> None:
        """Note that a token let somebody in.

        Whoever comes for the first time makes good a wrong token of their address: where 2,000 people sign
        in on one morning, some mistype, and all would wait for them. The same one again makes good nothing.
        """
        address, digest = self._host.address(request), digest_of(token)
        if self._right.find((address, digest)) is None:
            self._wrong.forgive(address)
        self._right.of((address, digest))

    def was_wrong(self, request: web.BaseRequest, token: str) -> None:
        """Note a wrong token: the same one again counts against itself, another one against its address."""
        digest = digest_of(token)
        if not self._same_wrong.knows(digest):
            self._wrong.failed(self._host.address(request))
        self._same_wrong.failed(digest)

    def stranger(self, request: web.BaseRequest) -> None:
        """Count a request of somebody who is not signed in: a link, the form, a session that ended."""
        address = self._host.address(request)
        if wait := self._strangers.take(address):
            raise self._refusal(429, "web.error.often", "strangers", address, wait)

    def read(self, person: Participant) -> None:
        """Count what a person reads."""
        if wait := self._reads.take(person.id):
            raise self._refusal(429, "web.error.often", "reads", person.id, wait)

    def message(self, person: Participant) -> None:
        """Count what a person sends."""
        if wait := self._messages.take(person.id):
            raise self._refusal(429, "web.error.messages", "messages", person.id, wait)

    @contextmanager
    def window(self, request: web.BaseRequest, person: Participant) -> Iterator[None]:
        """Count an open window while the block lasts."""
        address = self._host.address(request)
        with (
            self._within(self._windows, "windows", person.id, "web.error.windows"),
            self._within(self._homes, "windows_of_address", address, "web.error.windows"),
        ):
            yield

    @contextmanager
    def upload(self, person: Participant) -> Iterator[None]:
        """Count files that a person sends while the block lasts."""
        with self._within(self._uploads, "uploads", person.id, "web.error.uploads"):
            yield

    @contextmanager
    def download(self, reader: str) -> Iterator[None]:
        """Count a file that somebody fetches while the block lasts."""
        with self._within(self._downloads, "downloads", reader, "web.error.often"):
            yield

    @contextmanager
    def picture(self, request: web.BaseRequest) -> Iterator[None]:
        """Count an article's picture that some address fetches while the block lasts."""
        address = self._host.address(request)
        if wait := self._picture_rate.take(address):
            raise self._refusal(429, "web.error.often", "pictures", address, wait)
        with self._within(self._pictures, "pictures", address, "web.error.often"):
            yield

    def no_room(self, person: Participant) -> Refusal:
        """The refusal of files for which there is no memory now."""
        return self._refusal(503, "web.error.uploads", "upload_memory", person.id, AGAIN)

    @contextmanager
    def _within(self, held: Held, reason: str, who: str, key: str) -> Iterator[None]:
        with held.holding(who) as full:
            if full:
                raise self._refusal(429 if full == "each" else 503, key, reason, who, AGAIN)
            yield

    def _refusal(self, status: int, key: str, reason: str, who: str, after: float) -> Refusal:
        self._host.limited(CHANNEL, reason, who)
        return Refusal(status, key, after)
