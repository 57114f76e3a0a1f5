"""The command `firstline`; also `python -m bot`."""

import sys

from bot.cli import terminal


def main() -> None:
    """Run a command; what went wrong outside of our code is told in a sentence, without a traceback."""
    terminal.prepare()
    from bot.cli.main import app

    try:
        try:
            app()
        finally:  # not at the very end, where Python complains by itself
            sys.stdout.flush()
    except BrokenPipeError:
        terminal.silence()
        sys.exit(1)
    except Exception as error:
        sentence = terminal.told(error)
        if sentence is None:
            raise
        sys.stderr.write(f"firstline: {sentence}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
