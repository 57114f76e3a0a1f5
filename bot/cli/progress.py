"""Shows the progress of a long run."""

from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.reader import said, word

LINE_EVERY = 5.0  # seconds, where there is no terminal
BAR_EVERY = 0.1


class Waiting:
    """A progress bar on a terminal, a line now and then elsewhere."""

    def __init__(
        self, console: Console, total: int, what: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self._console = console
        self._total = total
        self._what = word(what)
        self._clock = clock
        self._done = 0
        self._next = 0.0
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._show()  # the content takes seconds to read too
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def step(self) -> None:
        """Count one more as done."""
        self.reach(self._done + 1, self._total)

    def reach(self, done: int, total: int) -> None:
        """Show that so many are done, of so many."""
        self._done, self._total = done, total
        now = self._clock()
        if now < self._next:
            return
        if self._console.is_terminal:
            self._show()
        elif 1 < self._done < self._total:
            self._console.print(f"{self._done}/{self._total} {self._what}", markup=False)
        self._next = now + (BAR_EVERY if self._console.is_terminal else LINE_EVERY)

    def say(self, text: str) -> None:
        """Show what is done now, on a line of its own."""
        self._console.print(said(text), markup=False)

    def _show(self) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._bar.start()
            self._bar.add_task(self._what, total=self._total)
        self._bar.update(self._bar.task_ids[0], completed=self._done, total=self._total)
