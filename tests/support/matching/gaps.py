"""Questions that the repository's own content does not answer, and the gaps in them."""

from typing import Any

from bot.desk.knowledge.gaps import GapQuery, Gaps, read_missed
from bot.domain.knowledge.gap import GapReport
from bot.matching.clustering.grouping import QuestionGrouping
from bot.server.settings import Settings
from tests.support.desk.helpdesk import Helpdesk

SPECTROMETER = (
    "how do I calibrate the spectrometer in the lab",
    "the spectrometer needs calibrating, how is that done",
    "spectrometer calibration in the laboratory",
    "who calibrates the spectrometer of our lab",
    "calibrating the lab spectrometer",
)
GREENHOUSE = (
    "¿cada cuánto se riega el invernadero?",
    "quién riega el invernadero este fin de semana",
    "riego del invernadero en agosto",
    "el riego del invernadero no arranca",
    "cómo programo el riego del invernadero",
)


def ask_all(helpdesk: Helpdesk, texts: tuple[str, ...], who: str) -> list[str]:
    """Let a person of their own ask each; return the references of the tickets."""
    return [str(helpdesk.say(f"{who}{number}", text).ticket) for number, text in enumerate(texts)]


def gaps_of(helpdesk: Helpdesk, **query: Any) -> GapReport:
    """The gaps of all that was asked."""
    finder, asked = Gaps(helpdesk.library, QuestionGrouping(), Settings().tolerance), GapQuery(**query)
    return finder.find(read_missed(helpdesk.begin, asked), asked, lambda _done, _of: None)
