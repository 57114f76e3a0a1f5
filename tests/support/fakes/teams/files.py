"""Files as Teams has them: pictures in messages, questions before an upload, and people's OneDrive."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.fakes.teams.cards import card_problems

Json = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
UNIT = 320 * 1024  # a part of an upload is a whole number of these, but for the last
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_DATA = re.compile(r"data:(image/(?:png|jpeg|gif));base64,(.+)", re.DOTALL)


@dataclass
class Session:
    """An upload session of somebody's OneDrive; it is over when everything is there."""

    person: str
    name: str
    size: int
    body: bytearray = field(default_factory=bytearray)
    over: bool = False


def attachment_problems(attachment: Json, *, personal: bool) -> Iterator[str]:
    """Everything for which Teams refuses an attachment."""
    kind = str(attachment.get("contentType"))
    if kind == CARD:
        yield from card_problems(attachment.get("content"))
    elif kind in (CONSENT, INFO):
        if not personal:
            yield "a file outside a personal chat"
        if not attachment.get("name"):
            yield "a file without a name"
        yield from (_consent if kind == CONSENT else _info)(attachment)
    elif kind.startswith("image/"):
        yield from _picture(attachment)
    else:
        yield "attachment is no card"


def _consent(attachment: Json) -> Iterator[str]:
    content = attachment.get("content") or {}
    if not isinstance(content.get("sizeInBytes"), int) or content["sizeInBytes"] <= 0:
        yield "consent without sizeInBytes"
    for context in ("acceptContext", "declineContext"):
        if not isinstance(content.get(context), dict):
            yield f"{context} is no object"
    if set(content) - {"description", "sizeInBytes", "acceptContext", "declineContext"}:
        yield "consent with something else"


def _info(attachment: Json) -> Iterator[str]:
    content = attachment.get("content") or {}
    if not attachment.get("contentUrl"):
        yield "file without contentUrl"
    if not content.get("uniqueId") or not content.get("fileType"):
        yield "file without uniqueId or fileType"


def _picture(attachment: Json) -> Iterator[str]:
    found = _DATA.fullmatch(str(attachment.get("contentUrl")))
    if found is None or found[1] != attachment["contentType"]:
        yield "a picture that is not in the message"
        return
    try:
        body = b64decode(found[2], validate=True)
    except NotBase64:
        yield "a picture that cannot be read"
        return
    if len(body) > 1024**2:
        yield "a picture of more than 1 MB"
    if found[1] == "image/png" and max(int.from_bytes(body[at : at + 4], "big") for at in (16, 20)) > 1024:
        yield "a picture of more than 1024 x 1024"


class OneDrive:
    """What people have there, and the sessions by which a bot may put something there."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.files: dict[tuple[str, str], bytes] = {}  # by person and name
        self.sessions: dict[str, Session] = {}
        self.failures: list[int] = []  # what the next calls get; negative: it is done, and then answered so
        self.puts = 0

    def routes(self) -> list[web.RouteDef]:
        """The routes of the upload sessions."""
        path = "/onedrive/upload/{session}"
        return [web.put(path, self._put), web.get(path, self._look)]

    def open(self, person: str, name: str, size: int) -> str:
        """A session's name."""
        key = f"session-{len(self.sessions) + 1}"
        self.sessions[key] = Session(person, name, size)
        return key

    async def _put(self, request: web.Request) -> web.Response:
        self.puts += 1
        failure = self.failures.pop(0) if self.failures else 0
        session = self._session(request)
        if failure > 0:
            return web.Response(status=failure)
        if session is None:
            return web.Response(status=404)
        answer = self._take(session, request.headers.get("Content-Range", ""), await request.read())
        return web.Response(status=-failure) if failure else answer

    def _take(self, session: Session, written: str, part: bytes) -> web.Response:
        found = _RANGE.fullmatch(written)
        begin, end, total = (int(one) for one in found.groups()) if found else (-1, -1, -1)
        last = end + 1 == total
        if (begin, end - begin + 1, total) != (len(session.body), len(part), session.size):
            self.problems.append(f"range {written}")
            return web.Response(status=416)
        if not last and len(part) % UNIT:
            self.problems.append("a part that is no multiple of 320 KiB")
            return web.Response(status=400)
        session.body += part
        if not last:
            return web.json_response({"nextExpectedRanges": [f"{end + 1}-"]}, status=202)
        session.over = True
        self.files[session.person, session.name] = bytes(session.body)
        return web.json_response({"id": "item", "name": session.name}, status=201)

    async def _look(self, request: web.Request) -> web.Response:
        session = self._session(request)
        if session is None:
            return web.Response(status=404)
        return web.json_response({"nextExpectedRanges": [f"{len(session.body)}-{session.size - 1}"]})

    def _session(self, request: web.Request) -> Session | None:
        if "Authorization" in request.headers:
            self.problems.append("TokenNotForSharePoint")
        session = self.sessions.get(request.match_info["session"])
        return None if session is None or session.over else session
