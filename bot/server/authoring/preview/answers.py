"""Builds what the bot would say of a file, and has each channel's own renderer render it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from bot.channels.slack.outbound import blocks
from bot.channels.slack.outbound.folding import fold
from bot.channels.slack.outbound.modals import notice_view
from bot.channels.teams.outbound import adaptive_card
from bot.desk.context import RequestContext
from bot.desk.conversations.answering.replies import Replies, whole_article
from bot.desk.ports.channels import NO_PICTURES, Pictures
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Addressed, ConversationRef, More, Reply, Utterance
from bot.domain.knowledge.content import Article, Intent, Problem
from bot.domain.people import Identity, Person
from bot.domain.tickets.ticket import FIRST_NUMBER, Priority, Status, Ticket
from bot.server.authoring.preview.pictures import PreviewPictures

Json = dict[str, Any]
HERE = "preview"
CUT = "…"


@dataclass(frozen=True, slots=True)
class Read:
    """What a file holds, if it can be read, and the problems in it in the order of its lines."""

    name: str
    article: Article | None = None
    intent: Intent | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """How much of what a platform takes is used; `name` says what is counted."""

    name: str
    used: int
    most: int


@dataclass(frozen=True, slots=True)
class Payload:
    """What a channel's renderer made of a reply, how large it is, and whether something was cut."""

    body: Any
    measures: tuple[Measure, ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class Post:
    """One post of the bot: the reply, and what Slack and Teams are sent."""

    reply: Reply
    slack: Payload
    teams: Payload


@dataclass(frozen=True, slots=True)
class Answer:
    """All that the bot says of a file; `modal` is what Slack opens for the rest of an article."""

    language: str
    posts: tuple[Post, ...]
    modal: Payload | None = None


class Answers:
    """Builds answers as a desk would: with `public_url` whole articles have an address, and are linked."""

    def __init__(self, wording: Wording, language: str, public_url: str) -> None:
        self._wording = wording
        self._language = language
        self._replies = Replies(lambda article: _address(public_url, article))

    def answers(self, read: Read, origin: str = "") -> Sequence[Answer]:
        """What would be said, in each language of the file; nothing where it has no words of its own.

        `origin` is where the preview is served, and its pictures with it.
        """
        if read.article is not None:
            return (self._of_article(read.article, PreviewPictures(read.article.pictures, origin)),)
        return tuple(self._of_intent(read.intent)) if read.intent is not None else ()

    def _of_article(self, article: Article, pictures: Pictures) -> Answer:
        context = self._context(article.language)
        replies = self._replies.article(context, _EPISODE, article, first_aid=False)
        posts = tuple(self._post(reply, pictures) for reply in replies)
        folded = any(isinstance(block, More) for reply in replies for block in reply.blocks)
        return Answer(context.language, posts, self._modal(article) if folded else None)

    def _of_intent(self, intent: Intent) -> Iterator[Answer]:
        for language in sorted(intent.reply or ()):
            context = self._context(language)
            reply = self._replies.text(context, _EPISODE, (intent.reply or {})[language])
            yield Answer(context.language, (self._post(reply),))
        for language in sorted(intent.opens.name if intent.opens else ()):
            context = self._context(language)
            reply = self._replies.request(context, _TICKET, intent, public=False)
            yield Answer(context.language, (self._post(reply),))

    def _context(self, language: str) -> RequestContext:
        spoken = language if language in self._wording.languages else self._language
        # No reply is built from the database.
        return RequestContext(cast(UnitOfWork, None), self._wording, _asked(), _ANA, spoken)

    def _post(self, reply: Reply, pictures: Pictures = NO_PICTURES) -> Post:
        more = self._wording.say(reply.language, "slack.menu")
        folded = fold(reply, self._wording.say(reply.language, "slack.all_steps"))
        rendered = blocks.render(folded, more=more, pictures=pictures).blocks
        slack = _slack(rendered, folded, blocks.MESSAGE_BLOCKS)
        return Post(reply, slack, _teams(reply, self._wording, pictures))

    def _modal(self, article: Article) -> Payload:
        notice = whole_article(article)
        view = notice_view(notice, notice.language, self._wording)
        return Payload(
            view, _slack(view["blocks"], notice, blocks.VIEW_BLOCKS).measures, _is_cut(view, notice)
        )


def _slack(rendered: list[Json], reply: Reply, most_blocks: int) -> Payload:
    measures = [Measure("blocks", len(rendered), most_blocks)]
    for kind, most in (("section", blocks.SECTION_TEXT), ("markdown", blocks.ALL_TEXT)):
        lengths = [len(_text(block)) for block in rendered if block["type"] == kind]
        measures += [Measure(kind, max(lengths), most)] if lengths else []
    measures.append(Measure("json", len(json.dumps(rendered, ensure_ascii=False)), blocks.ALL_JSON))
    return Payload(rendered, tuple(measures), _is_cut(rendered, reply))


def _teams(reply: Reply, wording: Wording, pictures: Pictures) -> Payload:
    card = adaptive_card.card(reply, wording, pictures)
    size = Measure("bytes", len(json.dumps(card)), adaptive_card.LARGEST)
    return Payload(card, (size,), _is_cut(card["body"], reply))


def _text(block: Json) -> str:
    text = block.get("text", "")
    return str(text.get("text", "") if isinstance(text, dict) else text)


def _is_cut(payload: Any, reply: Reply) -> bool:
    """Whether a renderer put an ellipsis where the reply has none."""
    return json.dumps(payload, ensure_ascii=False).count(CUT) > repr(reply.blocks).count(CUT)


def _address(public_url: str, article: Article) -> str | None:
    return f"{public_url}/articles/{article.id}" if public_url else None


def _asked() -> Utterance:
    identity, place = Identity(HERE, "", "ana"), ConversationRef(HERE, "", "ana")
    return Utterance((HERE,), identity, _ANA.name, place, datetime.now(UTC), Addressed.DIRECT)


_ANA = Person(1, "Ana")
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_EPISODE = Episode(1, HERE, 1, 1, EpisodeState.ANSWERED, "en", _BEGIN)
_TICKET = Ticket(
    FIRST_NUMBER,
    HERE,
    Status.OPEN,
    Priority.NORMAL,
    "",
    "en",
    _ANA,
    episode_id=1,
    question_id=1,
    opened_at=_BEGIN,
)
