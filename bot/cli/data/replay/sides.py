"""Treats questions as the desk would with a content, in a process of its own for each side."""

from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context

from rich.console import Console

from bot.cli.content.labelled_questions import thresholds_of
from bot.cli.progress import Waiting
from bot.desk.ports.content import Matcher
from bot.desk.ports.feedback import PastQuestion
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.traffic import Traffic
from bot.evaluation.judging import MatchedQuestion, in_traffic
from bot.evaluation.replay import Treated, decide_on, match_again
from bot.evaluation.targets import Targets
from bot.server.settings import Settings

CHUNK = 100  # questions that are matched before progress is shown
NEWEST = 1_000  # questions by which the traffic is estimated, as the server does


@dataclass(frozen=True, slots=True)
class Side:
    """What a process of its own needs to treat questions: a content, and how it is matched."""

    settings: Settings
    content: Content


class _Learned:
    """Matcher of a side, and what it has matched; kept by the side's process between its calls."""

    matcher: Matcher
    side: Side
    targets: Targets
    matched: list[MatchedQuestion]


_here = _Learned()


def _learn(side: Side) -> None:
    from bot.server.content import matcher_of

    _here.side, _here.targets, _here.matched = side, Targets(side.content), []
    _here.matcher = matcher_of(side.settings, side.content)


def _match(texts: Sequence[str]) -> int:
    _here.matched += match_again(_here.matcher, _here.targets, texts)
    return len(texts)


def _decide(helped: Sequence[str | None]) -> list[Treated]:
    settings, matcher, targets = _here.side.settings, _here.matcher, _here.targets
    traffic = None
    if settings.certainty is None:
        newest = [one.result for one in _here.matched[:NEWEST]]
        traffic = Traffic.learned(
            newest,
            targets.requests,
            settings.max_wrong,
            prior=matcher.prior,
            fixed=settings.unanswered,
            helped=helped[: len(newest)],
        )
    thresholds = thresholds_of(settings, matcher, traffic)
    return [decide_on(one, targets, thresholds) for one in in_traffic(_here.matched, targets, traffic)]


def ask_again(
    sides: Sequence[Side], questions: Sequence[PastQuestion], errors: Console
) -> list[list[Treated]]:
    """Treat the questions on each side, every one in a process of its own."""
    texts = [question.text for question in questions]
    helped = [question.right for question in questions]
    chunks = [texts[at : at + CHUNK] for at in range(0, len(texts), CHUNK)]
    with ExitStack() as stack:
        pools = [stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn"))) for _ in sides]
        waiting = stack.enter_context(Waiting(errors, len(texts) * len(sides), "questions"))
        learned = [pool.submit(_learn, side) for pool, side in zip(pools, sides, strict=True)]
        matched: list[Future[int]] = [pool.submit(_match, chunk) for chunk in chunks for pool in pools]
        decided = [pool.submit(_decide, helped) for pool in pools]
        for one in learned:
            one.result()
        done = 0
        for ready in as_completed(matched):
            done += ready.result()
            waiting.reach(done, len(texts) * len(sides))
        return [one.result() for one in decided]
