"""The command `firstline`; also `python -m bot`."""

import sys

from bot.domain.errors import FirstlineError


def main() -> None:
    """Run a command; our own errors are told in their sentence, without a traceback."""
    from bot.cli.main import app

    try:
        app()
    except FirstlineError as error:
        sys.stderr.write(f"firstline: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
