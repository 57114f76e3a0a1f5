"""Articles, intents, and the content that they make up together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Generic, TypeVar

from bot.domain.knowledge.ids import composed
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.markdown_blocks import name_pictures
from bot.domain.tickets.canned_response import CannedResponse
from bot.domain.tickets.queues import SINGLE_QUEUE, Queues

REMARK = "remark"  # the action of an intent that is no request at all
T = TypeVar("T", "Article", "Intent", "AddedExamples", CannedResponse)
Version = TypeVar("Version")


def in_language(versions: Mapping[str, Version], language: str) -> Version | None:
    """Return the version in this language, else the English one, else any; None where there is none."""
    return versions.get(language) or versions.get("en") or next(iter(versions.values()), None)


@dataclass(frozen=True, slots=True)
class Picture:
    """Picture of an article as it is shown: PNG or JPEG, of `width` x `height` pixels, in `file`.

    `source` is its address as the article has it. `name` is made from its content: another content has
    another one. Of a picture that `moves` the first image is shown.
    """

    source: str
    name: str
    media_type: str
    width: int
    height: int
    file: Path
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """Article in one language; its versions in other languages share the id.

    `body` is Markdown as it was written; `shown` has the pictures by their names.
    """

    id: str
    title: str
    body: str
    language: str = "en"
    tags: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    url: str | None = None
    owner: str | None = None
    review_by: date | None = None
    updated: date | None = None
    pictures: tuple[Picture, ...] = ()

    @property
    def shown(self) -> str:
        """Return the body with each picture by its name; of one that cannot be shown its words are left."""
        names = {picture.source: picture.name for picture in self.pictures}
        return name_pictures(self.body, names) if "![" in self.body else self.body


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """Service request: what a desk is asked and no article answers; it opens a ticket of its kind.

    `name` and `next_step`, the sentence of what happens next, are by language. `link` is the address where
    employees can do it themselves.
    """

    name: Mapping[str, str]
    next_step: Mapping[str, str] = field(default_factory=dict)
    link: str | None = None

    def described(self, intent: "Intent") -> Mapping[str, Article]:
        """Return its own words in each language, in the form of an article: name, next step and questions."""
        return {
            language: Article(
                intent.id,
                name,
                "\n\n".join([self.next_step.get(language, ""), *intent.asks.get(language, ())]).strip(),
                language,
            )
            for language, name in self.name.items()
        }


@dataclass(frozen=True, slots=True)
class Intent:
    """Intent of an employee, and its answer: an article, a reply, an action or the ticket that it opens."""

    id: str
    examples: Mapping[str, tuple[str, ...]]
    article: str | None = None
    reply: Mapping[str, str] | None = None
    action: str | None = None
    priority: str | None = None
    queue: str | None = None
    always_person: bool = False
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    opens: ServiceRequest | None = None

    @property
    def target(self) -> str:
        """Return the id under which this intent is matched: its article's, when it has one."""
        return self.article or self.id


@dataclass(frozen=True, slots=True)
class AddedExamples:
    """Examples, by language, of the article or intent of this id, which is written elsewhere."""

    id: str
    examples: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Problem in the content: its place, and what is wrong and how to correct it."""

    file: str
    line: int
    message: str
    error: bool = True

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'error' if self.error else 'warning'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Draft(Generic[T]):
    """Article, intent or canned response of a source: `file` is where it is, `lines` where its keys are.

    `alone`: its versions in other languages, where there are any, are articles of their own.
    """

    value: T
    file: str
    lines: Mapping[str, int] = field(default_factory=dict)
    alone: bool = False

    def __post_init__(self) -> None:
        """Compose the ids, so that one id in two forms is one."""
        value = self.value
        if composed(value.id) != value.id:
            value = replace(value, id=composed(value.id))
        if isinstance(value, Intent) and value.article is not None:
            value = replace(value, article=composed(value.article))
        object.__setattr__(self, "value", value)

    def line(self, key: str) -> int:
        """Return the line of a key, else the first."""
        return self.lines.get(key, 1)


@dataclass(frozen=True, slots=True)
class SourceContent:
    """Content of one source at one moment; `hash` names it, `problems` say what is wrong with it.

    `place` is where its articles are, as an editor finds it.
    """

    articles: tuple[Draft[Article], ...]
    intents: tuple[Draft[Intent], ...]
    hash: str
    problems: tuple[Problem, ...] = ()
    replies: tuple[Draft[CannedResponse], ...] = ()
    place: str = ""
    examples: tuple[Draft[AddedExamples], ...] = ()


@dataclass(frozen=True)
class Content:
    """Articles and intents of one moment, and labelled questions if there are any; `hash` names them.

    `replies` are the engineers' canned responses, by id and language; they and `queues` have no part in the
    hash.
    """

    articles: Mapping[str, Mapping[str, Article]]
    intents: Mapping[str, Intent]
    hash: str
    problems: tuple[Problem, ...] = ()
    questions: tuple[Question, ...] = ()  # with known answers, from which thresholds are computed
    replies: Mapping[str, Mapping[str, CannedResponse]] = field(default_factory=dict)
    queues: Queues = SINGLE_QUEUE

    def article(self, target: str, language: str) -> Article | None:
        """Return the target's article in this language, else in English, else in any."""
        return in_language(self.articles.get(target, {}), language)

    def intent(self, target: str) -> Intent | None:
        """Return the intent under this id, or the one that points to this article."""
        return self._by_target.get(target)

    def title(self, target: str, language: str) -> str:
        """Return the title under which a target is offered as a choice: of a service request its name."""
        article = self.article(target, language)
        if article is not None:
            return article.title
        intent = self.intent(target)
        if intent is not None and intent.opens is not None:
            return in_language(intent.opens.name, language) or target
        examples: Iterable[str] = (intent.examples.get(language) or ()) if intent else ()
        return next(iter(examples), target)

    @cached_property
    def service_requests(self) -> frozenset[str]:
        """Return the targets that open a ticket of their kind."""
        return frozenset(intent.target for intent in self.intents.values() if intent.opens is not None)

    @property
    def queue_names(self) -> tuple[str, ...]:
        """Return the names of all queues; without a file of queues they are "" and the labels of intents."""
        if self.queues.configured:
            return tuple(self.queues.by_id)
        return ("", *sorted({intent.queue for intent in self.intents.values() if intent.queue}))

    @cached_property
    def remarks(self) -> frozenset[str]:
        """Return the targets that are no request at all."""
        return frozenset(intent.target for intent in self.intents.values() if intent.action == REMARK)

    @cached_property
    def documents(self) -> Mapping[str, Mapping[str, Article]]:
        """Return the articles by target, and what service requests say of themselves in the form of one."""
        described = {i.target: i.opens.described(i) for i in self.intents.values() if i.opens is not None}
        return {**described, **self.articles}

    @cached_property
    def pictures(self) -> Mapping[str, Picture]:
        """Return every picture of an article, by its name."""
        articles = (article for versions in self.articles.values() for article in versions.values())
        return {picture.name: picture for article in articles for picture in article.pictures}

    @property
    def _by_target(self) -> Mapping[str, Intent]:
        cached = self.__dict__.get("_index")
        if cached is None:
            cached = {intent.target: intent for intent in self.intents.values()} | dict(self.intents)
            object.__setattr__(self, "_index", cached)
        return cached
