"""Chooses the examples that people are shown of what they may ask: most asked and well answered first."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.desk.knowledge.library import Library
from bot.desk.ports.clock import Clock
from bot.desk.ports.content import Example
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.outcome import TargetFigures
from bot.domain.knowledge.content import Content, Intent

WINDOW = timedelta(days=90)  # whose figures count
FEWEST = 3  # showings; of fewer nobody can say how well a target answers
MOST_FAILED = 1 / 3  # share of showings that did not help, or after which somebody came back


class Examples:
    """Examples from the content in force; `ranked` are targets, as they were learned last.

    Each replica learns for itself from the same figures; nothing is stored, and nobody's words are shown.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self.ranked: tuple[str, ...] = ()

    def choose(self, language: str, most: int) -> tuple[Example, ...]:
        """Choose up to so many examples in a language; in another one where the content has none in it."""
        return choose_examples(self._library.snapshot.content, language, most, self.ranked)


def choose_examples(
    content: Content, language: str, most: int, ranked: Sequence[str] = ()
) -> tuple[Example, ...]:
    """Choose up to so many examples from content, those that are ranked first."""
    found = list(_all(content, language, ranked))
    own = [one for one in found if one.language == language]
    return tuple((own or found)[:most])


class ExampleLearner:
    """Learner of which targets are asked most and answer well; reading and learning are apart."""

    def __init__(self, begin: UnitsOfWork, examples: Examples, clock: Clock) -> None:
        self._begin = begin
        self._examples = examples
        self._clock = clock

    def read(self) -> tuple[TargetFigures, ...]:
        """Read the figures of the last months."""
        with self._begin.reading() as work:
            return work.outcomes.figures(self._clock() - WINDOW, None)

    def learn(self, figures: Sequence[TargetFigures]) -> None:
        """Learn from figures which targets come first."""
        well = [one for one in figures if one.shown >= FEWEST and _failed(one) <= MOST_FAILED * one.shown]
        well.sort(key=lambda one: (_failed(one) - one.shown, one.target))
        self._examples.ranked = tuple(one.target for one in well)


def _failed(one: TargetFigures) -> int:
    return one.not_helpful + one.again


def _all(content: Content, language: str, ranked: Sequence[str]) -> Iterator[Example]:
    offered = _targets(content)
    known = set(offered)
    for target in dict.fromkeys([*(one for one in ranked if one in known), *offered]):
        example = _example(content, target, language)
        if example is not None:
            yield example


def _targets(content: Content) -> list[str]:
    """Return what may be an example, in the order of the content: articles before all that has no page.

    What needs a person in any case, such as a lost laptop, is nothing to try out.
    """
    delicate = {intent.target for intent in content.intents.values() if intent.always_person}
    others = [intent for intent in content.intents.values() if intent.opens or intent.reply]
    others.sort(key=lambda intent: intent.opens is None)
    targets = [*content.articles, *(intent.target for intent in others)]
    return [one for one in targets if one not in delicate]


def _example(content: Content, target: str, language: str) -> Example | None:
    """Return a target as its own content words it: an article by its first question, else its title."""
    article, intent = content.article(target, language), content.intent(target)
    if article is not None:
        return Example(target, article.title, next(iter(article.questions), article.title), article.language)
    if intent is None:
        return None
    names = intent.opens.name if intent.opens else _first_examples(intent)
    written_in = next((code for code in (language, "en", *names) if code in names), None)
    return None if written_in is None else Example(target, names[written_in], names[written_in], written_in)


def _first_examples(intent: Intent) -> dict[str, str]:
    return {code: texts[0] for code, texts in intent.examples.items() if texts}
