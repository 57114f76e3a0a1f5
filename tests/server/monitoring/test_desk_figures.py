"""What /metrics says of the desk's work: questions, verdicts, tickets, by queue, in business time."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from bot.desk.knowledge.library import Library
from bot.domain.tickets.queues import Queue, Queues
from bot.server.monitoring.desk_figures import DeskFigures
from bot.server.monitoring.desk_metrics import DeskMetrics
from bot.storage import Database
from bot.storage.unit_of_work import units_of_work
from tests.support.clock import Clock
from tests.support.desk.claimed_tickets import resolved
from tests.support.desk.engineers import claim, resolve
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.passing_time import OFFICE, TARGETS, at, pass_to
from tests.support.desk.promise import SURE, judge
from tests.support.unknown import OTHER, UNKNOWN


def desk_of(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """A desk with one queue in Madrid, on a Monday at ten."""
    clock.now = at("2026-03-02 10:00")
    queue = Queue("it", {"en": "IT desk"}, hours=OFFICE, targets=TARGETS)
    return Helpdesk(database, library, clock, queues=Queues({"it": queue}, "it"))


@pytest.fixture
def office(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return desk_of(database, library, clock)


def figures(helpdesk: Helpdesk) -> CollectorRegistry:
    """What was counted of all that was committed."""
    registry = CollectorRegistry()
    DeskFigures(DeskMetrics(registry), helpdesk.library).committed(helpdesk.facts)
    return registry


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    return registry.get_sample_value(f"firstline_{name}", labels) or 0.0


def total(registry: CollectorRegistry, name: str) -> float:
    """All series of a metric together."""
    return sum(
        sample.value
        for metric in registry.collect()
        for sample in metric.samples
        if sample.name == f"firstline_{name}"
    )


def series(registry: CollectorRegistry) -> set[object]:
    """Each series by its name and labels."""
    samples = (sample for metric in registry.collect() for sample in metric.samples)
    return {(sample.name, *sorted(sample.labels.items())) for sample in samples}


def test_a_question_is_counted_once_with_its_first_decision_and_confidence(office: Helpdesk) -> None:
    office.say("ana", SURE, thread="1.0")
    office.say("ana", "it does not help", thread="1.0")
    office.say("tom", UNKNOWN)
    office.say("cat", "I want to talk to a person")
    office.say("dan", "hello")
    found = figures(office)
    assert value(found, "questions_total", queue="it", decision="answer") == 1
    assert value(found, "questions_total", queue="it", decision="ticket") == 1
    assert value(found, "questions_total", queue="it", decision="person") == 1
    assert total(found, "questions_total") == 3, "small talk asks nothing"
    assert total(found, "confidence_count") == 2
    assert value(found, "confidence_bucket", decision="answer", le="0.5") == 0
    opened = {"queue": "it", "by": "employee"}
    for after in ("answer", "question", "nothing"):
        assert value(found, "tickets_opened_total", **opened, after=after) == 1


def test_what_employees_say_of_answers_is_counted_without_a_certainty_too(office: Helpdesk) -> None:
    judge(office, "ana", "solved")
    judge(office, "tom", "person")
    found = figures(office)
    assert value(found, "judged_confidence_count", verdict="helped") == 1
    assert value(found, "judged_confidence_count", verdict="not_helped") == 1


def test_responses_and_resolutions_are_measured_in_business_time(office: Helpdesk) -> None:
    office.say("ana", UNKNOWN)
    pass_to(office, "2026-03-02 10:20")
    claim(office)
    pass_to(office, "2026-03-02 17:00")  # two hours of it the office is closed
    resolve(office)
    found = figures(office)
    assert value(found, "first_response_seconds_sum", queue="it") == 20 * 60
    assert value(found, "first_response_seconds_count", queue="it") == 1
    assert value(found, "resolution_seconds_sum", queue="it") == 5 * 3600
    assert value(found, "tickets_closed_total", queue="it", how="resolved") == 1


def test_a_ticket_that_is_given_back_has_one_first_response(office: Helpdesk) -> None:
    office.say("ana", UNKNOWN)
    claim(office)
    office.click("eva", office.button(office.card("HELP-1001"), "release"))
    claim(office, by="eric")
    assert value(figures(office), "first_response_seconds_count", queue="it") == 1


def test_missed_targets_reopenings_and_withdrawals_are_counted(office: Helpdesk) -> None:
    resolved(office)
    office.say("ana", "it is broken again, same problem", thread="1.0")
    office.say("tom", OTHER, thread="2.0")
    pass_to(office, "2026-03-03 12:00")
    found = figures(office)
    assert value(found, "tickets_reopened_total", queue="it") == 1
    assert value(found, "targets_missed_total", queue="it", target="first_response") == 1
    office.say("tom", "cancel HELP-1002", thread="2.0")
    assert value(figures(office), "tickets_closed_total", queue="it", how="withdrawn") == 1


def test_what_is_rolled_back_is_not_counted(office: Helpdesk) -> None:
    told: list[object] = []
    begin = units_of_work(office.database, told.extend)
    office.say("ana", UNKNOWN)

    def noted(fails: int) -> None:
        with begin() as work:
            work.facts += office.facts
            assert 1 / fails

    with pytest.raises(ZeroDivisionError):
        noted(0)
    assert told == []
    noted(1)
    assert told == office.facts


def test_the_backlog_is_shown_by_queue_and_what_is_gone_is_the_default_ones(office: Helpdesk) -> None:
    for person, text in (("ana", UNKNOWN), ("tom", OTHER)):
        office.say(person, text)
    claim(office)
    with office.begin() as work:
        ticket = work.tickets.get(2)
        assert ticket is not None
        assert work.assignments.transfer(ticket, "gone")
    office.clock.move(hours=1, minutes=1)
    with office.begin.reading() as work:
        counts = work.schedule.count_all(office.clock())
    assert {one.queue for one in counts} == {"it", "gone"}
    registry = CollectorRegistry()
    metrics = DeskMetrics(registry)
    metrics.show_queues(counts, office.library.snapshot.content, office.clock())
    assert value(registry, "queue_tickets", queue="it", status="open") == 1
    assert value(registry, "queue_tickets", queue="it", status="claimed") == 1
    assert value(registry, "queue_overdue", queue="it", target="first_response") == 1
    assert value(registry, "queue_overdue", queue="it", target="resolution") == 0
    assert (
        value(registry, "queue_oldest_seconds", queue="it") == timedelta(hours=1, minutes=1).total_seconds()
    )
    metrics.forget_queues()
    assert total(registry, "queue_tickets") == 0


def test_what_has_not_happened_yet_is_zero_and_labels_stay_few(office: Helpdesk) -> None:
    registry = CollectorRegistry()
    metrics = DeskMetrics(registry)
    metrics.prepare(office.library.snapshot.content.queue_names)
    before = series(registry)
    counter = DeskFigures(metrics, office.library)
    for number in range(3):
        office.say(f"ana{number}", UNKNOWN)
        judge(office, f"tom{number}", "solved")
    counter.committed(office.facts)
    assert series(registry) == before, "every series of a queue is there from the start"
