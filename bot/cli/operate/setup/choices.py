"""What there is to choose between in `firstline init`; light, for every command imports it."""

from enum import StrEnum


class Spoken(StrEnum):
    """Which language the questions and the desk have."""

    EN = "en"
    ES = "es"


class Languages(StrEnum):
    """In which languages people ask."""

    EN = "en"
    ES = "es"
    BOTH = "both"

    @property
    def codes(self) -> tuple[str, ...]:
        """The languages of the content."""
        return ("en", "es") if self is Languages.BOTH else (self.value,)


class Channels(StrEnum):
    """Where people ask; the page is always there, so that it can be tried at once."""

    PAGE = "page"
    SLACK = "slack"
    TEAMS = "teams"
    BOTH = "both"

    @property
    def slack(self) -> bool:
        """Whether people ask in Slack."""
        return self in (Channels.SLACK, Channels.BOTH)

    @property
    def teams(self) -> bool:
        """Whether people ask in Teams."""
        return self in (Channels.TEAMS, Channels.BOTH)
