"""Builds the replies to an employee: an article, a choice, the question back, a ticket's number."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from textwrap import shorten

from bot.desk.context import RequestContext
from bot.desk.knowledge.examples import Examples
from bot.desk.ports.button_actions import (
    CANCEL,
    CHOOSE,
    NO_TICKET,
    NONE,
    NOT_HELPFUL,
    PERSON,
    REASON,
    SOLVED,
    WANT_TICKET,
)
from bot.desk.staff.usual_waits import WaitTexts
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import (
    Block,
    Button,
    Heading,
    Line,
    Link,
    More,
    Prose,
    Quote,
    Reply,
    Small,
)
from bot.domain.conversations.outcome import NotHelpfulReason
from bot.domain.conversations.variants import find_distinguishing_words
from bot.domain.knowledge.article_parts import split, take_apart
from bot.domain.knowledge.content import Article, Content, Intent, in_language
from bot.domain.knowledge.decision import Match
from bot.domain.knowledge.markdown_blocks import shorten_tables
from bot.domain.people import names_account
from bot.domain.tickets.ticket import Ticket

MOST_ROWS, MOST_COLUMNS = 15, 6  # of a table in a chat: a phone shows as much
MOST_EXAMPLES = 3  # of what may be asked
LONGEST_QUOTE = 200  # characters of a message that are quoted to its own author
ArticleLink = Callable[[Article], str | None]


class Replies:
    """Builds replies; `article_link` gives the address of a whole article, if it has one.

    Without `wait_texts` they do not say when somebody answers, without `examples` not what may be asked.
    """

    def __init__(
        self,
        article_link: ArticleLink,
        wait_texts: WaitTexts | None = None,
        examples: Examples | None = None,
    ) -> None:
        self._link = article_link
        self._wait_texts = wait_texts
        self._examples = examples

    def article(
        self, context: RequestContext, episode: Episode, article: Article, *, first_aid: bool
    ) -> list[Reply]:
        """Build an answer: its steps first, then what leads to the rest; the buttons are in the last post.

        Steps that are too long for one post go on in a second one, where there is no address of the article.
        """
        parts = take_apart(article.shown)
        short, cut = shorten_tables(parts.steps, MOST_ROWS, MOST_COLUMNS)
        steps, others = split(short)
        url = article.url or (self._link(article) if others or parts.rest or cut else None)
        blocks: list[Block] = []
        if article.language != context.language:
            written_in = context.wording.language(context.language, article.language)
            blocks.append(Line(context.say("answer.other_language", language=written_in)))
        blocks += [Prose(parts.about) if parts.about else Heading(article.title), Prose(steps)]
        posts = [blocks]
        if others and not url:
            blocks.append(Line(context.say("answer.continues")))
            posts.append([Prose(others)])
        if cut:
            posts[-1].append(Line(context.say("answer.table_cut")))
        if url:
            key = "answer.other_steps" if others else "answer.whole_article"
            blocks.append(Link(context.say(key), url))
        elif rest := "\n\n".join(filter(None, (*cut, parts.rest))):
            posts[-1].append(More(context.say("answer.more"), rest, episode.token, article.id))
        posts[-1].append(Small(_source(context, article)))
        buttons = () if first_aid else self._answer_buttons(context, episode)
        return [
            Reply(tuple(post), buttons if post is posts[-1] else (), (), article.title, context.language)
            for post in posts
        ]

    def text(self, context: RequestContext, episode: Episode, text: str) -> Reply:
        """Build the reply with an intent's own text."""
        buttons = self._answer_buttons(context, episode)
        return Reply((Prose(text),), buttons, summary=text[:150], language=context.language)

    def small_talk(self, context: RequestContext, talk: str, **values: str) -> Reply:
        """Build a reply to small talk; what the desk can do is told with examples from its content."""
        said = context.say(f"talk.{talk}", **values)
        found = self._examples.choose(context.language, MOST_EXAMPLES) if self._examples else ()
        if talk != "capabilities" or not found:
            return context.reply(said)
        texts = [context.say("talk.example", text=one.text) for one in found]
        listed = context.wording.either(context.language, texts)
        told = context.reply(said, Line(context.say("talk.examples", examples=listed)))
        return replace(told, suggestions=tuple(one.text for one in found))

    def choice(
        self, context: RequestContext, episode: Episode, content: Content, matches: Sequence[Match]
    ) -> Reply:
        """Build a choice of up to three titles; of similar ones only the distinguishing words.

        Where articles and service requests are near, it asks whether something fails or is wanted.
        """
        titles = [content.title(match.target, context.language) for match in matches]
        labels = find_distinguishing_words(tuple(titles))
        if labels is not None:
            text = context.say("choice.version", options=context.wording.either(context.language, labels))
        else:
            text = context.say(_question(content, matches))
        buttons = [
            Button(CHOOSE, label, episode.token, str(index)) for index, label in enumerate(labels or titles)
        ]
        buttons.append(Button(NONE, context.say("button.none"), episode.token))
        return Reply((Line(text),), tuple(buttons), summary=text, language=context.language)

    def ask_back(self, context: RequestContext, episode: Episode, *, files: int = 0) -> Reply:
        """Build the one question back."""
        text = context.say("ask.about_files" if files else "ask.what")
        return Reply(
            (Line(text),), (self._person(context, episode),), summary=text, language=context.language
        )

    def ask_whether_solved(self, context: RequestContext, episode: Episode) -> Reply:
        """Build the question whether an answer helped."""
        text = context.say("ask.did_it_help")
        buttons = self._answer_buttons(context, episode)
        return Reply((Line(text),), buttons, summary=text, language=context.language)

    def after_not_helpful(self, context: RequestContext, episode: Episode, *, may_say_why: bool) -> Reply:
        """Build what stays under an answer that did not help: the two other ways, and why, if they like."""
        reasons = [(reason, context.say(f"reason.{reason}")) for reason in NotHelpfulReason]
        return Reply(
            (),
            (self._solved(context, episode), self._person(context, episode)),
            menu=tuple(
                Button(REASON, label, episode.token, reason) for reason, label in reasons if may_say_why
            ),
            menu_label=context.say("answer.why"),
        )

    def offer_ticket(self, context: RequestContext, episode: Episode) -> Reply:
        """Build the question whether a ticket is wanted, with what was written."""
        text = context.say("offer.ticket")
        buttons = (
            Button(WANT_TICKET, context.say("button.want_ticket"), episode.token, style="primary"),
            Button(NO_TICKET, context.say("button.no_ticket"), episode.token),
        )
        blocks = (Line(text), Quote(shorten(episode.question, LONGEST_QUOTE, placeholder="…")))
        return Reply(blocks, buttons, summary=text, language=context.language)

    def ticket(
        self, context: RequestContext, ticket: Ticket, *, public: bool, key: str = "ticket.opened"
    ) -> Reply:
        """Build the reply about a new ticket: its number, what happens next, and what the engineers see."""
        text = context.say(key, ticket=ticket.reference)
        blocks = (Line(text), *self._wait(context, ticket), self._seen(context, public=public))
        return Reply(blocks, (self._cancel(context, ticket),), summary=text, language=context.language)

    def request(self, context: RequestContext, ticket: Ticket, intent: Intent, *, public: bool) -> Reply:
        """Build the reply about the ticket of a service request: what was understood, what happens next."""
        opens, language = intent.opens, context.language
        if opens is None:
            raise ValueError(f"the intent {intent.id} opens no ticket")
        name = in_language(opens.name, language) or intent.id
        text = context.say("ticket.opened_request", ticket=ticket.reference)
        next_step = in_language(opens.next_step, language) or context.say("ticket.next")
        blocks: list[Block] = [Heading(name), Line(text), Line(next_step), *self._wait(context, ticket)]
        if opens.link:
            blocks.append(Link(context.say("ticket.do_it_yourself"), opens.link))
        blocks.append(self._seen(context, public=public))
        buttons = (self._cancel(context, ticket),)
        return Reply(tuple(blocks), buttons, summary=f"{name}: {text}", language=language)

    def _wait(self, context: RequestContext, ticket: Ticket) -> tuple[Line, ...]:
        if self._wait_texts is None:
            return ()
        text = self._wait_texts.confirmation(ticket, context.language, context.utterance.zone)
        return (Line(text),) if text else ()

    def _seen(self, context: RequestContext, *, public: bool) -> Line:
        return Line(context.say("ticket.seen_public" if public else "ticket.seen_private"))

    def _cancel(self, context: RequestContext, ticket: Ticket) -> Button:
        return Button(CANCEL, context.say("button.cancel", ticket=ticket.reference), ticket.token)

    def _answer_buttons(self, context: RequestContext, episode: Episode) -> tuple[Button, ...]:
        not_helpful = Button(NOT_HELPFUL, context.say("button.not_helpful"), episode.token)
        return (self._solved(context, episode), not_helpful, self._person(context, episode))

    def _solved(self, context: RequestContext, episode: Episode) -> Button:
        return Button(SOLVED, context.say("button.solved"), episode.token, style="primary")

    def _person(self, context: RequestContext, episode: Episode) -> Button:
        return Button(PERSON, context.say("button.person"), episode.token)


def whole_article(article: Article) -> Reply:
    """Build what a click on the button for the rest of an article shows."""
    blocks = (Heading(article.title), Prose(article.shown))
    return Reply(blocks, summary=article.title, language=article.language)


def _source(context: RequestContext, article: Article) -> str:
    """Return the line that names an article, with its age and its owner where they are known."""
    named = [context.say("answer.source", title=article.title)]
    today = context.at.astimezone(UTC).date()
    if article.updated == today:
        named.append(context.say("answer.updated_today"))
    elif article.updated is not None and article.updated < today:
        age = context.wording.age(context.language, _midnight(article.updated), _midnight(today))
        named.append(context.say("answer.updated", age=age))
    if article.owner and not names_account(article.owner):
        named.append(context.say("answer.owner", owner=article.owner))
    return " · ".join(named)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _question(content: Content, matches: Sequence[Match]) -> str:
    """Return the key of the question that a choice asks."""
    if len(matches) == 1:
        return "choice.is_it"
    wanted = sum(match.target in content.service_requests for match in matches)
    return "choice.fails_or_wanted" if 0 < wanted < len(matches) else "choice.which"
