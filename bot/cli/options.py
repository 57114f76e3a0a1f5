"""Options that several commands take."""

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

Articles = Annotated[Path | None, typer.Option(help="Folder of articles.")]
Intents = Annotated[Path | None, typer.Option(help="Folder of intents.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MaxWrong = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="The tolerable share of wrong answers, if not FIRSTLINE_MAX_WRONG."),
]
DAYS = ["%Y-%m-%d"]
Day = Annotated[
    datetime | None, typer.Option(formats=DAYS, metavar="YYYY-MM-DD", help="A day in UTC, included.")
]


class Form(Enum):
    """Form in which a list is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class By(Enum):
    """What a report is parted by."""

    WEEK = "week"
    QUEUE = "queue"
    PRIORITY = "priority"
    LANGUAGE = "language"
    CHANNEL = "channel"
    TARGET = "target"


class Sentence(TyperCommand):
    """Command whose arguments are the words of a sentence, which may begin with a dash."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Part the options from the words: whatever looks like no option of ours is a word."""
        flags = {name: getattr(one, "is_flag", False) for one in self.get_params(ctx) for name in one.opts}
        flags |= dict.fromkeys(ctx.help_option_names, True)
        options: list[str] = []
        words: list[str] = []
        left = list(args)
        while left:
            one = left.pop(0)
            name, given, _ = one.partition("=")
            if one == "--":
                words, left = [*words, *left], []
            elif name in flags:
                options.append(one)
                if not flags[name] and not given and left:
                    options.append(left.pop(0))
            elif one.startswith("--") and " " not in one:
                options.append(one)  # mistyped, or none of ours: that is told
            else:
                words.append(one)
        return super().parse_args(ctx, [*options, *(["--", *words] if words else [])])
