"""The queue as engineers ask for it, and the summary of the morning."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import update

from bot.desk.knowledge.library import Library
from bot.desk.knowledge.traffic import FEWEST
from bot.domain.conversations.commands import Command, parse_command
from bot.domain.conversations.messages import OutcomeKind
from bot.domain.knowledge.traffic import Share, Traffic
from bot.domain.people import Identity
from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Queue, Queues, Target
from bot.domain.tickets.rota import Rota
from bot.domain.tickets.ticket import Priority
from bot.storage import Database
from bot.storage.schema.tables import tickets
from tests.support.clock import Clock
from tests.support.desk.engineers import claim
from tests.support.desk.helpdesk import ROOM, Helpdesk, text_of
from tests.support.desk.passing_time import MADRID, at
from tests.support.desk.places import in_room
from tests.support.unknown import UNKNOWN

HOURS = Hours(MADRID, ((Span(540, 1140),),) * 5 + ((), ()), is_holiday={date(2026, 3, 19)}.__contains__)
TARGETS = dict.fromkeys(Priority, Target(timedelta(hours=1), timedelta(hours=8)))
IT = Queue("it", {"en": "IT desk", "es": "Informática"}, hours=HOURS, targets=TARGETS, summary=time(9, 0))
NET = Queue("net", {"en": "Network"}, {"slack": "CNET"}, (Identity("slack", "T1", "nora"),))
Play = Callable[..., Helpdesk]


@pytest.fixture
def play(database: Database, library: Library, clock: Clock) -> Play:
    clock.now = at("2026-03-02 10:00")

    def make(*queues: Queue) -> Helpdesk:
        chosen = {queue.id: queue for queue in queues or (IT,)}
        return Helpdesk(database, library, clock, queues=Queues(chosen, next(iter(chosen))))

    return make


def queue_of(helpdesk: Helpdesk, who: str, words: str = "queue") -> str:
    outcome = helpdesk.say(who, words, inline=True)
    assert outcome.kind is OutcomeKind.DONE
    assert outcome.notice is not None
    return text_of(outcome.notice)


@pytest.mark.parametrize("words", ["queue", "The queue", "show the queue!", "cola", "ver la cola", "¿cola?"])
def test_the_queue_is_asked_for_in_both_languages(words: str) -> None:
    found = parse_command(words)
    assert found is not None
    assert found.command is Command.QUEUE


@pytest.mark.parametrize("words", ["the printer queue is stuck", "queue up", "cola de impresión"])
def test_a_sentence_about_a_queue_is_no_command(words: str) -> None:
    assert parse_command(words) is None


def test_open_mine_and_pressing_by_priority_and_age(play: Play, database: Database) -> None:
    helpdesk = play()
    for name in ("ana", "bob", "cat"):
        helpdesk.say(name, UNKNOWN)
        helpdesk.clock.move(minutes=10)
    with database.transaction() as connection:
        connection.execute(update(tickets).where(tickets.c.id == 3).values(priority=int(Priority.URGENT)))
    claim(helpdesk, "HELP-1002")
    lines = queue_of(helpdesk, "eva").splitlines()
    assert lines == [
        "The queue",
        "2 open, 1 claimed, 0 overdue",
        "Yours",
        "HELP-1002 · Normal · Bob · Eva · 20 minutes ago · due: Mar 2, 2026, 5:10:00\u202fPM UTC",
        "Overdue or due soon",
        "HELP-1001 · Normal · Ana · nobody · 30 minutes ago · due: Mar 2, 2026, 10:00:00\u202fAM UTC",
        "HELP-1003 · Urgent · Cat · nobody · 10 minutes ago · due: Mar 2, 2026, 10:20:00\u202fAM UTC",
        "Open",
        "HELP-1003 · Urgent · Cat · nobody · 10 minutes ago · due: Mar 2, 2026, 10:20:00\u202fAM UTC",
        "HELP-1001 · Normal · Ana · nobody · 30 minutes ago · due: Mar 2, 2026, 10:00:00\u202fAM UTC",
    ]
    helpdesk.clock.now = at("2026-03-02 11:05")
    assert "1 overdue" in queue_of(helpdesk, "eric")
    assert "Ana · nobody · 1 hour ago · was due" in queue_of(helpdesk, "eric")
    assert "2 abiertos, 1 en curso, 1 con retraso" in queue_of(helpdesk, "eric", "cola")


def test_an_engineer_sees_their_own_queues_and_nobody_else_any(play: Play, database: Database) -> None:
    helpdesk = play(replace(IT, engineers=(Identity("slack", "T1", "eva"),)), NET)
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("bob", UNKNOWN)
    with database.transaction() as connection:
        connection.execute(update(tickets).where(tickets.c.id == 2).values(queue="net"))
    assert "HELP-1001" in queue_of(helpdesk, "eva")
    assert "HELP-1002" not in queue_of(helpdesk, "eva")
    assert "HELP-1002" in queue_of(helpdesk, "nora")
    assert "HELP-1001" not in queue_of(helpdesk, "nora")
    refused = helpdesk.say("ana", "queue")
    assert refused.kind is OutcomeKind.REFUSED
    assert "Only engineers" in text_of(helpdesk.last("ana"))
    assert "HELP-100" not in text_of(helpdesk.last("ana"))


def test_where_others_read_along_only_the_engineer_sees_it(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("eva", "queue", conversation=ROOM)
    [private] = [shown for shown in helpdesk.screen.values() if shown.private_to]
    assert private.private_to == Identity("slack", "T1", "eva")
    assert "HELP-1001" in text_of(private.reply)


def test_without_a_file_there_is_a_queue_too(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    assert "HELP-1001 · Normal · Ana · nobody · 1 second ago" in queue_of(helpdesk, "eva")


# --- the morning --------------------------------------------------------------------------------------


def morning(helpdesk: Helpdesk, wall: str) -> list[str]:
    """What the room reads after a look at this time."""
    helpdesk.clock.now = at(wall)
    helpdesk.desk.summaries.round()
    helpdesk.deliver()
    return [told for told in in_room(helpdesk) if told.startswith("Good morning")]


def test_a_summary_comes_once_on_each_day_that_opens(play: Play) -> None:
    rota = Rota(datetime.fromisoformat("2026-03-02"), (Identity("slack", "T1", "eric"),))
    helpdesk = play(replace(IT, rota=rota))
    helpdesk.say("ana", UNKNOWN)
    assert len(morning(helpdesk, "2026-03-03 08:59")) == 0
    [told] = morning(helpdesk, "2026-03-03 09:00")
    assert told.splitlines()[:3] == ["Good morning: IT desk", "1 open, 0 claimed, 1 overdue", "On call: eric"]
    assert "HELP-1001" in told
    for wall, count in (
        ("2026-03-03 09:01", 1),
        ("2026-03-04 16:00", 1),  # too late for a morning
        ("2026-03-07 09:00", 1),  # a Saturday
        ("2026-03-19 09:00", 1),  # a holiday
        ("2026-03-27 09:30", 2),
        ("2026-03-30 09:00", 3),  # after the clocks were put forward
    ):
        assert len(morning(helpdesk, wall)) == count, wall


def test_the_summary_says_how_much_no_article_answers(play: Play) -> None:
    helpdesk = play(IT, replace(NET, summary=time(9, 0), hours=HOURS))
    helpdesk.library.learned = Traffic(
        questions=300, by_queue={"it": Share(0.364, 250), "net": Share(0.9, FEWEST - 1)}
    )
    told, *others = morning(helpdesk, "2026-03-03 09:00")
    assert others == [], "the rooms of the network are elsewhere"
    assert told.splitlines() == [
        "Good morning: IT desk",
        "0 open, 0 claimed, 0 overdue",
        "Of the last 250 questions on this queue's topics, no article answers about 36 %.",
    ]
    network = [text for text in helpdesk.texts_in("CNET") if text.startswith("Good morning")]
    assert ["no article" in text for text in network] == [False], "too few to say anything"


def test_who_is_on_call_and_has_never_spoken_is_named_as_the_rooms_know_them(play: Play) -> None:
    eric = Identity("slack", "T1", "eric")
    helpdesk = play(replace(IT, rota=Rota(datetime.fromisoformat("2026-03-02"), (eric,))))
    with helpdesk.begin() as work:
        work.rosters.replace(ROOM, [eric], helpdesk.clock(), {eric: "Eric Ek"})
    [told] = morning(helpdesk, "2026-03-03 09:00")
    assert "On call: Eric Ek" in told


def test_a_restart_and_other_replicas_sum_up_nothing_again(play: Play) -> None:
    helpdesk = play()
    helpdesk.clock.now = at("2026-03-03 09:00")
    replicas = [play() for _ in range(4)]
    helpdesk.clock.now = at("2026-03-03 09:00")
    start = threading.Barrier(len(replicas))

    def look(replica: Helpdesk) -> None:
        start.wait()
        replica.desk.summaries.round()

    threads = [threading.Thread(target=look, args=(replica,)) for replica in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(morning(helpdesk, "2026-03-03 09:05")) == 1
