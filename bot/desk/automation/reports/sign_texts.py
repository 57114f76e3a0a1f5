"""Words what shows that articles need somebody, with its evidence."""

from collections.abc import Callable, Sequence

from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Block, Heading, Line, Reply, Small
from bot.domain.insights.article_signs import ArticleSign, Sign

MOST_LINES = 15  # articles that are named in one post
TitleOf = Callable[[str, str], str]


class SignTexts:
    """Words of signs; `title_of` names an article in a language."""

    def __init__(self, wording: Wording, title_of: TitleOf) -> None:
        self._wording = wording
        self._title_of = title_of

    def notice(self, language: str, signs: Sequence[ArticleSign], *, to_owner: bool) -> Reply:
        """Word a notice of articles, for their owner or for a room."""
        title = self._say(
            language, "to_owner" if to_owner else "to_room", count=len({s.target for s in signs})
        )
        blocks: list[Block] = [Heading(title), *self.lines(language, signs)]
        blocks.append(Small(self._say(language, "once" if to_owner else "once.room")))
        return Reply(tuple(blocks), summary=title, language=language)

    def lines(self, language: str, signs: Sequence[ArticleSign], most: int = MOST_LINES) -> list[Block]:
        """Word each sign in a line, and how many more there are."""
        found: list[Block] = [Line(self.line(language, sign)) for sign in signs[:most]]
        if len(signs) > most:
            found.append(Line(self._say(language, "more", count=len(signs) - most)))
        return found

    def line(self, language: str, sign: ArticleSign) -> str:
        """Word one sign with its evidence."""
        title = self._title_of(sign.target, language)
        if (sign.decline, sign.day, sign.languages) == (None, None, ()):
            return self._say(language, f"short.{sign.sign}", title=title)
        day = self._wording.calendar_day(language, sign.day) if sign.day is not None else ""
        if sign.sign is Sign.WORSE and sign.decline is not None:
            now, before = sign.decline.since, sign.decline.before
            values = {"now": now.percent, "shown": now.shown, "before": before.percent, "past": before.shown}
            return self._say(language, "worse", title=title, **values)
        if sign.sign is Sign.REVIEW:
            return self._say(language, "review", title=title, day=day)
        if sign.sign is Sign.TRANSLATION:
            languages = ", ".join(self._wording.language(language, code) for code in sign.languages)
            return self._say(language, "translation", title=title, languages=languages)
        return self._say(language, "unused", title=title, day=day)

    def _say(self, language: str, key: str, **values: object) -> str:
        return self._wording.say(language, f"article_signs.{key}", **values)
