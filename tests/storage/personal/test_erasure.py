"""Nothing is left of somebody who was erased: in no row, no file, not in chat; and every count stays."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.conversations.messages import Line, Reply
from bot.domain.people import Identity
from bot.storage import Database
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.export import Export
from bot.storage.personal.remains import drop_remains
from bot.storage.personal.search import search
from bot.storage.rows import reply_json
from bot.storage.rows.people import ERASED
from bot.storage.schema.messages import outbox
from bot.storage.schema.privacy import privacy_log
from bot.storage.schema.tables import people, texts, ticket_events
from tests.support.days.planted_words import (
    ANA,
    EVA,
    PLANTED,
    columns,
    counts,
    erase,
    figures,
    holding,
    play,
    remains,
    shown,
)
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.e2e.databases import on_sqlite
from tests.support.unknown import UNKNOWN

# What holds nothing that is anybody's: codes, the desk's own content, and ids that lead to nobody.
OF_NOBODY = """
    absences.token account_addresses.address_hash account_addresses.channel account_addresses.tenant
    join_log.by
    join_log.how join_log.kind join_requests.code_hash join_requests.state join_requests.token
    alerts.key alerts.severity alerts.source alerts.token alerts.url cards.receipt cards.room cards.url
     channel_memory.channel clusters.queue clusters.target
    conversations.anchor conversations.channel conversations.tenant decisions.candidates
    decisions.content_hash decisions.kind decisions.language decisions.matcher episodes.language
    episodes.offered episodes.presses episodes.state episodes.token episodes.tried files.channel
    files.media_type holds.channel holds.tenant identities.channel identities.tenant inbox.key
    inbox.kind inbox.ticket outage_notices.language outages.key outages.target outages.token
    outbox.error outbox.kind outbox.mark outbox.receipt outbox.status outbox.trace people.language
    outcomes.channel outcomes.language outcomes.outcome outcomes.queue outcomes.target
    day_figures.dimension day_figures.queue day_figures.value day_figures.figure
    ticket_figures.queue ticket_figures.language ticket_figures.channel ticket_figures.target
    shown_targets.reason shown_targets.target shown_targets.verdict verdicts.reason verdicts.target
    verdicts.verdict
    privacy_log.by privacy_log.counts privacy_log.kind privacy_log.stage promises.key promises.winnings
    mirrors.agreed mirrors.state
    relays.course roster_members.channel roster_members.room roster_members.tenant rosters.channel
    rosters.room sessions.grant_hash sessions.key_hash
    sessions.role sessions.sid_hash sessions.sign_in_hash shadow_verdicts.candidates
    shadow_verdicts.channel shadow_verdicts.kind
    shadow_verdicts.named signs.subject summaries.day summaries.queue ticket_events.channel
    ticket_events.detail ticket_events.kind ticket_fields.key ticket_fields.question tickets.channel
    tickets.language tickets.queue tickets.status tickets.target tickets.timed_for tickets.token
    tickets.why
    article_notices.sign article_notices.target article_notices.version article_versions.target
    article_versions.version learned_examples.approved_by learned_examples.confirmed
    learned_examples.digest learned_examples.language learned_examples.measure learned_examples.status
    learned_examples.taken_back_by learned_examples.target typed_drafts.base typed_drafts.source
""".split()
PLANTED_LATER = ["privacy_log.sought"]  # while it goes on


@pytest.fixture
def played(database: Database, library: Any, clock: Any) -> Helpdesk:
    desk = Helpdesk(database, library, clock, engineers=f"{EVA} eric")
    play(desk)
    return desk


@on_sqlite
def test_every_column_with_words_is_planted_or_holds_nobodys(played: Helpdesk) -> None:
    planted = holding(played.database)
    names = {f"{column.table.name}.{column.name}" for column in columns()}
    forgotten = names - set(OF_NOBODY) - planted - set(PLANTED_LATER)
    assert forgotten == set(), "plant it and let it be erased, or say that it is nobody's"
    assert set(OF_NOBODY) - names == set()
    assert planted & set(OF_NOBODY) == set()


def test_nothing_is_left_and_every_count_stays(played: Helpdesk, database_url: str) -> None:
    before = (counts(played.database), figures(played))
    assert shown(played)
    with played.database.engine.connect() as connection:  # as the database does by itself after a while
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("ANALYZE")
    erase(played, ANA)
    erase(played, EVA)
    played.clock.move(hours=1)
    played.deliver()
    assert holding(played.database) == set()
    assert (counts(played.database), figures(played)) == before
    assert shown(played) == []
    drop_remains(played.database, compact=False)
    assert remains(played.database, database_url) == []


@on_sqlite
def test_what_an_engineer_was_shown_of_their_words_goes_with_them(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.claimed("ana", "eva", f"{UNKNOWN} {PLANTED}", thread="1.0")
    helpdesk.click(
        "eva", helpdesk.button(helpdesk.card(ticket), "resolve"), inputs={"note": "Oiled."}, conversation=ROOM
    )
    helpdesk.click("eva", helpdesk.button(helpdesk.card(ticket), "draft"), conversation=ROOM)
    helpdesk.deliver()
    with helpdesk.database.transaction(reading=True) as db:
        shown_to_eva = select(texts.c.body).join(outbox, outbox.c.text_id == texts.c.id)
        (body,) = db.execute(shown_to_eva.where(outbox.c.private_to == "slack:T1/eva")).scalars()
        assert PLANTED in body
    erase(helpdesk, "ana")
    assert holding(helpdesk.database) == set()


def test_what_others_remember_stays(helpdesk: Helpdesk) -> None:
    with helpdesk.begin() as work:
        for channel, key in (
            ("slack", "profile:ana"),
            ("slack", "T2/profile:ana"),
            ("web", "installed by ana"),
        ):
            work.memory.remember(channel, key, "something")
    helpdesk.say("ana", f"{UNKNOWN} {PLANTED}")
    erase(helpdesk, "ana")
    with helpdesk.begin() as work:
        assert work.memory.recall("slack", "T1/profile:ana") is None
        assert work.memory.recall("web", "installed by ana") == "something"


def test_only_the_names_of_an_engineer_go_from_what_others_wrote(played: Helpdesk) -> None:
    erase(played, EVA)
    played.clock.move(hours=1)
    played.deliver()
    with played.database.transaction(reading=True) as db:
        bodies = db.execute(select(texts.c.body)).scalars().all()
    assert [body for body in bodies if EVA in body.lower()] == []
    assert any(f"{UNKNOWN} {PLANTED} 0" in body for body in bodies), "the question of somebody else stays"
    assert any(ERASED in text for text in played.texts_in(f"D{ANA}"))


@on_sqlite
@pytest.mark.parametrize("name", ["text", "Claim", 'Eva "the\\ax" O\'Hara', "Plantedeva (she/her)", "true"])
def test_a_name_is_taken_from_the_words_of_posts_and_never_from_their_form(
    played: Helpdesk, name: str
) -> None:
    with played.database.transaction() as db:
        db.execute(people.update().where(people.c.name == "Plantedeva").values(name=name))
        work_of_hers = outbox.c.ticket_id.in_(
            select(ticket_events.c.ticket_id).where(ticket_events.c.actor_id == 2)
        )
        theirs = select(outbox.c.text_id).where(outbox.c.kind == "reply", work_of_hers)
        first, second = db.execute(theirs.distinct().order_by(outbox.c.text_id).limit(2)).scalars()
        said = Reply((Line(f"so says {name}, twice: {name}"),), summary="not theirs")
        db.execute(texts.update().where(texts.c.id == first).values(body=reply_json.dump(said)))
        later = json.dumps({"blocks": [{"type": "hologram", "text": name}]})
        db.execute(texts.update().where(texts.c.id == second).values(body=later))
    erase(played, EVA)
    with played.database.transaction(reading=True) as db:
        bodies = db.execute(select(texts.c.body).where(texts.c.id.in_((first, second)))).scalars().all()
    assert [reply_json.load(body).blocks[0] for body in bodies] == [
        Line("so says […], twice: […]"),
        Line("[…]"),
    ]


def test_what_was_broken_off_goes_on(played: Helpdesk) -> None:
    erasure = Erasure(played.database, played.clock)
    with played.database.transaction(reading=True) as db:
        (found,) = search(db, "Plantedana")
    [number] = erasure.begin(found.id, "operator")
    for _ in range(3):
        Erasure(played.database, played.clock).step(number)
    assert Erasure(played.database, played.clock).unfinished() == (number,)
    with played.begin() as work:
        assert work.people.known(Identity("slack", "T1", ANA)) is None, "who writes now is somebody new"
    again = Erasure(played.database, played.clock)
    while not again.step(number).finished:
        played.clock.move(minutes=1)
        played.deliver()
    with played.database.transaction(reading=True) as db:
        assert search(db, "Plantedana") == []
        assert [one.id for one in search(db, f"person:{found.id}")] == [found.id]
        row = db.execute(select(privacy_log)).one()
    assert (row.kind, row.person_id, row.by, row.sought) == ("erase", found.id, "operator", {})
    assert row.counts["texts"] > 20


@on_sqlite
def test_what_one_erasure_has_gathered_is_nothing_to_the_next(played: Helpdesk) -> None:
    erasure = Erasure(played.database, played.clock)
    with played.database.transaction(reading=True) as db:
        both = [search(db, who)[0].id for who in (ANA, EVA)]
    [first] = erasure.begin(both[0], "operator")
    while erasure.step(first).stage != "unnamed":
        pass
    erasure.step(first)
    other = Erasure(played.database, played.clock)
    while not other.step(first).finished:
        played.clock.move(minutes=1)
        played.deliver()
    with played.begin() as work:
        number = work.texts.add(f"an earlier version {PLANTED}")
    [second] = erasure.begin(both[1], "operator")
    while not erasure.step(second).finished:
        played.clock.move(minutes=1)
        played.deliver()
    with played.begin() as work:
        assert work.texts.get(number) == ERASED


@on_sqlite
def test_people_are_found_by_what_an_operator_knows(played: Helpdesk) -> None:
    played.say("anton", "hello", channel="teams", sender_name="Planted Anton")
    with played.database.transaction(reading=True) as db:
        for sought in (f"slack:T1/{ANA}", ANA, "plantedana", "PLANTEDANA", "person:1"):
            assert [one.name for one in search(db, sought)] == ["Plantedana"], sought
        assert {one.name for one in search(db, "planted")} == {"Plantedana", "Plantedeva", "Planted Anton"}
        assert search(db, "teams:tenant/anton")[0].accounts == (Identity("teams", "tenant", "anton"),)
        for nobody in ("", "  ", "person:99", "person:x", "slack:T2/plantedana", "no-one"):
            assert search(db, nobody) == [], nobody


def test_an_export_has_all_that_was_written_and_the_names_of_files(played: Helpdesk) -> None:
    with played.database.transaction(reading=True) as db:
        exported = Export(db, search(db, ANA)[0].id).gather()
    text = json.dumps(exported, ensure_ascii=False)
    for number in (0, 1, 3, 6, 7, 8, 9, 12, 13, 14):
        assert re.search(rf"{PLANTED} {number}\b", text), number
    assert text.count(f"{PLANTED}.png") >= 2
    assert exported["person"]["accounts"] == [f"slack:T1/{ANA}"]
    assert {one["ticket"] for one in exported["tickets"]} >= {"HELP-1001", "HELP-1002"}


@on_sqlite
def test_an_export_has_each_answer_once_however_many_questions_a_chat_has(helpdesk: Helpdesk) -> None:
    for number in range(5):
        helpdesk.say("ana", "I forgot my password", channel="teams", message=f"m-{number}")
        helpdesk.clock.move(days=1)
    with helpdesk.database.transaction(reading=True) as db:
        ana = search(db, "ana")[0].id
        asked = Export(db, ana).gather()["questions"]
        posts = db.execute(select(outbox.c.text_id).where(outbox.c.kind == "reply")).all()
    answers = [len(one["answers"]) for one in asked]
    assert min(answers) >= 1
    assert (len(asked), sum(answers)) == (5, len(posts))
    with helpdesk.database.transaction() as db:
        db.execute(texts.update().where(texts.c.id == posts[0].text_id).values(body='{"later": 1}'))
        assert len(Export(db, ana).gather()["questions"]) == 5, (
            "what another version wrote is in nobody's way"
        )


@pytest.mark.parametrize(
    "change",
    ["kind = 'x'", "actor_id = NULL", "detail = '{}'", "actor_id = NULL, detail = '{}', channel = 'x'"],
)
def test_a_history_may_lose_its_people_and_nothing_else(played: Helpdesk, change: str) -> None:
    with pytest.raises(Exception, match="append-only"), played.database.transaction() as db:
        db.exec_driver_sql(f"UPDATE ticket_events SET {change} WHERE id = 1")  # noqa: S608  # written above
    with played.database.transaction() as db:
        db.exec_driver_sql("UPDATE ticket_events SET actor_id = NULL, detail = '{}' WHERE id = 1")
    with pytest.raises(Exception, match="append-only"), played.database.transaction() as db:
        db.exec_driver_sql("DELETE FROM ticket_events WHERE id = 1")
