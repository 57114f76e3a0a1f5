"""Renders the templates, with their words, times, replies and cards."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from aiohttp import web
from babel.core import negotiate_locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.web import markdown
from bot.channels.web.access.accounts import Participant
from bot.desk.ports.button_actions import SHOW_EACH
from bot.desk.ports.channels import NO_PICTURES, Host, Pictures
from bot.desk.ports.page import Message
from bot.desk.ports.wording import Wording
from bot.domain.brand import COLOUR, FIRSTLINE, Brand, dark_theme, light_theme
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import (
    Banner,
    Button,
    Byline,
    Details,
    Facts,
    Heading,
    Line,
    Link,
    Mention,
    More,
    Prose,
    Quote,
    Reply,
    Small,
    When,
)
from bot.domain.tickets.ticket import Priority, TicketAction

FOLDER = Path(__file__).parent
LANGUAGE_COOKIE = "firstline_language"
JUST_NOW = timedelta(seconds=45)
TOGETHER = timedelta(minutes=5)  # of one person's messages
# The menu of a ticket in parts, each in this order; what is in none of them comes last.
MENU = (
    (TicketAction.RELEASE, TicketAction.ASSIGN, TicketAction.TRANSFER, TicketAction.PRIORITIZE),
    (TicketAction.MERGE, TicketAction.LINK, TicketAction.GROUP, SHOW_EACH),
)
_SIGN = re.compile(r"^\s*//[^\S\n]?")
LONG = 1200  # characters from which on somebody's words get a box of their own to scroll in
# What a browser may show by itself: none of these can run anything.
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
# What a block of a reply is called in the templates.
BLOCKS: Mapping[str, type] = {
    "prose": Prose,
    "heading": Heading,
    "line": Line,
    "quote": Quote,
    "facts": Facts,
    "chart": BarChart,
    "link": Link,
    "when": When,
    "mention": Mention,
    "small": Small,
    "more": More,
    "banner": Banner,
    "byline": Byline,
    "folded": Details,
}
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
MARK, LOGO, COLOURS = "mark.svg", "logo.png", "brand.css"


class Assets:
    """The style sheet, the script and the mark, kept in memory; an address changes with the content."""

    def __init__(self, *more: Path, brand: Brand = FIRSTLINE) -> None:
        """`more`: folders with files beside the page's own; what is the brand's is made of it."""
        self._brand = brand
        files = [file for folder in (FOLDER / "static", *more) for file in folder.iterdir()]
        self._bodies = {file.name: file.read_bytes() for file in files if file.suffix in TYPES}
        self._bodies[MARK] = self._bodies[MARK].replace(COLOUR.encode(), brand.light.encode())
        own = {LOGO: brand.logo, COLOURS: _style_sheet(brand).encode()}
        self._bodies |= {name: body for name, body in own.items() if body}
        self._versions = {name: sha256(body).hexdigest()[:12] for name, body in self._bodies.items()}

    def url(self, name: str) -> str:
        """The address of a file."""
        return f"/web/static/{name}?v={self._versions[name]}"

    @property
    def of_brand(self) -> Mapping[str, object]:
        """What each template shows of the brand."""
        mark = LOGO if LOGO in self._bodies else MARK
        return {"brand": self._brand, "mark": mark, "coloured": COLOURS in self._bodies}

    def body(self, name: str) -> tuple[bytes, str] | None:
        """A file's content and type."""
        body = self._bodies.get(name)
        return None if body is None else (body, TYPES[Path(name).suffix])


class View:
    """Renders the templates in the language that the browser asks for."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.assets = Assets(brand=host.brand)
        self._env = environment(FOLDER / "insights" / "templates", pictures=host.pictures)

    def language(self, request: web.Request) -> str:
        """The page's language: the one chosen here, else the browser's, else the desk's."""
        return language_of(request, self._host.wording, self._host.language)

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
        given = {**known, **self.assets.of_brand, "wording": wording, "asset": self.assets.url, **context}
        return self._env.get_template(template).render(given)


def environment(*more: Path, pictures: Pictures = NO_PICTURES) -> Environment:
    """The engine of the templates, with all that they test and filter; `more`: folders with others."""
    env = Environment(
        loader=FileSystemLoader((FOLDER / "templates", *more)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name, kind in BLOCKS.items():
        env.tests[name] = lambda block, kind=kind: isinstance(block, kind)
    env.tests["safe_url"] = markdown.is_safe
    env.tests["long"] = lambda text: len(text) > LONG
    env.tests["pressing"] = lambda ticket: ticket.live and ticket.priority > Priority.NORMAL
    env.tests["picture"] = lambda media_type: media_type in PICTURES
    env.filters["markdown"] = lambda text, top=3: markdown.render(text, top, pictures)
    env.tests["soon_after"] = lambda moment, before: before is not None and moment - before < TOGETHER
    env.filters["linked"] = markdown.linked
    env.filters["references"] = markdown.with_references
    env.filters["without_sign"] = lambda text: _SIGN.sub("", text)
    env.filters["without_question"] = without_question
    env.filters["menu_part"] = menu_part
    env.filters["initials"] = initials
    env.filters["hue"] = hue
    return env


def language_of(request: web.Request, wording: Wording, default: str) -> str:
    """The language of a page: the one chosen before, else the browser's, else the default."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in wording.languages:
        return chosen
    accepted = request.headers.get("Accept-Language", "")[:500]
    wanted = [part.partition(";")[0].strip().partition("-")[0].lower() for part in _by_weight(accepted)]
    return negotiate_locale(wanted, wording.languages) or default


def own(message: Message, person: Participant) -> bool:
    """Whether this person may read a message: most are for everybody in the conversation."""
    return message.private_to in ("", str(person.identity))


def without_question(reply: Reply, question: str) -> Reply:
    """A card without the whole question, which begins the conversation beside it."""
    blocks = (block for block in reply.blocks if not (isinstance(block, Quote) and block.text == question))
    return replace(reply, blocks=tuple(blocks))


def menu_part(button: Button) -> int:
    """In which part of the menu a button stands."""
    return next((part for part, actions in enumerate(MENU) if button.action in actions), len(MENU))


def in_parts(menu: tuple[Button, ...]) -> tuple[Button, ...]:
    """A menu with what belongs together in one place."""
    order = {str(action): at for at, action in enumerate(action for part in MENU for action in part)}
    return tuple(sorted(menu, key=lambda button: order.get(button.action, len(order))))


def _style_sheet(brand: Brand) -> str:
    """The brand's colours in both themes; empty where they are Firstline's own."""
    if not (brand.colour or brand.colour_dark):
        return ""
    light, dark = (
        ":root{" + "".join(f"--{name}:{value};" for name, value in theme.items()) + "}"
        for theme in (light_theme(brand), dark_theme(brand))
    )
    return f"{light}\n@media (prefers-color-scheme: dark){{{dark}}}\n"


def initials(name: str) -> str:
    """One or two letters for a face."""
    words = [word for word in name.split() if word[0].isalnum()]
    picked = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in picked).upper() or "?"


def hue(name: str) -> int:
    """Which of six tints somebody has; always the same one."""
    return sha256(name.encode("utf-8", "replace")).digest()[0] % 6


def _by_weight(accepted: str) -> list[str]:
    """The parts of an Accept-Language header, the most wanted first."""

    def weight(part: str) -> float:
        _, _, quality = part.partition(";q=")
        try:
            return -float(quality) if quality else -1.0
        except ValueError:
            return 0.0

    return sorted((part for part in accepted.split(",") if part.strip()), key=weight)
