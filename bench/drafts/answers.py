"""Measures what drafts answer once they are approved, and what they take from others."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from bench.drafts.measured import (
    AT,
    PARAPHRASES,
    Measured,
    Run,
    answer_goals,
    apart,
    examples_of,
)
from bench.drafts.tickets import Case, make_ticket, meet, people, written_cases
from bench.gaps import Asked, decision_on, learn_traffic, missed_by
from bench.matching.sets import MAX_WRONG
from bench.report import Goal
from bot.cli.data.replay.sides import ask_again
from bot.desk.knowledge.gaps import GapQuery, Gaps, MissedLog
from bot.desk.ports.feedback import PastQuestion
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.gap import Missed, MissedQuestion
from bot.evaluation.replay import Replayed, Treated, compare
from bot.matching.clustering.grouping import QuestionGrouping
from bot.server.authoring.gap_board import InForce
from bot.server.authoring.replaying import Side, thieves, without_examples
from bot.server.content import library_of, matcher_of

CHOICE = 3  # that are offered at most
CROWD = 150  # people
OTHERS = 600  # questions of what is there, among which those stand that are asked in vain
FEWEST_PEOPLE = 3  # of a gap
_NUMBERED = re.compile(r"^\d+\. (.+)$", re.MULTILINE)


def measure_answers(run: Run, errors: Console) -> list[Goal]:
    """Withhold a part of the intents, draft them from tickets, and ask before and after."""
    rng = random.Random(run.options.seed)
    targets = sorted(
        one.target
        for one in run.content.intents.values()
        if len(examples_of(one, run.options.language)) > PARAPHRASES + run.options.merged
        and (one.article is not None or not run.content.articles)
    )
    rng.shuffle(targets)
    folds = [targets[at :: run.options.folds] for at in range(run.options.folds)][: run.options.most_folds]
    found = Measured()
    crowd = _crowd(run, rng)
    for number, fold in enumerate(folds):
        base = {name: one for name, one in run.content.intents.items() if one.target not in fold}
        there = {name: one for name, one in run.content.articles.items() if name not in fold}
        before = replace(run.content, intents=base, articles=there, hash=f"before-{number}")
        cases = [_sampled(run, target, rng) for target in fold]
        alike = _alike(run, before, {one.target: one.asked[0] for one in cases}, rng)
        cases = [replace(one, alike=alike.get(one.target, ())) for one in cases]
        authors = _by_authors(run, cases, number)
        _measure_fold(run, errors, before, cases, 100_000 + 1_000 * number, rng, crowd, found, authors)
    lost = 100 * (found.before - found.authors_after) / max(found.others, 1)
    errors.print(f"by the authors' own intents others lose {lost:.2f} points")
    for goal in answer_goals(found.authors_asked, 0, lost, found.others)[:2]:
        errors.print(f"by the authors' own intents, {goal.what}: {goal.measured}")
    return _told(found, errors)


def measure_written(run: Run, errors: Console) -> list[Goal]:
    """Draft tickets of several lines that were written for it, and ask the same in other people's words."""
    rng = random.Random(run.options.seed)
    cases, found, crowd = written_cases(), Measured(), _crowd(run, rng)
    folds = [cases[at :: run.options.folds] for at in range(run.options.folds)][: run.options.most_folds]
    before = replace(run.content, hash="before")
    for number, fold in enumerate(folds):
        _measure_fold(run, errors, before, fold, 200_000 + 1_000 * number, rng, crowd, found)
    return _told(found, errors)


def _crowd(run: Run, rng: random.Random) -> list[str]:
    crowd = people(rng, CROWD)
    meet(run.desk, crowd)
    return crowd


def _told(found: Measured, errors: Console) -> list[Goal]:
    points = 100 * (found.before - found.after) / max(found.others, 1)
    errors.print(f"examples of a draft: {sum(found.examples) / max(len(found.examples), 1):.1f}")
    errors.print("paraphrases not found: " + ", ".join(f"{why} {one}" for why, one in found.short.items()))
    return answer_goals(found.asked, found.worst, points, found.others)


def _measure_fold(
    run: Run,
    errors: Console,
    before: Content,
    cases: Sequence[Case],
    number: int,
    rng: random.Random,
    crowd: list[str],
    found: Measured,
    authors: Side | None = None,
) -> None:
    fold = {one.target for one in cases}
    known = [one for one in run.questions if one.right is not None and one.right not in fold]
    known = rng.sample(known, min(run.options.others, len(known)))
    log = known[::2] if run.options.clean else []
    known = known[1::2] if run.options.clean else known
    drafts: dict[str, ArticleDraft] = {}
    past: list[PastQuestion] = []
    for at, case in enumerate(cases, number):
        draft = apart(make_ticket(run.desk, at, case, rng, crowd).draft, at)
        drafts[draft.article.id] = draft
        past += [
            PastQuestion(at, AT, text, "escalate", (), right=draft.article.id)
            for text in (case.asked[0], *case.paraphrases)
        ]
    if log:
        sides = [Side(run.settings, before), _side(run, before, drafts, f"log-{number}")]
        replay = compare(list(map(Replayed, log, *ask_again(sides, log, errors))))
        for name, draft in drafts.items():
            kept = without_examples(draft.intent, thieves(draft.intent, replay))
            drafts[name] = replace(draft, intent=kept if kept.examples else draft.intent)
    found.examples += [len(examples_of(one.intent)) for one in drafts.values()]
    after = _side(run, before, drafts, f"after-{number}")
    sides = [Side(run.settings, before), after, *([authors] if authors else [])]
    then, now, *others = ask_again(sides, [*known, *past], errors)
    lost: Counter[str] = Counter()
    for question, one, two in zip(known, then, now, strict=False):
        was, is_now = one.answered == question.right, two.answered == question.right
        found.others += 1
        found.before += was
        found.after += is_now
        lost[question.right or ""] += was - is_now
    found.worst = max(found.worst, *lost.values())
    first = [at % (1 + PARAPHRASES) == 0 for at in range(len(past))]
    for side in others:
        found.authors_after += sum(one.answered == q.right for q, one in zip(known, side, strict=False))
        own = [case.target for case in cases for _ in range(1 + PARAPHRASES)]
        found.authors_asked += zip(first, side[len(known) :], own, strict=True)
    asked = list(zip(first, now[len(known) :], [q.right or "" for q in past], strict=True))
    found.asked += asked
    found.short += _shortfalls(after, [(q, one) for q, one in zip(past, asked, strict=True) if not one[0]])
    offered = sum(right in two.targets for first, two, right in asked if not first)
    errors.print(
        f"{', '.join(one.target for one in cases)}: {offered} of {PARAPHRASES * len(cases)} paraphrases, "
        f"{sum(found.examples[-len(cases) :])} examples, lost {+lost}, gained {-lost}"
    )


def _shortfalls(side: Side, asked: Sequence[tuple[PastQuestion, tuple[bool, Treated, str]]]) -> Counter[str]:
    """Tell where the article stands for the paraphrases that are neither answered with it nor offered it."""
    matcher, short = matcher_of(side.settings, side.content), Counter[str]()
    for question, (_, treated, right) in asked:
        if right in treated.targets:
            continue
        names = [one.target for one in matcher.find(question.text).matches]
        place = names.index(right) if right in names else len(names)
        short[
            "first, not sure enough" if place == 0 else "second or third" if place < CHOICE else "further"
        ] += 1
    return short


def _sampled(run: Run, target: str, rng: random.Random) -> Case:
    """Draw what a ticket and those merged into it ask, and the paraphrases."""
    intent = run.content.intent(target)
    assert intent is not None
    texts = rng.sample(examples_of(intent, run.options.language), 1 + run.options.merged + PARAPHRASES)
    asked, paraphrases = texts[: 1 + run.options.merged], texts[1 + run.options.merged :]
    versions = run.content.articles.get(target, {})
    article = versions.get(run.options.language) or next(iter(versions.values()), None)
    helped = _NUMBERED.findall(article.body) if article is not None else []
    return Case(target, tuple(asked), tuple(paraphrases), tuple(helped))


def _side(run: Run, before: Content, drafts: dict[str, ArticleDraft], name: str) -> Side:
    intents = {**before.intents, **{name: one.intent for name, one in drafts.items()}}
    articles = {
        **before.articles,
        **{name: {one.article.language: one.article} for name, one in drafts.items()},
    }
    return Side(run.settings, replace(before, intents=intents, articles=articles, hash=name))


def _alike(
    run: Run, before: Content, firsts: dict[str, str], rng: random.Random
) -> dict[str, tuple[str, ...]]:
    """Find the gaps of all that is asked in vain; return of each ticket what else its gap asks."""
    if not run.options.asked:
        return {}
    library = library_of(run.settings, InForce(before))
    assert library.load()
    language = next(iter(before.intents.values())).examples
    spoken = next(iter(language))
    texts: list[tuple[str, str | None]] = [(text, target) for target, text in firsts.items()]
    for target in firsts:
        pool = [one.text for one in run.questions if one.right == target]
        texts += [(text, None) for text in rng.sample(pool, min(run.options.asked, len(pool)))]
    others = [one for one in run.questions if one.right not in firsts]
    asked = [Asked(one.text, spoken, one.right) for one in rng.sample(others, min(OTHERS, len(others)))]
    learn_traffic(library, [one.text for one in asked])
    missed = [MissedQuestion(at, at, "", text, spoken, Missed.TICKET) for at, (text, _) in enumerate(texts)]
    for one in asked:
        vain = missed_by(len(missed), one, decision_on(library, one.text))
        missed += [vain] if vain is not None else []
    report = Gaps(library, QuestionGrouping(), Tolerance(MAX_WRONG)).find(
        MissedLog(tuple(missed)), GapQuery(fewest=FEWEST_PEOPLE), lambda _done, _of: None
    )
    gap_of = {number: gap for gap in report.gaps for number in gap.ids}
    return {
        target: tuple(missed[number].sentence for number in gap_of[at].ids if number != at)
        for at, (_, target) in enumerate(texts)
        if target is not None and at in gap_of
    }


def _by_authors(run: Run, cases: Sequence[Case], number: int) -> Side:
    """Return the whole content, in which only the paraphrases that are asked were never written."""
    asked = {case.target: case.paraphrases for case in cases}

    def without(intent: Intent) -> Intent:
        kept = {
            language: tuple(text for text in texts if " ".join(text.split()) not in asked[intent.target])
            for language, texts in intent.examples.items()
        }
        return replace(intent, examples=kept)

    intents = {
        name: without(one) if one.target in asked else one for name, one in run.content.intents.items()
    }
    return Side(run.settings, replace(run.content, intents=intents, hash=f"authors-{number}"))
