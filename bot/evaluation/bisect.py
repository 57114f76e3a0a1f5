"""Finds the edit that made an answer wrong, by asking again with edits taken back."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.desk.ports.content import Matcher
from bot.domain.knowledge.content import Content
from bot.evaluation.content_diff import Edit
from bot.evaluation.gate import Change, Comparison, Run
from bot.evaluation.holdout import without_examples, without_targets
from bot.evaluation.judging import Outcome, ask, in_traffic, judge
from bot.evaluation.targets import Targets

MOST_TRIED = 5  # edits: each needs a matcher of its own


def proved(comparison: Comparison, run: Run, make: Callable[[Content], Matcher]) -> Comparison:
    """The comparison with proved causes: the edit without which an answer is not wrong.

    Only what was added can be taken back: the earlier content is not known. `make` makes a content's matcher.
    """
    changes = (*comparison.taken, *comparison.worse)
    causes: dict[tuple[str, str | None], str] = {}
    for edit in _suspects(comparison.edits, changes):
        content = _without(run.content, edit)
        targets = Targets(content)
        questions = [change.now.asked.question for change in changes]
        for asked in in_traffic(ask(make(content), targets, questions), targets, run.traffic):
            outcome = judge(asked, targets, run.thresholds, two_way=run.two_way).outcome
            if outcome is not Outcome.WRONG:
                cause = f"{edit.told(asked.question.text)}; without it: {outcome}"
                causes.setdefault((asked.question.text, asked.question.expected), cause)

    def with_cause(change: Change) -> Change:
        question = change.now.asked.question
        return replace(change, cause=causes.get((question.text, question.expected), change.cause))

    taken, worse = (tuple(map(with_cause, some)) for some in (comparison.taken, comparison.worse))
    return replace(comparison, taken=taken, worse=worse)


def _suspects(edits: Sequence[Edit], changes: Sequence[Change]) -> list[Edit]:
    # Those that took most come first.
    took = Counter(change.now.predicted for change in changes)
    added = [edit for edit in edits if edit.new or edit.examples] if changes else []
    return sorted(added, key=lambda edit: -took[edit.target])[:MOST_TRIED]


def _without(content: Content, edit: Edit) -> Content:
    if edit.new:
        return without_targets(content, frozenset({edit.target}), f"edit-{edit.target}")
    return without_examples(content, edit.target, edit.examples, f"edit-{edit.target}")
