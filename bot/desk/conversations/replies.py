"""What we say to an employee."""

from collections.abc import Callable, Sequence

from bot.desk.context import Turn
from bot.desk.ports.button_actions import CANCEL, PERSON
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import Block, Button, Heading, Line, Link, Prose, Reply
from bot.domain.conversations.variants import told_apart
from bot.domain.knowledge.content import Article, Content, Match
from bot.domain.tickets.ticket import Ticket

ArticleLink = Callable[[Article], str | None]


class Replies:
    """Builds replies; `article_link` gives the address of a whole article, if it has one."""

    def __init__(self, article_link: ArticleLink) -> None:
        self._link = article_link

    def article(self, turn: Turn, episode: Episode, article: Article, *, first_aid: bool) -> list[Reply]:
        """The article's beginning with its buttons, and the rest where there is no link to it."""
        head, rest = article.cut()
        blocks: list[Block] = []
        if article.language != turn.language:
            written_in = turn.wording.language(turn.language, article.language)
            blocks.append(Line(turn.say("answer.other_language", language=written_in)))
        blocks += [Heading(article.title), Prose(head)]
        url = article.url or (self._link(article) if rest else None)
        if url:
            blocks.append(Link(turn.say("answer.whole_article"), url))
        elif rest:
            blocks.append(Line(turn.say("answer.continues")))
        buttons = () if first_aid else self._answer_buttons(turn, episode)
        replies = [Reply(tuple(blocks), buttons, summary=article.title, language=turn.language)]
        if rest and not url:
            replies.append(Reply((Prose(rest),), summary=article.title, language=turn.language))
        return replies

    def text(self, turn: Turn, episode: Episode, text: str) -> Reply:
        """An intent's own reply."""
        buttons = self._answer_buttons(turn, episode)
        return Reply((Prose(text),), buttons, summary=text[:150], language=turn.language)

    def choice(self, turn: Turn, episode: Episode, content: Content, matches: Sequence[Match]) -> Reply:
        """Up to three titles to choose from, of versions of one thing only what tells them apart."""
        titles = [content.title(match.target, turn.language) for match in matches]
        labels = told_apart(titles)
        if labels is not None:
            text = turn.say("choice.version", options=turn.wording.either(turn.language, labels))
        else:
            text = turn.say("choice.which" if len(matches) > 1 else "choice.is_it")
        buttons = [
            Button("choose", label, episode.token, str(index)) for index, label in enumerate(labels or titles)
        ]
        buttons.append(Button("none", turn.say("button.none"), episode.token))
        return Reply((Line(text),), tuple(buttons), summary=text, language=turn.language)

    def ask_back(self, turn: Turn, episode: Episode, *, files: int = 0) -> Reply:
        """The one question back."""
        text = turn.say("ask.about_files" if files else "ask.what")
        return Reply((Line(text),), (self._person(turn, episode),), summary=text, language=turn.language)

    def ticket(self, turn: Turn, ticket: Ticket, *, public: bool, key: str = "ticket.opened") -> Reply:
        """The number, what happens next, and what the engineers see."""
        text = turn.say(key, ticket=ticket.reference)
        seen = turn.say("ticket.seen_public" if public else "ticket.seen_private")
        cancel = Button(CANCEL, turn.say("button.cancel", ticket=ticket.reference), ticket.token)
        return Reply((Line(text), Line(seen)), (cancel,), summary=text, language=turn.language)

    def _answer_buttons(self, turn: Turn, episode: Episode) -> tuple[Button, ...]:
        solved = Button("solved", turn.say("button.solved"), episode.token, style="primary")
        return (solved, self._person(turn, episode))

    def _person(self, turn: Turn, episode: Episode) -> Button:
        return Button(PERSON, turn.say("button.person"), episode.token)
