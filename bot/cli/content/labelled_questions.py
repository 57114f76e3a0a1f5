"""Loads content and questions for `firstline evaluate` and `firstline tune`."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rich.console import Console

from bot.cli.content.check import content_settings as settings_for
from bot.cli.progress import Waiting
from bot.desk.knowledge.library import thresholds_in
from bot.desk.ports.content import ContentSource, Matcher
from bot.domain.errors import ContentInvalid
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.traffic import Traffic
from bot.evaluation.holdout import Fold, example_folds, own_questions
from bot.evaluation.judging import MatchedQuestion, ask
from bot.evaluation.questions import QuestionsInvalid, read_questions, read_texts, repeated
from bot.evaluation.targets import Targets
from bot.server.settings import Settings

MOST_TRAFFIC = 200  # texts that are taken as the desk's traffic
NOTHING = Path(os.devnull)  # a folder without files

Make = Callable[[Content], Matcher]


@dataclass(frozen=True, slots=True)
class GivenTraffic:
    """What is taken as the desk's traffic: the texts of a file, else those of the questions, if wanted."""

    file: Path | None = None
    questions: bool = True


def settings_of(articles: Path | None, intents: Path | None) -> Settings:
    """The settings with these folders; given articles alone, the default folder of intents is not read.

    Otherwise somebody's articles would silently be measured among the intents that happen to lie here.
    Raises `ContentInvalid` for intents alone.
    """
    settings = settings_for(articles, intents)
    if (articles is None) == (intents is None):
        return settings
    other = "articles" if articles is None else "intents"
    if other == "articles" and other not in settings.model_fields_set:
        raise ContentInvalid(
            "--intents was given without --articles, and intents point to articles; give both."
        )
    return settings if other in settings.model_fields_set else settings.model_copy(update={other: NOTHING})


def load(settings: Settings, source: ContentSource) -> tuple[Content, Make]:
    """The content, and what makes a matcher for it or for a part of it; raises `ContentInvalid`."""
    from bot.server.content import matcher_of

    content = source.load()
    errors = [str(problem) for problem in content.problems if problem.error]
    if errors:
        raise ContentInvalid("\n".join(errors[:20]))
    # A part of the content is asked once and never again: nothing of it is kept.
    return content, lambda part: matcher_of(settings, part, keep=part.hash == content.hash)


def thresholds_of(
    settings: Settings, matcher: Matcher, traffic: Traffic | None, *, two_way: bool = False
) -> Thresholds:
    """The thresholds that the chat would use in this traffic; with `two_way` the one without choices."""
    if two_way:
        return matcher.two_way(traffic.mix if traffic is not None else None)
    return thresholds_in(traffic, matcher, settings.tolerance)


def traffic_of(
    settings: Settings,
    content: Content,
    matcher: Matcher,
    asked: Iterable[MatchedQuestion],
    given: GivenTraffic,
) -> Traffic | None:
    """The traffic that is assumed: by the texts of a file, else by the first of the questions asked.

    The content's own examples are no traffic; where a certainty is wanted, there is none. Raises
    `QuestionsInvalid`.
    """
    if settings.certainty is not None:
        return None
    results = []
    if given.file is not None:
        results = [matcher.find(text) for text in read_texts(given.file)[:MOST_TRAFFIC]]
    elif given.questions:
        results = [one.result for one in islice(asked, MOST_TRAFFIC)]
    if not results:
        return Traffic.assumed(matcher.prior, settings.unanswered)
    requests = content.service_requests
    return Traffic.learned(
        results, requests, settings.max_wrong, prior=matcher.prior, fixed=settings.unanswered
    )


def ask_all(
    content: Content, make: Make, path: Path | None, errors: Console
) -> tuple[list[MatchedQuestion], Matcher, str, list[str]]:
    """Ask the file's questions, or the content's own examples; also say what they are, and what is odd.

    Raises `QuestionsInvalid`.
    """
    targets = Targets(content)
    if path is not None:
        questions = read_questions(path)
        warnings = [*repeated(questions), *_unknown(targets, questions), *_learned(content, questions)]
        matcher, asked = ask_folds([Fold(content, tuple(questions))], targets, make, len(questions), errors)
        return asked, matcher, f"{len(questions)} questions of {path}", warnings
    number = len(own_questions(content))
    if not number:
        raise QuestionsInvalid(
            "The content has no examples of its own to ask: name a file of questions, "
            'one a line: {"text": "...", "expected": "id or null"}'
        )
    folds = list(example_folds(content))
    matcher, asked = ask_folds(folds, targets, make, number, errors)
    source = f"{number} examples of the content's own, each left out once (in {len(folds)} parts)"
    return asked, matcher, source, []


def ask_folds(
    folds: Iterable[Fold], targets: Targets, make: Make, number: int, errors: Console
) -> tuple[Matcher, list[MatchedQuestion]]:
    """Ask each fold's questions of its own content; return the last matcher and everything asked."""
    asked: list[MatchedQuestion] = []
    matcher: Matcher | None = None
    with Waiting(errors, number, "questions") as waiting:
        for fold in folds:
            matcher = make(fold.content)
            for one in ask(matcher, targets, fold.questions):
                asked.append(one)
                waiting.step()
    if matcher is None:
        raise QuestionsInvalid("There are no questions.")
    return matcher, asked


def _learned(content: Content, questions: Iterable[Question]) -> list[str]:
    known = {one.text for one in content.questions}
    number = sum(question.text in known for question in questions)
    if not number:
        return []
    return [f"{number} of the questions are in FIRSTLINE_QUESTIONS: how sure to be was learned from them too"]


def _unknown(targets: Targets, questions: Iterable[Question]) -> list[str]:
    unknown = targets.unknown(question.expected for question in questions)
    if not unknown:
        return []
    named = ", ".join(unknown[:10]) + (f" and {len(unknown) - 10} more" if len(unknown) > 10 else "")
    return [f"the content has no article or intent {named}; questions that expect one count as missed"]
