"""The command `firstline`; also `python -m bot`."""

import os
import signal
import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from bot.cli import terminal

INTERRUPTED = 130  # the exit code of what ended by Ctrl+C


def main() -> None:
    """Run a command; what went wrong outside of our code is told in a sentence, without a traceback."""
    terminal.prepare()
    terminal.begin_log(sys.argv)
    if os.getpid() == 1:  # of a container: no signal ends it that it does not handle itself
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        try:
            from bot.cli.main import app

            ended = app(prog_name="firstline", standalone_mode=False)
            sys.exit(ended if isinstance(ended, int) else 0)
        finally:  # not at the very end, where Python complains by itself
            sys.stdout.flush()
    except BrokenPipeError:
        terminal.silence()
        sys.exit(1)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            _interrupted()
        raise
    except typer.Abort:  # the end of what was typed
        terminal.fail("stopped.")
        sys.exit(1)
    except TyperException as error:
        terminal.tell_misuse(error)
        sys.exit(error.exit_code)
    except Exception as error:
        sentence = terminal.told(error)
        if sentence is None:
            raise
        terminal.fail(sentence)
        sys.exit(1)


def _interrupted() -> NoReturn:
    terminal.fail("stopped by Ctrl+C.")
    sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
