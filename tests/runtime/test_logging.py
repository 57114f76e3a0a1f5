"""What is written of a fault that repeats with each message."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest
import structlog

from bot.runtime.output.logging import AT_ONCE, SECONDS_A_LINE, Limit, configure
from bot.runtime.output.stray_output import own_stream


class Seconds:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def _as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for name in ("stdout", "stderr", "excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def record(event: str, name: str = "bot.server", error: BaseException | None = None) -> logging.LogRecord:
    message = {"event": event, "exc_info": error}
    return logging.LogRecord(name, logging.ERROR, "", 0, message, (), None)


def passed(limit: Limit, event: str, times: int, error: BaseException | None = None) -> int:
    return sum(limit.filter(record(event, error=error)) for _ in range(times))


def test_a_fault_that_repeats_is_told_and_then_counted() -> None:
    seconds = Seconds()
    limit = Limit(seconds)
    assert passed(limit, "event_not_kept", 1000) == AT_ONCE
    assert passed(limit, "another_event", 1) == 1, "one fault does not hide another"
    seconds.now += SECONDS_A_LINE
    line = record("event_not_kept")
    assert limit.filter(line)
    assert vars(line)["left_out"] == 1000 - AT_ONCE
    assert passed(limit, "event_not_kept", 10) == 0


def test_a_traceback_counts_for_what_it_takes() -> None:
    limit = Limit(Seconds())
    assert 1 <= passed(limit, "delivery_broke", 1000, ValueError()) < AT_ONCE / 5


def test_a_minute_of_a_fault_stays_within_its_share() -> None:
    seconds = Seconds()
    limit = Limit(seconds)
    lines = 0
    for _ in range(60 * 100):
        seconds.now += 0.01
        lines += passed(limit, "event_not_kept", 1)
    assert lines <= AT_ONCE + 60 / SECONDS_A_LINE + 1


@pytest.mark.usefixtures("_as_before")
def test_the_lines_of_the_program_say_what_was_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(own_stream())
    seconds = Seconds()
    handler.filters = [Limit(seconds)]
    log = structlog.get_logger("bot.test")
    for number in range(AT_ONCE + 5):
        log.warning("again", number=number, next_step="none")
        logging.getLogger("library").warning("text %s", number)
    seconds.now += SECONDS_A_LINE
    log.warning("again", number=-1, next_step="none")
    logging.getLogger("library").warning("text")
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(said) == 2 * (AT_ONCE + 1)
    assert [line["left_out"] for line in said if "left_out" in line] == [5, 5]


@pytest.mark.usefixtures("_as_before")
def test_what_is_written_past_the_log_is_a_line_of_it(capfd: pytest.CaptureFixture[str]) -> None:
    configure("json", stdout=True)
    print("said by a library")
    print("and ", end="", file=sys.stderr)
    print("in parts\nand lines", file=sys.stderr)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    sys.excepthook(ValueError, ValueError("broken"), None)
    logging.getLogger("asyncio").error("Task was destroyed\nsource", exc_info=KeyError("x"))
    out, err = capfd.readouterr()
    assert out == ""
    lines = [json.loads(line) for line in err.splitlines()]
    assert [line["event"] for line in lines[:3]] == ["written"] * 3
    assert [line["text"] for line in lines[:3]] == ["said by a library", "and in parts", "and lines"]
    warning, in_thread, uncaught, library = lines[3:]
    assert (warning["logger"], warning["level"]) == ("py.warnings", "warning")
    assert (in_thread["event"], in_thread["thread"]) == ("uncaught", "worker")
    assert "ZeroDivisionError" in in_thread["exception"]
    assert (uncaught["level"], "ValueError: broken" in uncaught["exception"]) == ("critical", True)
    assert (library["event"], "KeyError" in library["exception"]) == ("Task was destroyed\nsource", True)
    assert all(line["time"] for line in lines)


@pytest.mark.usefixtures("_as_before")
def test_who_has_logged_before_hears_of_another_configuration() -> None:
    log = structlog.get_logger("early")
    configure("text")
    log.info("kept")
    configure("text")
    with structlog.testing.capture_logs() as logs:
        log.info("seen")
    assert [entry["event"] for entry in logs] == ["seen"]
