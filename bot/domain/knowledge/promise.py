"""Promises with certainty at most a share of wrong answers, and watches over it as answers are judged."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Answer, Choose, Decision, Tolerance, without_asking
from bot.domain.knowledge.labelled_question import Question

# Shares of wrong answers on which is bet, as multiples of the tolerable one: 10, 15 and 30 % where it is 5 %.
BETS = (2.0, 3.0, 6.0)
MOST_BET = 0.95
AT_FIRST = 0.5  # of the stake, on more wrong answers from the first one on; the rest on later beginnings
BLOCK = 25  # judged answers between two such beginnings
IMPOSSIBLE = 1e9  # odds of a wrong answer where none is tolerable


@dataclass(frozen=True, slots=True)
class Promise:
    """Promise that at most `max_wrong` of the answers given are wrong, with this certainty."""

    max_wrong: float
    certainty: float

    @property
    def limit(self) -> float:
        """Return the evidence from which on the promise counts as broken."""
        return 1 / (1 - self.certainty)

    def key(self, questions: Sequence[Question]) -> str:
        """Return the name of this promise as it was made on these labelled questions."""
        lines = sorted(f"{one.text}\t{one.expected}\t{one.language}" for one in questions)
        return hashlib.sha256("\n".join((str(self), *lines)).encode()).hexdigest()


def promise_of(tolerance: Tolerance) -> Promise | None:
    """Return the promise that a tolerance makes; None without a certainty."""
    return None if tolerance.certainty is None else Promise(tolerance.max_wrong, tolerance.certainty)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Certificate of a promise by so many `labelled` questions.

    `threshold` is the confidence from which on they certify it, None where they do not; then about so many
    are `needed` in all, None where no number would do as they came out.
    """

    labelled: int
    threshold: float | None
    answered: int = 0  # of the labelled questions, at this threshold
    wrong: int = 0
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence against a promise: an e-process, as the winnings of bets that more answers are wrong.

    While the promise holds, the chance that `total` ever reaches n is at most 1/n, however long it is
    watched and whenever it is looked at. `winnings` has one place for each of `BETS`.
    """

    judged: int = 0
    wrong: int = 0
    winnings: tuple[float, ...] = (AT_FIRST / len(BETS),) * len(BETS)

    @property
    def total(self) -> float:
        """Return what the stake of 1 has become, with what is kept for later beginnings."""
        return sum(self.winnings) + (1 - AT_FIRST) / (self._begun + 1)

    @property
    def _begun(self) -> int:
        """Return how many blocks have begun after the first one."""
        return max(self.judged - 1, 0) // BLOCK

    def after(self, promise: Promise, *, wrong: bool) -> "Evidence":
        """Return the evidence after one more judged answer."""
        number = self.judged // BLOCK
        # Drift begins at any time: each block puts a part of the stake on a beginning with it.
        begins = number > 0 and self.judged % BLOCK == 0
        stake = (1 - AT_FIRST) / (number * (number + 1)) / len(BETS) if begins else 0.0
        bets = (min(bet * promise.max_wrong, max(MOST_BET, promise.max_wrong)) for bet in BETS)
        grown = tuple(
            (won + stake) * _odds(bet, promise.max_wrong, wrong=wrong)
            for won, bet in zip(self.winnings, bets, strict=True)
        )
        return Evidence(self.judged + 1, self.wrong + wrong, grown)


def _odds(bet: float, tolerable: float, *, wrong: bool) -> float:
    """Return how much likelier the outcome is at the share on which is bet than at the tolerable one."""
    if not wrong:
        return (1 - bet) / (1 - tolerable) if tolerable < 1 else 1.0
    return bet / tolerable if tolerable > 0 else IMPOSSIBLE


@dataclass(frozen=True, slots=True)
class PromiseState:
    """State of a promise in the database; `closed_at`: since then nothing is answered, only offered."""

    evidence: Evidence = Evidence()
    closed_at: datetime | None = None


def is_promised(target: str, content: Content) -> bool:
    """Tell whether a promise covers answers with a target: no own action, nothing that needs a person."""
    intent = content.intent(target)
    return intent is None or not (intent.action or intent.always_person)


def offer_instead(answer: Answer, *, may_ask: bool = True) -> Decision:
    """Return the decision in place of an answer that is not promised: the same as a choice, else a ticket."""
    offered = Choose((answer.match,))
    return offered if may_ask else without_asking(offered)
