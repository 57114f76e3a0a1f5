"""What `firstline init` needs to know, what is usual, and what is wrong with an answer."""

import re
from dataclasses import dataclass, fields

from bot.cli.operate.setup.choices import Channels, Languages
from bot.desk.ports.wording import Wording
from bot.server.settings import fault_in_address
from bot.storage import mistake_in


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to the questions; with `public_url` empty there is no public address yet."""

    content: Languages
    channels: Channels
    database: str
    public_url: str
    engineer: str

    @property
    def sqlite(self) -> bool:
        """Whether the database is a file, which the server makes by itself."""
        return self.database.startswith("sqlite")


@dataclass(frozen=True, slots=True)
class Given:
    """Answers that flags gave already; None is one to be asked for."""

    content: Languages | None = None
    channels: Channels | None = None
    database: str | None = None
    public_url: str | None = None
    engineer: str | None = None

    def missing(self) -> list[str]:
        """The flags that were not given."""
        return [f"--{name.replace('_', '-')}" for name in NAMES if getattr(self, name) is None]


_NO_HTTPS = "must begin with https://, or be left out until there is such an address"
NAMES = tuple(one.name for one in fields(Answers))  # in the order in which they are asked


def usual(language: str, wording: Wording) -> Answers:
    """What is taken where nobody says anything else."""
    engineer = wording.say(language, "init.engineer")
    return Answers(Languages(language), Channels.PAGE, "sqlite:///firstline.db", "", engineer)


def fault(name: str, value: str) -> str:
    """What is wrong with an answer, without the answer itself, which may hold a password; "" if nothing."""
    if name == "database":
        return (mistake_in(value) or "").partition(": ")[2]
    if name == "public_url":
        # What the platforms refuse is not printed as the next step.
        return fault_in_address(value) or ("" if value.startswith("https://") or not value else _NO_HTTPS)
    if name == "engineer" and not re.fullmatch(r"[\w.\- ]{1,64}", value.strip()):
        return "a name has letters, digits, spaces, '-' and '.', at most 64 of them"
    return ""
