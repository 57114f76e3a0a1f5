"""Keeps the promise of few wrong answers: judged answers are evidence, which may close answering."""

from bot.desk.context import RequestContext
from bot.desk.knowledge.library import Library
from bot.desk.ports.unit_of_work import AnswerJudged, UnitOfWork
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.knowledge.decision import Answer, Decision, MatchResult, Tolerance
from bot.domain.knowledge.promise import PromiseState, is_promised, offer_instead, promise_of
from bot.domain.knowledge.shadow import SilentDecision


class PromiseWatch:
    """Watch over the promise: while it is closed or not certified, articles are offered and not answered."""

    def __init__(self, library: Library, tolerance: Tolerance) -> None:
        self.promise = promise_of(tolerance)
        self._library = library
        self._tolerance = tolerance
        self._key = ("", "")  # of the content with this hash

    @property
    def key(self) -> str:
        """Return the key of the promise on the labelled questions in force; empty without a promise."""
        content = self._library.snapshot.content
        if self.promise is not None and self._key[0] != content.hash:
            self._key = (content.hash, self.promise.key(content.questions))
        return self._key[1]

    def hold(self, work: UnitOfWork, episode: Episode, decision: Decision, result: MatchResult) -> Decision:
        """Return the decision, or the choice or ticket that takes the place of an answer now."""
        if self.promise is None or not isinstance(decision, Answer):
            return decision
        target = decision.match.target
        if target in dict(episode.tried) or not is_promised(target, self._library.snapshot.content):
            return decision
        if not self.is_closed(work, result):
            return decision
        return offer_instead(decision, may_ask=not episode.asked)

    def is_closed(self, work: UnitOfWork, result: MatchResult) -> bool:
        """Tell whether nothing is answered to a match result: the promise is not certified, or broken."""
        certified = self._library.thresholds(self._tolerance, result).certified
        return not certified or work.promises.read(self.key).closed_at is not None

    def judge(self, context: RequestContext, episode: Episode, *, wrong: bool) -> None:
        """Count what an employee said of the last answer; one that they chose themselves is not counted."""
        if episode.state is EpisodeState.ANSWERED and episode.tried:
            target, confidence = episode.tried[-1]
            if target not in dict(episode.offered):
                context.work.facts.append(AnswerJudged(confidence, helped=not wrong))
                self._count(context, target, wrong=wrong)

    def judge_silent(self, context: RequestContext, silent: SilentDecision | None, named: str | None) -> None:
        """Count an engineer's first verdict on an answer that shadow mode would have given."""
        if silent is None or named is None or silent.named is not None or silent.kind != "answer":
            return
        self._count(context, silent.targets[0], wrong=named not in silent.targets)

    def _count(self, context: RequestContext, target: str, *, wrong: bool) -> None:
        """Add one judged answer to the evidence, and close answering where that is enough."""
        promise, promises = self.promise, context.work.promises
        if promise is None or not is_promised(target, self._library.snapshot.content):
            return
        state = promises.lock(self.key)
        if state.closed_at is None:
            evidence = state.evidence.after(promise, wrong=wrong)
            closed_at = context.at if evidence.total >= promise.limit else None
            promises.save(self.key, PromiseState(evidence, closed_at))
