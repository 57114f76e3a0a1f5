"""An engineer and the employee who write at the same moment: neither undoes what the other has done."""

from dataclasses import replace
from threading import Thread

import pytest
from sqlalchemy import text

from bot.domain.conversations.messages import Outcome
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.records import ticket
from tests.support.unknown import OTHER

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


@pytest.mark.postgresql
def test_an_engineers_words_leave_the_conversation_as_the_employee_has_it(across: Helpdesk) -> None:
    if across.database.sqlite:
        pytest.skip("there, whoever writes is alone")
    across.claimed()
    across.clock.move(seconds=5)
    written, outcomes = across.written("eva", "Which colour is it?"), list[Outcome]()
    engineer = Thread(target=lambda: outcomes.append(across.desk.intake.receive(written)))
    with across.begin() as work:
        episode = work.episodes.get(ticket(across).episode_id)
        work.conversations.lock((episode.conversation_id,))
        engineer.start()
        with across.database.engine.connect() as watcher:
            while not watcher.execute(WAITING).scalar_one():
                watcher.rollback()
        theirs = replace(episode, clicks=("unclear",), asked=not episode.asked, post_id=1)
        work.episodes.save(theirs)
    engineer.join()
    with across.begin() as work:
        now = work.episodes.get(episode.id)
    assert [outcome.kind for outcome in outcomes] == ["relayed"]
    assert replace(now, last_at=episode.last_at) == theirs
    assert now.last_at > episode.last_at


def test_what_is_separated_while_the_engineer_writes(across: Helpdesk) -> None:
    """The button under the sign of a message stays good, whatever the engineer has written meanwhile."""
    across.claimed()
    across.say("ana", OTHER)
    button = across.button(across.last("ana"), "separate")
    across.writes("eva", "Which colour is it?")
    assert across.click("ana", button).ticket == "HELP-1002"
