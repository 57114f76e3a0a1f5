"""Draws payloads of Slack and Teams as HTML, as those platforms draw them.

What is drawn are the blocks and the card that the channels' own renderers made. An element that is not known
here is shown by its name, so that it is seen.
"""

import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from babel.numbers import format_decimal
from jinja2 import Environment, Undefined
from markupsafe import Markup, escape

from bot.channels.web import markdown
from bot.channels.web.view import Assets, environment
from bot.desk.ports.channels import NO_PICTURES, Pictures
from bot.desk.ports.wording import Wording
from bot.domain.knowledge.content import Article, Intent
from bot.server.authoring.preview.answers import Answers, Read
from bot.server.authoring.preview.pictures import PATH
from bot.server.settings import Settings

FOLDER = Path(__file__).parent
_KEPT = re.compile(
    r"```\n?(?P<fence>.*?)```|`(?P<code>[^`\n]+)`|<(?P<url>https?://[^|>\s]+)(?:\|(?P<label>[^>]*))?>",
    re.DOTALL,
)
_STYLES = {
    tag: re.compile(rf"(?<![\w{sign}]){sign}(?=\S)([^{sign}\n]+?)(?<=\S){sign}(?![\w{sign}])")
    for tag, sign in (("strong", r"\*"), ("em", "_"), ("s", "~"))
}
_MARK = "\0"  # stands for what is kept, which no style reads; Slack is sent no NUL


def drawings(*more: Path, pictures: Pictures = NO_PICTURES) -> Environment:
    """The page's own templates, ours and those of `more` folders, with filters for Slack's text."""
    made = environment(FOLDER / "templates", *more, pictures=pictures)
    made.undefined = Undefined  # a payload has what it needs, and no other key
    made.filters["mrkdwn"] = mrkdwn
    made.filters["slack_markdown"] = _markdown
    made.filters["card_text"] = _card_text
    made.filters["figure"] = _figure
    made.filters["picture_path"] = _picture_path
    return made


class DraftDrawing:
    """Draws drafts as Slack, Teams and the page show them, for a reader of a language."""

    def __init__(self, wording: Wording, settings: Settings) -> None:
        self._wording = wording
        self._answers = Answers(wording, settings.language, settings.public_url)
        self._templates = drawings()
        self._assets = Assets(brand=settings.brand)

    def draw(self, article: Article | None, intent: Intent | None, language: str) -> str:
        """Draw what would be said of an article; nothing where it cannot be read."""
        answers = self._answers.answers(Read("", article, intent)) if article is not None else ()
        return self._templates.get_template("columns.html").render(
            answers=answers,
            language=language,
            say=lambda key, **values: self._wording.say(language, key, **values),
            asset=self._assets.url,
            **self._assets.of_brand,
        )


def mrkdwn(text: str) -> Markup:
    """Draw text in Slack's own syntax: bold, italic, struck, code, links and quotations."""
    kept: list[Markup] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(_kept(found))
        return f"{_MARK}{len(kept) - 1}{_MARK}"

    marked = str(escape(unescape(_KEPT.sub(keep, text))))
    for tag, style in _STYLES.items():
        marked = style.sub(rf"<{tag}>\1</{tag}>", marked)
    lines = "\n".join(_quoted(line) for line in marked.split("\n")).replace(
        "</blockquote>\n", "</blockquote>"
    )
    whole = re.sub(rf"{_MARK}(\d+){_MARK}", lambda found: kept[int(found[1])], lines)
    return Markup(whole)  # noqa: S704 - every part was escaped


def _kept(found: re.Match[str]) -> Markup:
    if found["url"]:
        label = found["label"] or found["url"]
        return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
            unescape(found["url"]), unescape(label)
        )
    if found["fence"] is not None:
        return Markup("<pre><code>{}</code></pre>").format(unescape(found["fence"]))
    return Markup("<code>{}</code>").format(unescape(found["code"]))


def _quoted(line: str) -> str:
    return f"<blockquote>{line[4:].lstrip()}</blockquote>" if line.startswith("&gt;") else line


def _markdown(text: str) -> Markup:
    return markdown.render(text, 3)


def _figure(number: int, language: str) -> str:
    return str(format_decimal(number, locale=language))


def _picture_path(url: str) -> str:
    """The address from the root of a picture that this preview serves; empty for every other one."""
    path = urlsplit(url).path
    return path if path.startswith(PATH) else ""


def _card_text(text: str) -> str:
    """Text of a run as a client shows it, without the sign that parts its braces."""
    return text.replace("\N{ZERO WIDTH SPACE}", "")
