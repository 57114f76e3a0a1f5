"""Verdicts and the report of shadow mode."""

from datetime import UTC, datetime

import pytest

from bot.domain.knowledge.shadow import BANDS, NO_ARTICLE, SilentDecision, Verdict, report_on

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CANDIDATES = (("vpn", 0.8), ("wifi", 0.4), ("mail", 0.2))


def unsaid(
    kind: str,
    shown: int,
    named: str | None,
    *,
    channel: str = "slack",
    closed: bool = True,
    asked: bool = True,
    confidence: float = 0.8,
) -> SilentDecision:
    candidates = (("vpn", confidence), *CANDIDATES[1:])
    return SilentDecision(1, channel, AT, kind, candidates, shown, named, closed, asked)


@pytest.mark.parametrize(
    ("kind", "shown", "named", "verdict"),
    [
        ("answer", 1, "vpn", Verdict.RIGHT),
        ("answer", 1, "wifi", Verdict.WRONG),
        ("answer", 1, NO_ARTICLE, Verdict.WRONG),
        ("choose", 2, "wifi", Verdict.OFFERED),
        ("choose", 2, "mail", Verdict.MISOFFERED),
        ("choose", 2, NO_ARTICLE, Verdict.MISOFFERED),
        ("escalate", 0, NO_ARTICLE, Verdict.ESCALATED),
        ("escalate", 0, "vpn", Verdict.NEEDLESS),
        ("openticket", 1, NO_ARTICLE, Verdict.ESCALATED),
        ("openticket", 1, "vpn", Verdict.ESCALATED),
        ("openticket", 1, "wifi", Verdict.NEEDLESS),
        ("askback", 0, "vpn", Verdict.ASKED_BACK),
        ("askback", 0, NO_ARTICLE, Verdict.ASKED_BACK),
        ("answer", 1, None, Verdict.UNNAMED),
    ],
)
def test_verdicts(kind: str, shown: int, named: str | None, verdict: Verdict) -> None:
    assert unsaid(kind, shown, named).verdict is verdict


def test_what_is_not_closed_is_not_judged_unless_it_was_named_before() -> None:
    assert unsaid("answer", 1, None, closed=False).verdict is Verdict.WAITING
    assert unsaid("answer", 1, "vpn", closed=False).verdict is Verdict.RIGHT


def test_what_ended_without_a_question_to_anybody_is_told_apart() -> None:
    assert unsaid("answer", 1, None, asked=False).verdict is Verdict.UNASKED
    assert unsaid("answer", 1, NO_ARTICLE, asked=False).verdict is Verdict.WRONG


def test_a_report_counts_by_channel_and_by_confidence() -> None:
    rows = [
        unsaid("answer", 1, "vpn", confidence=1.0),
        unsaid("answer", 1, "wifi", confidence=0.9),
        unsaid("answer", 1, "wifi", confidence=0.9, channel="teams"),
        unsaid("choose", 2, "mail", confidence=0.6),
        unsaid("escalate", 0, "vpn", confidence=0.1),
        unsaid("escalate", 0, NO_ARTICLE, confidence=0.1),
        unsaid("answer", 1, None),
        unsaid("answer", 1, None, asked=False),
        unsaid("answer", 1, None, closed=False, asked=False),
    ]
    found = report_on(rows, 0.05)
    assert {name: tally.answers for name, tally in found.channels.items()} == {"slack": 2, "teams": 1}
    assert (found.total.judged, found.total.answers, found.total[Verdict.UNNAMED]) == (6, 3, 1)
    assert found.total.unknown == 3
    assert round(found.total.wrong_share, 3) == 0.667
    assert found.confusions == (("vpn", "wifi", 2),)
    assert found.missed == (("wifi", 2), ("mail", 1), ("vpn", 1))
    assert [(band.low, band.questions, band.right) for band in found.bands if band.questions] == [
        (0.0, 2, 1),
        (0.5, 1, 0),
        (0.85, 2, 0),
        (0.95, 1, 1),
    ]
    assert sum(band.questions for band in found.bands) == found.total.judged
    assert (found.bands[0].low, found.bands[-1].high) == (BANDS[0], 1.0)


def test_a_safe_cut_leaves_few_enough_wrong_answers() -> None:
    rows = [unsaid("answer", 1, "vpn", confidence=0.9) for _ in range(19)]
    rows += [unsaid("answer", 1, "wifi", confidence=0.9), unsaid("answer", 1, "wifi", confidence=0.8)]
    assert report_on(rows, 0.05).safe_thresholds == {"slack": 0.9}
    assert report_on(rows, 0.01).safe_thresholds == {}
    assert report_on(rows, 0.5).safe_thresholds == {"slack": 0.8}


def test_nothing_gives_an_empty_report() -> None:
    found = report_on([], 0.05)
    assert (found.channels, found.total.judged, found.total.wrong_share) == ({}, 0, 0.0)
