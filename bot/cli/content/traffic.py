"""Tells how much is assumed to be asked in vain, and what that was learned from."""

from dataclasses import dataclass

from bot.desk.knowledge.library import Library
from bot.desk.knowledge.traffic import FEWEST, TrafficLearner
from bot.domain.errors import FirstlineError
from bot.domain.knowledge.traffic import Traffic
from bot.server.settings import Settings
from bot.storage import is_there
from bot.storage.unit_of_work import units_of_work_at


@dataclass(frozen=True, slots=True)
class Assumption:
    """How much is assumed to be asked in vain: `learned` of what was asked, unless that was not to be had."""

    traffic: Traffic
    learned: bool
    trouble: str = ""


def assumption_of(settings: Settings, library: Library) -> Assumption:
    """Read what is assumed; `trouble` says why what was asked cannot be read."""
    trouble = ""
    try:
        learned = _learned(settings, library)
    except FirstlineError as error:
        learned, trouble = None, str(error)
    assumed = learned or Traffic.assumed(library.snapshot.matcher.prior, settings.unanswered)
    return Assumption(assumed, learned is not None, trouble)


def report_traffic(settings: Settings, library: Library) -> tuple[str, bool]:
    """Say how much no article answers and why that is assumed, and whether what was asked could be read."""
    found = assumption_of(settings, library)
    mix = found.traffic.mix
    line = (
        f"no article answers {mix.unanswered:.0%} of the questions "
        f"({mix.requests:.0%} are service requests), {_why(settings, found)}"
    )
    if found.trouble:
        return f"{line}; what was asked cannot be read: {found.trouble}", False
    return f"{line}.", True


def _learned(settings: Settings, library: Library) -> Traffic | None:
    if not is_there(settings.database_url):
        return None
    learner = TrafficLearner(
        units_of_work_at(settings.database_url, reading=True), library, settings.max_wrong
    )
    return learner.learn(learner.read())


def _why(settings: Settings, found: Assumption) -> str:
    if settings.unanswered is not None:
        return "as FIRSTLINE_UNANSWERED fixes it"
    if not found.learned:
        return f"as is assumed before {FEWEST} were asked"
    languages = [f"{name} {mix.unanswered:.0%}" for name, mix in found.traffic.by_language.items()]
    return f"by the newest {found.traffic.questions}" + (f"; {', '.join(languages)}" if languages else "")
