"""What became of a question: one outcome each, final when its window is closed."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.conversations.outcome import (
    NO_WORD,
    RE_CONTACT,
    Contact,
    EpisodeEvent,
    EpisodeHistory,
    EpisodeOutcome,
    Judgement,
    OutcomeCounts,
    Step,
    find_shown,
    judge,
)
from tests.support.desk_model.histories import HISTORIES, random_history

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATE = AT + timedelta(days=90)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def event(step: Step, after: timedelta = timedelta(), target: str = "a", **more: str) -> EpisodeEvent:
    return EpisodeEvent(AT + after, step, target, **more)  # type: ignore[arg-type]  # only reasons are given


def judged(*events: EpisodeEvent, contacts: tuple[Contact, ...] = (), now: datetime = LATE) -> Judgement:
    return judge(EpisodeHistory(AT, events, contacts), now)


SHOWN = event(Step.SHOWN)


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        ((), EpisodeOutcome.SMALL_TALK),
        ((event(Step.WORD),), EpisodeOutcome.SMALL_TALK),
        ((SHOWN,), EpisodeOutcome.ASSUMED),
        ((SHOWN, event(Step.SOLVED, HOUR)), EpisodeOutcome.CONFIRMED),
        ((SHOWN, event(Step.NOT_HELPFUL, HOUR)), EpisodeOutcome.NOT_HELPFUL),
        ((SHOWN, event(Step.NOT_HELPFUL, HOUR), event(Step.SOLVED, 2 * HOUR)), EpisodeOutcome.CONFIRMED),
        ((SHOWN, event(Step.NOT_HELPFUL, HOUR), event(Step.SHOWN, DAY, "b")), EpisodeOutcome.ASSUMED),
        ((SHOWN, event(Step.TICKET, HOUR)), EpisodeOutcome.TICKET),
        ((event(Step.TICKET), event(Step.WITHDRAWN, HOUR)), EpisodeOutcome.WITHDRAWN),
        ((event(Step.TICKET), event(Step.WITHDRAWN, HOUR), event(Step.TICKET, DAY)), EpisodeOutcome.TICKET),
        ((event(Step.TICKET), event(Step.WITHDRAWN, 30 * DAY)), EpisodeOutcome.TICKET),
        ((event(Step.CHOICE),), EpisodeOutcome.ABANDONED_CHOICE),
        ((event(Step.CHOICE), event(Step.SHOWN, 2 * DAY)), EpisodeOutcome.ASSUMED),
        ((event(Step.QUESTION),), EpisodeOutcome.UNANSWERED_QUESTION),
        ((event(Step.NOTICE),), EpisodeOutcome.OUTAGE),
        ((event(Step.NOTICE), event(Step.JOINED, HOUR)), EpisodeOutcome.OUTAGE),
        ((event(Step.JOINED), event(Step.TICKET, HOUR)), EpisodeOutcome.TICKET),
        ((event(Step.OFFERED),), EpisodeOutcome.LEFT_ALONE),
        ((SHOWN, event(Step.DROPPED, HOUR)), EpisodeOutcome.WITHDRAWN),
        # What comes after the window is a story of its own.
        ((SHOWN, event(Step.SOLVED, RE_CONTACT)), EpisodeOutcome.ASSUMED),
        ((event(Step.WORD), event(Step.SHOWN, NO_WORD)), EpisodeOutcome.SMALL_TALK),
    ],
)
def test_each_history_has_the_outcome_that_people_would_name(
    events: tuple[EpisodeEvent, ...], outcome: EpisodeOutcome
) -> None:
    assert judged(*events).outcome is outcome


def test_silence_is_pending_until_the_window_is_closed_and_assumed_from_then_on() -> None:
    closes_at = AT + RE_CONTACT
    assert judged(SHOWN, now=closes_at - HOUR).outcome is EpisodeOutcome.PENDING
    assert judged(SHOWN, now=closes_at) == Judgement(EpisodeOutcome.ASSUMED, "a", closes_at)
    last_word = event(Step.WORD, RE_CONTACT - HOUR)
    assert judged(SHOWN, last_word).closes_at == last_word.at + NO_WORD, "24 hours without a word"


def test_who_comes_back_was_not_helped() -> None:
    def after(when: timedelta, *targets: str, ticket: bool = False) -> tuple[Contact, ...]:
        return (Contact(AT + when, frozenset(targets), ticket),)

    assert judged(SHOWN, contacts=after(DAY, "a")).outcome is EpisodeOutcome.NOT_HELPFUL
    for contacts, again in (
        (after(DAY, "a"), True),
        (after(DAY, "b", ticket=True), True),
        (after(DAY, "b"), False),
        (after(RE_CONTACT, "a"), False),
        (after(-DAY, "a"), False),
    ):
        said = judged(SHOWN, event(Step.SOLVED), contacts=contacts)
        assert (said.outcome, said.again) == (EpisodeOutcome.CONFIRMED, again)
    assert not judged(event(Step.TICKET), contacts=after(DAY, "a")).again, "a ticket deflects nothing"


def test_what_was_shown_keeps_the_last_word_on_it() -> None:
    history = EpisodeHistory(
        AT,
        (
            EpisodeEvent(AT, Step.SHOWN, "a", chosen=True),
            event(Step.NOT_HELPFUL, HOUR, reason="out_of_date"),
            event(Step.SHOWN, DAY, "b"),
            event(Step.SOLVED, RE_CONTACT + DAY, "b"),  # too late
        ),
        (Contact(AT + 2 * DAY, frozenset("b")),),
    )
    first, second = find_shown(history, judge(history, LATE))
    assert (first.target, first.chosen, first.verdict, first.reason) == (
        "a",
        True,
        "not_helpful",
        "out_of_date",
    )
    assert (second.target, second.verdict, second.again) == ("b", "", True)


def test_ten_thousand_histories_have_one_outcome_each_that_nothing_changes_later() -> None:
    counts: Counter[EpisodeOutcome] = Counter()
    again: Counter[EpisodeOutcome] = Counter()
    for seed in range(HISTORIES):
        chance = random.Random(seed)  # noqa: S311  # the same in each run
        history, later = random_history(chance)
        final = judge(history, LATE)
        closes_at = final.closes_at
        assert final.outcome is not EpisodeOutcome.PENDING
        assert judge(history, closes_at) == final, seed
        assert judge(history, closes_at - timedelta(seconds=1)).outcome is EpisodeOutcome.PENDING, seed
        more = tuple(e for e in later.events if e.at >= closes_at)
        contacts = tuple(c for c in later.contacts if c.at >= closes_at)
        grown = EpisodeHistory(history.started_at, (*more, *history.events), (*contacts, *history.contacts))
        assert judge(grown, LATE) == final, seed
        assert find_shown(grown, final) == find_shown(history, final), seed
        counts[final.outcome] += 1
        again[final.outcome] += final.again
    found = OutcomeCounts(counts, again)
    assert found.total == HISTORIES
    assert set(counts) == set(EpisodeOutcome) - {EpisodeOutcome.PENDING}, "each kind is among them"
    shares = [found.deflection(outcome) for outcome in (EpisodeOutcome.CONFIRMED, EpisodeOutcome.ASSUMED)]
    assert all(share is not None and 0 < share < 1 for share in shares)
    assert found.deflected(EpisodeOutcome.CONFIRMED) < counts[EpisodeOutcome.CONFIRMED]
