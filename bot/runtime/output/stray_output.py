"""Turns what is written past the log into lines of it: warnings, tracebacks, what libraries print."""

import io
import logging
import sys
import threading
from types import TracebackType
from typing import TextIO

import structlog

log = structlog.get_logger()
REPORT = "report it: this is a mistake in the code"


def take_over(*, stdout: bool) -> None:
    """Let every line on standard error be one of the log, and with `stdout` there, too."""
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable
    names = ("stderr", "stdout") if stdout else ("stderr",)
    for name in names:
        stream = getattr(sys, name)
        if not isinstance(stream, LoggedLines):
            setattr(sys, name, LoggedLines(name, stream))


def own_stream() -> TextIO:
    """Standard error itself, for the log alone."""
    return sys.stderr.beneath if isinstance(sys.stderr, LoggedLines) else sys.stderr


class LoggedLines(io.TextIOBase):
    """Stream of text whose lines become lines of the log."""

    def __init__(self, name: str, beneath: TextIO) -> None:
        """`beneath` is the stream in whose place it stands."""
        self.beneath = beneath
        self._name = name
        self._begun = ""
        self._lock = threading.RLock()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a property in TextIOBase's documentation, too
        return self.beneath.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return self.beneath.errors

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self.beneath.fileno()

    def write(self, text: str) -> int:
        with self._lock:
            whole, newline, self._begun = (self._begun + text).rpartition("\n")
            if newline and whole.strip():
                log.info("written", stream=self._name, text=whole)
        return len(text)

    def close(self) -> None:
        """Tell what is left; the stream beneath stays open."""
        if self._begun.strip():
            self.write("\n")
        super().close()


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        log.warning("interrupted", next_step="none: somebody stopped it")
        return
    log.critical("uncaught", exc_info=(kind, error, trace), next_step=REPORT)


def _uncaught_in_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_value is not None:
        thread = given.thread.name if given.thread is not None else ""
        log.error("uncaught", exc_info=given.exc_value, thread=thread, next_step=REPORT)


def _unraisable(given: "sys.UnraisableHookArgs") -> None:
    log.error("uncaught", exc_info=given.exc_value, where=given.err_msg or "", next_step=REPORT)
