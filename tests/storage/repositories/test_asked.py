"""What is kept of decisions for learning how much is asked in vain, and which of it is read."""

from dataclasses import replace

from sqlalchemy import event, select, update

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed
from bot.domain.knowledge.shadow import NO_ARTICLE
from bot.domain.knowledge.traffic import AskedQuestion
from bot.storage import Database
from bot.storage.schema.tables import decisions
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.promise import button_of
from tests.support.desk.shadow import SURE, UNSURE, resolve
from tests.support.unknown import UNKNOWN


def read(helpdesk: Helpdesk, limit: int = 10, matcher: str = "") -> tuple[AskedQuestion, ...]:
    version = matcher or helpdesk.library.snapshot.matcher.version
    with helpdesk.begin.reading() as work:
        return work.episodes.newest_asked(version, limit)


def test_the_newest_first_decisions_are_read_as_they_were_made(helpdesk: Helpdesk) -> None:
    assert read(helpdesk) == ()
    helpdesk.say("ana", SURE, thread="1.0")
    helpdesk.say("ana", "that did not help", thread="1.0", addressed=Addressed.THREAD)
    helpdesk.say("bob", UNKNOWN)
    unknown, sure = (one.result for one in read(helpdesk))
    asked = helpdesk.library.match(SURE)
    assert (sure.language, sure.mix) == ("en", asked.mix)
    assert sure.nothing == round(asked.nothing, 4)
    assert sure.matches[0].target == "password-reset"
    assert [one.confidence for one in sure.matches[:10]] == [
        round(one.confidence, 4) for one in asked.matches[:10]
    ]
    assert unknown.nothing > 0.5 > sure.nothing
    assert [one.result for one in read(helpdesk, limit=1)] == [unknown]
    assert read(helpdesk, matcher="words-0") == (), "what another version was asked is another's"


def test_what_is_too_vague_is_no_question_yet(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "it does not work", thread="1.0")
    assert read(helpdesk) == ()
    helpdesk.say("ana", SURE, thread="1.0", addressed=Addressed.THREAD)
    [asked] = read(helpdesk)
    assert asked.result.matches[0].target == "password-reset"


def test_rows_from_before_are_left_out(helpdesk: Helpdesk) -> None:
    for name in ("ana", "bob"):
        helpdesk.say(name, SURE)
    old = dict.fromkeys(("none_fits", "mix_answers", "mix_requests", "mix_nothing"))
    with helpdesk.database.transaction() as connection:
        connection.execute(update(decisions).where(decisions.c.id == 1).values(old))
    assert len(read(helpdesk)) == 1


def test_an_answer_that_helped_is_known(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", SURE)
    assert [one.helped for one in read(helpdesk)] == [None]
    helpdesk.click("ana", button_of(helpdesk, "ana", "solved"))
    assert [one.helped for one in read(helpdesk)] == ["password-reset"]


def test_the_verdict_of_an_engineer_is_known(database: Database, library: Library, clock: Clock) -> None:
    shadowed = Helpdesk(database, library, clock, shadow="all")
    for name in ("ana", "bob", "tom"):
        shadowed.say(name, UNSURE)
    resolve(shadowed, "HELP-1001", article="none")
    resolve(shadowed, "HELP-1002", other="password-reset")
    assert [one.helped for one in read(shadowed)] == [None, "password-reset", NO_ARTICLE]


def test_what_holds_under_no_mix_is_stored_without_one(
    database: Database, library: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, library, clock)
    result = replace(library.match(SURE), mix=None)
    helpdesk.say("ana", SURE)
    with helpdesk.begin() as work:
        work.episodes.add_decision(1, clock(), "answer", result, "hash", "matcher")
    with database.transaction() as connection:
        row = connection.execute(select(decisions).where(decisions.c.matcher == "matcher")).one()
    assert (row.none_fits, row.mix_answers, row.mix_requests, row.mix_nothing) == (None,) * 4


def test_reading_goes_by_the_newest_ids(helpdesk: Helpdesk) -> None:
    database, seen = helpdesk.database, []
    event.listen(database.engine, "before_cursor_execute", lambda *given: seen.append(given[2:4]))
    read(helpdesk)
    [(statement, values)] = [given for given in seen if "FROM decisions" in given[0]]
    with database.transaction() as connection:
        if not database.sqlite:  # which chooses its plans by the tables' size
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN" if database.sqlite else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{explain} {statement}", values).all()
    plan = [str(row[-1]).strip() for row in rows]
    assert [line for line in plan if line.startswith("SCAN") or "Seq Scan" in line] == []
    for used in ("INTEGER PRIMARY KEY" if database.sqlite else "pk_decisions", "ix_decisions_episode_id"):
        assert any(used in line for line in plan), plan
