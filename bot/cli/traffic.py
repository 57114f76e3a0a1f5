"""Tells how much is assumed to be asked in vain, and what that was learned from."""

from bot.desk.knowledge.library import Library
from bot.desk.knowledge.traffic import FEWEST, TrafficLearner
from bot.domain.errors import FirstlineError
from bot.domain.knowledge.traffic import Traffic
from bot.server.settings import Settings
from bot.storage import is_there
from bot.storage.unit_of_work import units_of_work_at


def report_traffic(settings: Settings, library: Library) -> tuple[str, bool]:
    """Say how much no article answers and why that is assumed, and whether what was asked could be read."""
    trouble = ""
    try:
        learned = _learned(settings, library)
    except FirstlineError as error:
        learned, trouble = None, f"; what was asked cannot be read: {error}"
    assumed = learned or Traffic.assumed(library.snapshot.matcher.prior, settings.unanswered)
    line = (
        f"no article answers {assumed.mix.unanswered:.0%} of the questions "
        f"({assumed.mix.requests:.0%} are service requests), {_why(settings, learned)}{trouble}"
    )
    return line if trouble else f"{line}.", not trouble


def _learned(settings: Settings, library: Library) -> Traffic | None:
    if not is_there(settings.database_url):
        return None
    learner = TrafficLearner(units_of_work_at(settings.database_url), library, settings.max_wrong)
    return learner.learn(learner.read())


def _why(settings: Settings, learned: Traffic | None) -> str:
    if settings.unanswered is not None:
        return "as FIRSTLINE_UNANSWERED fixes it"
    if learned is None:
        return f"as is assumed before {FEWEST} were asked"
    languages = [f"{name} {mix.unanswered:.0%}" for name, mix in learned.by_language.items()]
    return f"by the newest {learned.questions}" + (f"; {', '.join(languages)}" if languages else "")
