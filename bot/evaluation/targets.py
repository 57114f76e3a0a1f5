"""The targets of a content, which can answer: by their ids, with their titles and texts."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

from bot.domain.conversations.commands import Command
from bot.domain.knowledge.content import Content

_WORD = re.compile(r"\w+")
_ACTIONS = {Command.MY_TICKETS: "my_tickets", Command.CANCEL: "cancel_ticket", Command.PERSON: "person"}


class Targets:
    """The targets of one content; an intent that points to an article and the article are one."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.actions = frozenset(intent.target for intent in content.intents.values() if intent.action)
        self.requests = content.service_requests
        self._of_action = {
            intent.action: intent.target for intent in content.intents.values() if intent.action
        }

    @property
    def remark(self) -> str | None:
        """The target of what is no request at all, if the content has it."""
        return self._of_action.get("remark")

    def is_answer(self, target: str) -> bool:
        """Whether a target answers: service requests open tickets, and remarks are left alone."""
        return target not in self.requests and target != self.remark

    @cached_property
    def ids(self) -> frozenset[str]:
        """Every target."""
        return frozenset({*self.content.articles, *(i.target for i in self.content.intents.values())})

    def of(self, expected: str | None) -> str | None:
        """The target under an article's or an intent's id; an unknown id stays as it is."""
        intent = self.content.intents.get(expected) if expected is not None else None
        return intent.target if intent else expected

    def of_command(self, command: Command) -> str | None:
        """The target whose action a command is, if the content has it."""
        return self._of_action.get(_ACTIONS.get(command, ""))

    def unknown(self, expected: Iterable[str | None]) -> list[str]:
        """The expected ids that are not in the content, each with the nearest that is."""
        known = sorted({*self.ids, *self.content.intents})
        missing = sorted({one for one in expected if one is not None and self.of(one) not in self.ids})
        found = []
        for place, one in enumerate(missing):
            # A search for each of very many missing ids would take minutes and help nobody.
            near = difflib.get_close_matches(one, known, 1) if place < 10 else []
            found.append(f"{one!r} (did you mean {near[0]!r}?)" if near else repr(one))
        return found

    def title(self, target: str, language: str) -> str:
        """The title of a target."""
        return self.content.title(target, language)

    def nearest(self, target: str, text: str) -> str:
        """Of a target's own texts (title, questions, examples) the one most like `text`, which it is not."""
        return nearest(text, [own for own in self._texts.get(target, ()) if own != text])

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        texts: dict[str, list[str]] = {}
        for name, versions in self.content.articles.items():
            for article in versions.values():
                texts.setdefault(name, []).extend([article.title, *article.questions])
        for intent in self.content.intents.values():
            for examples in intent.examples.values():
                texts.setdefault(intent.target, []).extend(examples)
        return texts


def nearest(text: str, texts: Sequence[str]) -> str:
    """The one of `texts` that shares most words and letters with `text`; "" where there is none."""
    own = _parts(text)

    def similarity(other: str) -> float:
        parts = _parts(other)
        return len(own & parts) / max(len(own | parts), 1)

    return max(texts, key=similarity, default="")


def words_of(text: str) -> list[str]:
    """The words of a text, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in plain if not unicodedata.combining(c)))


def _parts(text: str) -> set[str]:
    words = words_of(text[:2000])
    line = " " + " ".join(words) + " "
    return {*words, *(line[at : at + 3] for at in range(len(line) - 2))}
