"""Renders the templates, with their words, times, replies and cards."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import web
from babel.core import negotiate_locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.channels.web import markdown
from bot.channels.web.access.accounts import Participant
from bot.desk.ports.channels import Host, Message
from bot.domain.conversations.messages import (
    Facts,
    Heading,
    Line,
    Link,
    Mention,
    More,
    Prose,
    Quote,
    Small,
    When,
)
from bot.domain.tickets.ticket import Priority, Ticket

FOLDER = Path(__file__).parent
LANGUAGE_COOKIE = "firstline_language"
JUST_NOW = timedelta(seconds=45)
LONG = 1200  # characters from which on somebody's words get a box of their own to scroll in
# What a browser may show by itself: none of these can run anything.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Assets:
    """The style sheet, the script and the mark, kept in memory; an address changes with the content."""

    def __init__(self, folder: Path = FOLDER / "static") -> None:
        self._bodies = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix in TYPES}
        self._versions = {name: sha256(body).hexdigest()[:12] for name, body in self._bodies.items()}

    def url(self, name: str) -> str:
        """The address of a file."""
        return f"/web/static/{name}?v={self._versions[name]}"

    def body(self, name: str) -> tuple[bytes, str] | None:
        """A file's content and type."""
        body = self._bodies.get(name)
        return None if body is None else (body, TYPES[Path(name).suffix])


class View:
    """Renders the templates in the language that the browser asks for."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.assets = Assets()
        self._env = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._teach(self._env)

    def language(self, request: web.Request) -> str:
        """The page's language: the one chosen here, else the browser's, else the desk's."""
        languages = self._host.wording.languages
        chosen = request.cookies.get(LANGUAGE_COOKIE, "")
        if chosen in languages:
            return chosen
        accepted = request.headers.get("Accept-Language", "")[:500]
        wanted = [part.partition(";")[0].strip().partition("-")[0].lower() for part in _by_weight(accepted)]
        return negotiate_locale(wanted, languages) or self._host.language

    def say(self, request: web.Request, key: str, **values: object) -> str:
        """One sentence in the page's language."""
        return self._host.wording.say(self.language(request), key, **values)

    def render(self, request: web.Request, template: str, context: Mapping[str, Any]) -> str:
        """A template with the words and times of this request."""
        return self.compose(self.language(request), template, context)

    def compose(self, language: str, template: str, context: Mapping[str, Any]) -> str:
        """A template with the words of a language and the times of this moment; on any thread."""
        wording, now = self._host.wording, self._host.clock()

        def say(key: str, **values: object) -> str:
            return wording.say(language, key, **values)

        def age(moment: datetime) -> str:
            if now - moment < JUST_NOW:
                return say("web.time.now")
            return wording.age(language, moment, now)

        def when(moment: datetime) -> str:
            return wording.when(language, moment)

        known = {"language": language, "languages": wording.languages, "say": say, "age": age, "when": when}
        given = {**known, "wording": wording, "asset": self.assets.url, **context}
        return self._env.get_template(template).render(given)

    def _teach(self, env: Environment) -> None:
        blocks = {
            "prose": Prose,
            "heading": Heading,
            "line": Line,
            "quote": Quote,
            "facts": Facts,
            "link": Link,
            "when": When,
            "mention": Mention,
            "small": Small,
            "more": More,
        }
        for name, kind in blocks.items():
            env.tests[name] = lambda block, kind=kind: isinstance(block, kind)
        env.tests["safe_url"] = markdown.is_safe
        env.tests["long"] = lambda text: len(text) > LONG
        env.tests["pressing"] = lambda ticket: ticket.live and ticket.priority > Priority.NORMAL
        env.tests["picture"] = lambda media_type: media_type in PICTURES
        env.filters["markdown"] = _markdown
        env.filters["initials"] = initials
        env.filters["hue"] = hue


def own(message: Message, person: Participant) -> bool:
    """Whether this person may read a message: most are for everybody in the conversation."""
    return message.private_to in ("", person.id, person.name, str(person.identity))


def counts(tickets: list[Ticket]) -> tuple[int, int]:
    """How many wait for an engineer, and how many are being worked on."""
    waiting = sum(1 for ticket in tickets if ticket.status == "open")
    return waiting, sum(1 for ticket in tickets if ticket.status == "claimed")


def initials(name: str) -> str:
    """One or two letters for a face."""
    words = [word for word in name.split() if word[0].isalnum()]
    picked = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in picked).upper() or "?"


def hue(name: str) -> int:
    """Which of six tints somebody has; always the same one."""
    return sha256(name.encode("utf-8", "replace")).digest()[0] % 6


def _markdown(text: str, top: int = 3) -> Markup:
    return markdown.render(text, top)


def _by_weight(accepted: str) -> list[str]:
    """The parts of an Accept-Language header, the most wanted first."""

    def weight(part: str) -> float:
        _, _, quality = part.partition(";q=")
        try:
            return -float(quality) if quality else -1.0
        except ValueError:
            return 0.0

    return sorted((part for part in accepted.split(",") if part.strip()), key=weight)
