"""Signed links to whole articles: who has the link may read the article, nothing else."""

import secrets
from datetime import datetime, timedelta

import jwt

from bot.desk.library import Library
from bot.desk.ports import ChannelMemory, Clock
from bot.domain.knowledge import Article

LIFETIME = timedelta(days=90)
ALGORITHM = "HS256"


class ArticleLinks:
    """Makes and reads links; without a public address there are none."""

    def __init__(self, public_url: str, secret: str, library: Library, clock: Clock) -> None:
        self._public_url = public_url
        self._secret = secret
        self._library = library
        self._clock = clock

    def link(self, article: Article) -> str | None:
        """The address of a whole article."""
        if not self._public_url:
            return None
        expires: datetime = self._clock() + LIFETIME
        claims = {"article": article.id, "lang": article.language, "exp": expires}
        return f"{self._public_url}/articles/{jwt.encode(claims, self._secret, algorithm=ALGORITHM)}"

    def page(self, token: str) -> tuple[str, str, str] | None:
        """The article that a link leads to: title, Markdown, language."""
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=[ALGORITHM], options={"require": ["exp", "article", "lang"]}
            )
        except jwt.InvalidTokenError:
            return None
        article = self._library.shelf.content.article(str(claims["article"]), str(claims["lang"]))
        return (article.title, article.body, article.language) if article else None


def secret_of(memory: ChannelMemory) -> str:
    """Our own signing key, made at the first start and kept in the database."""
    return memory.recall("core", "links") or memory.once("core", "links", secrets.token_urlsafe(32))
