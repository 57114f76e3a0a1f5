"""Holds the content's own examples out, as questions to a content that lacks them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.domain.knowledge.content import Article, Content, Intent
from bot.domain.knowledge.labelled_question import Question
from bot.evaluation.targets import Targets, words_of

FOLDS = 10
ABSENT_EVERY = 8  # of the examples one in so many is also asked with its whole target left out

Key = tuple[str, str]  # target, words


@dataclass(frozen=True)
class Fold:
    """A content that lacks the answers' own words, and the questions to ask of it."""

    content: Content
    questions: tuple[Question, ...]


def own_questions(content: Content) -> dict[Key, Question]:
    """The content's examples and articles' questions by key; the same words for one target count once."""
    targets, found = Targets(content), dict[Key, Question]()
    for target, language, text in _own_texts(content, targets):
        if text.strip():
            found.setdefault(_key(target, text), Question(text, target, language, len(found) + 1))
    return found


def example_folds(content: Content, most: int = FOLDS) -> Iterator[Fold]:
    """Leave each example out once, spread over the targets, in at most `most` contents."""
    questions = own_questions(content)
    number = min(most, len(questions))
    keys = sorted(questions)  # by target: so those of one target come into different folds
    for index in range(number):
        part = keys[index::number]
        asked = tuple(questions[key] for key in part)
        yield Fold(_without(content, frozenset(part), f"examples-{index}"), asked)


def target_folds(content: Content, most: int = FOLDS) -> Iterator[Fold]:
    """Leave whole targets out, and ask some of their examples: nothing answers them then."""
    targets = Targets(content)
    names = sorted(targets.ids - targets.actions)  # the desk's own actions are always there
    number = min(most, len(names))
    questions = own_questions(content)
    asked = {key: questions[key] for key in sorted(questions)[::ABSENT_EVERY]}
    for index in range(number if len(names) > 1 else 0):
        out = frozenset(names[index::number])
        part = tuple(replace(q, expected=None) for (target, _), q in asked.items() if target in out)
        if part:
            yield Fold(without_targets(content, out, f"targets-{index}"), part)


def _own_texts(content: Content, targets: Targets) -> Iterator[tuple[str, str, str]]:
    # -> target, language, text
    for name, intent in content.intents.items():
        for language, examples in intent.examples.items():
            for text in examples:
                yield targets.of(name) or name, language, text
    for name, versions in content.articles.items():
        for language, article in versions.items():
            for text in article.questions:
                yield name, language, text


def _key(target: str, text: str) -> Key:
    return target, " ".join(words_of(text)) or text


def _without(content: Content, out: frozenset[Key], mark: str) -> Content:
    def kept(target: str, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if _key(target, text) not in out)

    def article(one: Article) -> Article:
        return replace(one, questions=kept(one.id, one.questions)) if one.questions else one

    def intent(one: Intent) -> Intent:
        left = {language: kept(one.target, texts) for language, texts in one.examples.items()}
        return replace(one, examples=left)

    articles = {
        name: {language: article(one) for language, one in versions.items()}
        for name, versions in content.articles.items()
    }
    intents = {name: intent(one) for name, one in content.intents.items()}
    return _marked(articles, intents, content, mark)


def without_examples(content: Content, target: str, texts: Iterable[str], mark: str) -> Content:
    """The content without these examples and questions of one target; `mark` tells it from others."""
    return _without(content, frozenset(_key(target, text) for text in texts), mark)


def without_targets(content: Content, out: frozenset[str], mark: str) -> Content:
    """The content without these targets; `mark` tells it from others."""
    articles = {name: versions for name, versions in content.articles.items() if name not in out}
    intents = {name: one for name, one in content.intents.items() if one.target not in out}
    return _marked(articles, intents, content, mark)


def _marked(
    articles: Mapping[str, Mapping[str, Article]], intents: Mapping[str, Intent], content: Content, mark: str
) -> Content:
    # Whatever is kept by the content's hash must not be taken for the whole content's.
    there = {*articles, *intents}
    questions = tuple(q for q in content.questions if q.expected is None or q.expected in there)
    return Content(articles, intents, f"{content.hash}-without-{mark}", questions=questions)
