"""Reports what shadow mode showed: `firstline shadow report`."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from bot.cli import terminal
from bot.cli.data.database import day_after, opened
from bot.cli.reader import said, word
from bot.domain.knowledge.shadow import ALL, ENOUGH_ANSWERS, JUDGED, ShadowReport, Tally, Verdict, report_on
from bot.server.settings import Settings

MOST = 10  # confusions and missed articles in the terminal
UNNAMED = 0.3  # from this share of closed tickets on, engineers should be reminded
HEADINGS = {
    Verdict.RIGHT: "answered rightly",
    Verdict.WRONG: "answered wrongly",
    Verdict.OFFERED: "offered rightly",
    Verdict.MISOFFERED: "offered in vain",
    Verdict.ESCALATED: "escalated rightly",
    Verdict.NEEDLESS: "escalated needlessly",
    Verdict.ASKED_BACK: "asked back",
    Verdict.UNNAMED: "no verdict: resolved, no article named",
    Verdict.UNASKED: "no verdict: ended in another way",
    Verdict.WAITING: "no verdict: not closed yet",
}


def report(since: datetime | None, until: datetime | None, wanted: float | None, *, as_json: bool) -> None:
    """Print what shadow mode showed from the day `since` to the day `until`, both included, in UTC.

    `wanted`: the tolerable share of wrong answers, if not the setting's.
    """
    begin = since.replace(tzinfo=UTC) if since else None
    end = day_after(until.replace(tzinfo=UTC)) if until else None
    settings, transaction = opened()
    max_wrong = settings.max_wrong if wanted is None else wanted
    with transaction() as work:
        found = report_on(work.shadow.between(begin, end), max_wrong)
    steps = list(next_steps(found, settings, max_wrong))
    if as_json:
        data = {"since": _day(since), "until": _day(until), "max_wrong": max_wrong, **_data(found)}
        terminal.print_json({**data, "next": steps}, indent=1)
        return
    console = terminal.console()
    if found.channels:
        _print(console, found)
    for step in steps:
        console.print(f"- {said(step)}", soft_wrap=True)


def next_steps(found: ShadowReport, settings: Settings, max_wrong: float) -> Iterator[str]:
    """What an operator should do now, the first thing for each channel."""
    if not found.channels:
        yield (
            "Nothing was asked in shadow mode in this time. Set FIRSTLINE_SHADOW to channels or to all, "
            "start the server again, and let engineers name the article when they resolve."
        )
        return
    unnamed, judged = found.total[Verdict.UNNAMED], found.total.judged
    if unnamed > UNNAMED * (unnamed + judged):
        yield (
            f"{unnamed} of {unnamed + judged} closed tickets name no article: ask the engineers to choose "
            "one, or “None of these”, when they resolve, or “Name the article” on the card."
        )
    if unasked := found.total[Verdict.UNASKED]:
        yield (
            f"{unasked} closed with nobody asked: cancelled, merged into another, covered by an outage or "
            "closed by the desk. “Name the article” on their cards gives them a verdict."
        )
    for name, tally in found.channels.items():
        yield f"{name}: {_step(name, tally, found.safe_thresholds.get(name), settings, max_wrong)}"
    if found.missed:
        target, count = found.missed[0]
        yield (
            f"{target} would have helped {count} times and was not shown: write the way people ask for it "
            "into its `questions`, and look at the next ones above."
        )


def _step(name: str, tally: Tally, safe: float | None, settings: Settings, max_wrong: float) -> str:
    wrong, answers = tally[Verdict.WRONG], tally.answers
    share = f"{wrong} of {answers} answers would have been wrong"
    if answers < ENOUGH_ANSWERS:
        return f"too early to say: {share}; wait until {ENOUGH_ANSWERS} can be judged."
    if tally.wrong_share <= max_wrong:
        done = _done(name, settings)
        return f"{share} ({_percent(tally.wrong_share)}): employees may see the answers; {done}."
    if safe is not None and safe > (settings.answer_from or 0.0):
        return (
            f"{share} ({_percent(tally.wrong_share)}), more than {_percent(max_wrong)}: set "
            f"FIRSTLINE_ANSWER_FROM={safe:.2f}, from which on few enough were, or mend the articles above."
        )
    return (
        f"{share} ({_percent(tally.wrong_share)}), more than {_percent(max_wrong)}, and no threshold helps: "
        "mend the articles above that are taken for one another, and leave shadow mode on."
    )


def _done(name: str, settings: Settings) -> str:
    if ALL in settings.shadowed:
        return (
            f"name every channel but {name} in FIRSTLINE_SHADOW, instead of all, and start the server again"
        )
    if name in settings.shadowed:
        return f"take {name} out of FIRSTLINE_SHADOW and start the server again"
    return "by the settings here they do already"


def _print(console: Console, found: ShadowReport) -> None:
    table = terminal.table("would have been", *found.channels, "all", "share", title="Shadow mode")
    for verdict, heading in HEADINGS.items():
        counts = [str(tally[verdict]) for tally in (*found.channels.values(), found.total)]
        judged = found.total.judged if verdict in JUDGED else 0
        share = _percent(found.total[verdict] / judged) if judged else ""
        table.add_row(
            word(heading), *counts, share, end_section=verdict in (Verdict.ASKED_BACK, Verdict.WAITING)
        )
    tallies = (*found.channels.values(), found.total)
    asked = found.total.judged + found.total.unknown
    unknown = [str(tally.unknown) for tally in tallies]
    table.add_row(
        said("without a verdict, of all questions"), *unknown, _percent(found.total.unknown / asked)
    )
    console.print(table)
    bands = terminal.table("confidence", "questions", "it was right", "share", title="How sure, how right")
    for band in found.bands:
        share = _percent(band.right / band.questions) if band.questions else ""
        bands.add_row(
            f"{band.low:.2f} {word('to')} {band.high:.2f}", str(band.questions), str(band.right), share
        )
    console.print(bands)
    if found.confusions:
        table = terminal.table(
            "would have answered", "would have helped", "times", title="Taken for one another"
        )
        for answered, named, count in found.confusions[:MOST]:
            table.add_row(Text(answered), Text(named or said("no article")), str(count))
        console.print(table)
    if found.missed:
        table = terminal.table("would have helped, was not shown", "times", title="Missed")
        for target, count in found.missed[:MOST]:
            table.add_row(Text(target), str(count))
        console.print(table)


def _data(found: ShadowReport) -> dict[str, object]:
    return {
        "total": _tally(found.total),
        "channels": {name: _tally(tally) for name, tally in found.channels.items()},
        "bands": [
            {"from": band.low, "to": band.high, "questions": band.questions, "right": band.right}
            for band in found.bands
        ],
        "confusions": [
            {"answered": answered, "named": named or None, "count": count}
            for answered, named, count in found.confusions
        ],
        "missed": [{"named": target, "count": count} for target, count in found.missed],
        "safe_cuts": dict(found.safe_thresholds),
    }


def _tally(tally: Tally) -> dict[str, object]:
    counts: dict[str, object] = {verdict.value: tally[verdict] for verdict in Verdict}
    return {
        **counts,
        "judged": tally.judged,
        "unknown": tally.unknown,
        "answers": tally.answers,
        "wrong_share": tally.wrong_share,
    }


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
