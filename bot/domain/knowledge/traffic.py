"""Traffic: how much of it articles answer, how much asks for services or in vain, and what follows from that.

A matcher's confidences hold for the mix of questions that it was trained on. Another mix moves the odds by
a constant factor for each kind, which is applied after the match; the mix itself is estimated from texts
without labels, by expectation maximisation (Saerens, Latinne and Decaestecker 2002).
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.domain.knowledge.decision import TIE_SHARE, Match, MatchResult, Mix, Thresholds
from bot.domain.knowledge.shadow import NO_ARTICLE

ROUNDS = 100
SETTLED = 1e-4
FEWEST, NEAR = 50, 50.0  # questions in a language of its own, and those that all others stand for beside them
LEAST = 0.003  # of each kind: nothing is impossible
# Assumed before anything was asked: a desk of which articles answer two thirds.
CAREFUL = Mix(answers=0.65, requests=0.15, nothing=0.2)
# How often an expected wrong answer is one. Trials lack a part of the examples, so that targets look more
# alike than they are; and what is asked in vain is nearer to the content than what was made up for trials.
CONFUSED, IN_VAIN = 0.7, 1.3
LEAST_ANSWER = 0.5  # below, another answer or none is likelier
NEVER = 0.99  # answered from here on, there is hardly an answer


@dataclass(frozen=True, slots=True)
class Prior:
    """Mix that is assumed before anything was asked, and the number of questions that it stands for."""

    mix: Mix = CAREFUL
    questions: float = 15.0
    correction: float = 1.0
    """By how much the errors that trials let expect are to be lessened."""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """Question that the desk was asked: its match result, and the target that helped.

    `helped` is `NO_ARTICLE` where no article did, and None as long as nobody said.
    """

    result: MatchResult
    helped: str | None = None


@dataclass(frozen=True, slots=True)
class Odds:
    """Factors by which the odds of a request, and of nothing, change beside those of an answer."""

    requests: float
    nothing: float

    @classmethod
    def between(cls, trained: Mix, assumed: Mix) -> "Odds":
        """Return the factors that lead from one mix to another."""

        def factor(before: float, after: float) -> float:
            if before < LEAST:
                return 1.0  # nothing was learned of it
            before_odds = max(before, LEAST) / max(trained.answers, LEAST)
            return max(after, LEAST) / max(assumed.answers, LEAST) / before_odds

        return cls(factor(trained.requests, assumed.requests), factor(trained.nothing, assumed.nothing))


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of a question whose best candidate is an answer: to be right, or asked in vain."""

    confidence: float
    in_vain: float
    weight: float = 1.0

    @property
    def wrong(self) -> float:
        """Return how likely it is that the answer would be wrong."""
        confused = max(1 - self.confidence - self.in_vain, 0.0)
        return min(CONFUSED * confused + IN_VAIN * self.in_vain, 1.0)


def lowest_confidence(
    expectations: Iterable[Expectation], max_wrong: float, *, correction: float = 1.0
) -> float:
    """Return the lowest confidence from which on at most this share of answers is expected to be wrong.

    `correction`: of the errors that are expected.
    """
    lowest, weight, wrong = NEVER, 0.0, 0.0
    for one in sorted(expectations, key=lambda one: -one.confidence):
        weight += one.weight
        wrong += one.weight * one.wrong * correction
        if wrong <= max_wrong * weight:
            lowest = one.confidence
    return min(max(lowest, LEAST_ANSWER), NEVER)


def under(result: MatchResult, mix: Mix, requests: Container[str]) -> MatchResult:
    """Return a match result with the confidences that it has in traffic of this mix."""
    if result.mix is None or result.needs_person:
        return result
    odds = Odds.between(result.mix, mix)
    factors = [odds.requests if match.target in requests else 1.0 for match in result.matches]
    values = [match.confidence * factor for match, factor in zip(result.matches, factors, strict=True)]
    rest = max(1 - result.nothing - sum(match.confidence for match in result.matches), 0.0)
    nothing = result.nothing * odds.nothing
    total = max(sum(values) + rest + nothing, 1e-9)
    matches = [
        Match(match.target, value / total, match.why)
        for match, value in zip(result.matches, values, strict=True)
    ]
    matches.sort(key=lambda match: -match.confidence)
    return replace(result, matches=tuple(matches), nothing=nothing / total, mix=mix)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Probabilities that an article answers a question, that it asks for a service, or nothing fits.

    They hold in traffic of this mix; what is known not to be has none.
    """

    mix: Mix
    answers: float
    requests: float
    nothing: float

    def under(self, odds: Odds) -> tuple[float, float, float]:
        """Return the probabilities in traffic to which these odds lead."""
        requests, nothing = self.requests * odds.requests, self.nothing * odds.nothing
        total = max(self.answers + requests + nothing, 1e-9)
        return self.answers / total, requests / total, nothing / total


def mix_of(
    results: Sequence[MatchResult], requests: Container[str], prior: Prior, helped: Sequence[str | None] = ()
) -> Mix:
    """Estimate the mix of the traffic that these results are from; of few, it stays near the prior one.

    `helped`: as for `Traffic.learned`.
    """
    return _estimated([seen for _, seen in _seen(results, requests, helped)], prior)


def _seen(
    results: Sequence[MatchResult], requests: Container[str], helped: Sequence[str | None]
) -> Iterator[tuple[MatchResult, _Seen]]:
    for result, target in zip(results, helped or [None] * len(results), strict=True):
        if result.mix is None:
            continue
        requested = sum(match.confidence for match in result.matches if match.target in requests)
        found = (max(1 - result.nothing - requested, 0.0), requested, result.nothing)
        if target == NO_ARTICLE:  # a service may be asked for all the same
            found = (0.0, requested, max(result.nothing, LEAST))
        elif target is not None:
            found = (0.0, 1.0, 0.0) if target in requests else (1.0, 0.0, 0.0)
        yield result, _Seen(result.mix, *found)


def _estimated(seen: Sequence[_Seen], prior: Prior) -> Mix:
    before = [prior.questions * part for part in (prior.mix.answers, prior.mix.requests, prior.mix.nothing)]
    whole = max(prior.questions + len(seen), 1e-9)
    mixes, mix = {one.mix for one in seen}, prior.mix
    for _ in range(ROUNDS):
        odds = {trained: Odds.between(trained, mix) for trained in mixes}
        parts = zip(*(one.under(odds[one.mix]) for one in seen), strict=True) if seen else ((), (), ())
        sums = (first + sum(part) for first, part in zip(before, parts, strict=True))
        found = Mix(*(max(part / whole, LEAST) for part in sums))
        change = max(abs(found.requests - mix.requests), abs(found.nothing - mix.nothing))
        mix = found
        if change < SETTLED:
            break
    return mix


def expectation(result: MatchResult, requests: Container[str]) -> Expectation:
    """Return what a match result lets expect of its best candidate."""
    requested = sum(match.confidence for match in result.matches if match.target in requests)
    best = result.best.confidence if result.best is not None else 0.0
    return Expectation(best, min(result.nothing + requested, 1.0))


@dataclass(frozen=True, slots=True)
class Share:
    """Share of so many questions that no article answers."""

    unanswered: float
    questions: int


@dataclass(frozen=True)
class Traffic:
    """Traffic of a desk: its mix, that of languages in which enough was asked, and how much that was.

    `answer_from` is the confidence from which on its questions let expect few enough wrong answers. By queue
    the share that no article answers is told, and nothing follows from it.
    """

    mix: Mix = CAREFUL
    by_language: Mapping[str, Mix] = field(default_factory=dict)
    questions: int = 0
    answer_from: float = 0.0
    by_queue: Mapping[str, Share] = field(default_factory=dict)

    def under(self, result: MatchResult, requests: Container[str]) -> MatchResult:
        """Return a match result with the confidences that it has in this traffic."""
        return under(result, self.by_language.get(result.language or "", self.mix), requests)

    def careful(self, proposed: Thresholds) -> Thresholds:
        """Return thresholds at which the traffic lets expect few enough wrong answers too."""
        return replace(proposed, answer=max(proposed.answer, self.answer_from))

    @classmethod
    def assumed(cls, prior: Prior, fixed: float | None = None) -> "Traffic":
        """Return what is assumed before anything was asked."""
        return cls(prior.mix if fixed is None else prior.mix.with_unanswered(fixed))

    @classmethod
    def learned(
        cls,
        results: Sequence[MatchResult],
        requests: Container[str],
        max_wrong: float,
        *,
        prior: Prior | None = None,
        fixed: float | None = None,
        helped: Sequence[str | None] = (),
    ) -> "Traffic":
        """Learn from the results of questions without labels; a language with few of them is like all.

        `fixed`: the share of questions that no article answers, where it is not to be estimated. `helped`:
        for each result the target that helped, `NO_ARTICLE` for none, None where it is not known.
        """
        seen, prior = list(_seen(results, requests, helped)), prior or Prior()
        results = [result for result, _ in seen]
        mix = _estimated([one for _, one in seen], prior)
        by_language: dict[str, Mix] = {}
        for language in sorted({result.language for result in results if result.language}):
            own = [one for result, one in seen if result.language == language]
            if FEWEST <= len(own) < len(results):
                by_language[language] = _estimated(own, Prior(mix, NEAR))
        if fixed is not None:
            mix, by_language = mix.with_unanswered(fixed), {}
        known = cls(mix, by_language, len(results))
        now = [known.under(result, requests) for result in results]
        expectations = [expectation(one, requests) for one in now if _would_answer(one, requests)]
        lowest = lowest_confidence(expectations, max_wrong, correction=prior.correction)
        # Where nothing less sure was asked, nothing speaks against answering it.
        seen_below = any(one.confidence < lowest for one in expectations)
        return replace(known, answer_from=lowest if seen_below else 0.0)

    def shares(
        self, asked: Sequence[AskedQuestion], requests: Container[str], group: Callable[[MatchResult], str]
    ) -> Mapping[str, Share]:
        """Return for each group of questions the share that no article answers, as likely as it is here."""
        unanswered: dict[str, list[float]] = {}
        for result, one in _seen([one.result for one in asked], requests, [one.helped for one in asked]):
            mix = self.by_language.get(result.language or "", self.mix)
            answers, *_ = one.under(Odds.between(one.mix, mix))
            unanswered.setdefault(group(result), []).append(1 - answers)
        return {name: Share(sum(parts) / len(parts), len(parts)) for name, parts in unanswered.items()}


def _would_answer(result: MatchResult, requests: Container[str]) -> bool:
    best = result.best
    return best is not None and best.target not in requests and not _tied(result.matches)


def _tied(matches: Sequence[Match]) -> bool:
    return len(matches) > 1 and matches[1].confidence > TIE_SHARE * matches[0].confidence
