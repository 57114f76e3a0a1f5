"""Shows tables in the terminal, and writes them into a page of the documentation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable

BENCH = "bench"  # the mark of `make bench`


@dataclass
class Table:
    """A table with a title, columns, rows of text, and notes below."""

    title: str
    columns: Sequence[str]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def show(self, console: Console) -> None:
        """Print the table."""
        shown = RichTable(title=self.title, title_justify="left", title_style="bold")
        for number, column in enumerate(self.columns):
            shown.add_column(column, justify="right" if number else "left")
        for row in self.rows:
            shown.add_row(*row)
        console.print(shown)
        for note in self.notes:
            console.print(f"  {note}", markup=False, highlight=False)
        console.print()

    def markdown(self) -> str:
        """The table as Markdown."""
        rule = ["---", *("---:" for _ in self.columns[1:])]
        lines = [
            f"### {self.title}",
            "",
            *(f"| {' | '.join(row)} |" for row in (self.columns, rule, *self.rows)),
        ]
        return "\n".join([*lines, "", *(f"{note}\n" for note in self.notes)])


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of the requirements with what was measured."""

    what: str
    wanted: str
    measured: str
    met: bool


def goals_table(goals: Sequence[Goal], title: str = "Goals") -> Table:
    """The table of all goals with what was measured."""
    rows: list[tuple[str, ...]] = [
        (goal.what, goal.wanted, goal.measured, "yes" if goal.met else "no") for goal in goals
    ]
    return Table(title, ("goal", "wanted", "measured", "met"), rows)


def write(path: Path, tables: Sequence[Table], heading: str, mark: str = BENCH) -> None:
    """Replace what stands between the comments with this mark; raise ValueError where there are none."""
    text, begin, end = path.read_text(encoding="utf-8"), f"<!-- {mark} -->", f"<!-- /{mark} -->"
    if not 0 <= text.find(begin) < text.find(end):
        raise ValueError(f"{path} has no part between {begin} and {end}")
    before, after = text[: text.index(begin)], text[text.index(end) :]
    part = "\n".join([heading, "", *(table.markdown() for table in tables)]).rstrip()
    path.write_text(f"{before}{begin}\n{part}\n{after}", encoding="utf-8")
