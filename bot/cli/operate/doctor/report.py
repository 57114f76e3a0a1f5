"""Prints findings: for people in 80 columns, for programs in a form that stays as it is."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import __version__
from bot.domain.diagnosis import Finding, Level, Teller

SHAPE = 1  # of the JSON; another one where a field goes or means something else
LONGEST_NAME = 24  # columns of a check's name
STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "bold red", Level.SKIPPED: "dim"}


def print_report(console: Console, findings: Sequence[Finding], tell: Teller) -> None:
    """Print a row for each finding, and what to do below what is not well."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=LONGEST_NAME)
    table.add_column(overflow="fold", ratio=1)
    for finding in findings:
        style = STYLES[finding.level]
        name = Text(_broken(finding.check))
        if finding.about:
            name.append(f"\n{finding.about}", "dim")
        said = Text(finding.seen)
        if finding.remedy:
            said.append(f"\n→ {finding.remedy}", style)
        table.add_row(Text(tell.say(f"doctor.level.{finding.level}"), style), name, said)
    console.print(table)
    counts = _counts(findings)
    told = [tell.counted(f"doctor.sum.{level}", count) for level, count in counts.items()]
    console.print(f"\n{', '.join(told)}.")


def as_data(findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as docs/operations.md describes them."""
    counts = _counts(findings)
    return {
        "shape": SHAPE,
        "version": __version__,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "healthy": counts["error"] == 0,
        "counts": counts,
        "findings": [
            {
                "check": finding.check,
                "about": finding.about,
                "level": finding.level.value,
                "seen": finding.seen,
                "remedy": finding.remedy,
            }
            for finding in findings
        ],
    }


def _broken(check: str) -> str:
    # A long name goes on in the next line with its last part, and not in the middle of a word.
    begin, dot, part = check.rpartition(".")
    return check if len(check) <= LONGEST_NAME else f"{begin}\n{dot}{part}"


def _counts(findings: Sequence[Finding]) -> dict[str, int]:
    found = Counter(finding.level for finding in findings)
    return {level.value: found[level] for level in Level}
