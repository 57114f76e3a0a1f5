"""Tells what is promised of answers, and whether it still holds."""

from collections.abc import Iterator

from bot.desk.knowledge.library import Library
from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.errors import DatabaseNotReady
from bot.domain.knowledge.promise import Certificate, Promise, PromiseState
from bot.server.settings import Settings
from bot.storage.unit_of_work import units_of_work_at

CLOSED = "nothing is answered: articles are offered as a choice, or a ticket is opened"


def certificate_line(settings: Settings, library: Library, promise: Promise) -> tuple[str, bool]:
    """Say what the labelled questions certify, and whether they do."""
    certificate: Certificate = library.snapshot.matcher.certificate(promise)  # type: ignore[attr-defined]  # our own matcher has it
    if certificate.threshold is None:
        return f"{_wording(promise)}: not certified, so {CLOSED}. {_needed(certificate)}", False
    answer_from = max(certificate.threshold, settings.answer_from or 0)
    return (
        f"{_wording(promise)}: certified from a confidence of {answer_from:.2f} on; "
        f"from {certificate.threshold:.2f} on, {certificate.wrong} of {certificate.answered} answers to "
        f"{certificate.labelled} labelled questions are wrong."
    ), True


def state_line(settings: Settings, library: Library, promise: Promise) -> tuple[str, bool]:
    """Say what the judged answers show, and whether the promise is open; raise `DatabaseNotReady`."""
    state = _read(units_of_work_at(settings.database_url, reading=True), _key(settings, library))
    found = state.evidence
    figures = (
        f"{found.wrong} of {found.judged} judged answers were wrong; the evidence that it is broken is "
        f"{found.total:.2f} of {promise.limit:.0f}"
    )
    if state.closed_at is None:
        return f"{figures}: it is open.", True
    since = state.closed_at.isoformat(timespec="minutes")
    return (
        f"{figures}: closed since {since}, so {CLOSED}. Label questions that were answered wrongly "
        "(FIRSTLINE_QUESTIONS) and run `firstline tune`; `firstline promise --reopen` opens it without."
    ), False


def reopen_promise(settings: Settings, library: Library) -> None:
    """Begin the watch over the promise anew; raise `DatabaseNotReady`."""
    key = _key(settings, library)
    with units_of_work_at(settings.database_url)() as work:
        work.promises.lock(key)
        work.promises.save(key, PromiseState())


def report_promise(settings: Settings, library: Library) -> Iterator[tuple[str, bool]]:
    """Say everything about the promise, each line with whether all is well; nothing without a certainty."""
    promise = PromiseWatch(library, settings.tolerance).promise
    if promise is None:
        return
    yield certificate_line(settings, library, promise)
    try:
        yield state_line(settings, library, promise)
    except DatabaseNotReady as error:
        yield f"whether it still holds is not known: {error}", False


def _wording(promise: Promise) -> str:
    return f"at most {promise.max_wrong:.1%} of the answers are wrong, with {promise.certainty:.1%} certainty"


def _needed(certificate: Certificate) -> str:
    if certificate.needed is None:
        return (
            f"More labelled questions like these {certificate.labelled} would not change that: too many are "
            "answered wrongly. Improve the content, or tolerate more."
        )
    more = max(certificate.needed - certificate.labelled, 1)
    return (
        f"At least about {more} more labelled questions are needed "
        f"(FIRSTLINE_QUESTIONS has {certificate.labelled})."
    )


def _key(settings: Settings, library: Library) -> str:
    return PromiseWatch(library, settings.tolerance).key


def _read(begin: UnitsOfWork, key: str) -> PromiseState:
    with begin.reading() as work:
        return work.promises.read(key)
