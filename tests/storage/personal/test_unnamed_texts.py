"""Earlier versions of what people wrote are found by that nothing names them, whoever writes meanwhile."""

from bot.storage import Database
from bot.storage.personal.words import UnnamedTexts
from bot.storage.schema.tables import texts
from tests.support.desk.helpdesk import Helpdesk
from tests.support.e2e.databases import on_postgresql
from tests.support.unknown import UNKNOWN


def gathered(database: Database) -> list[int]:
    """The texts that nothing names."""
    with database.transaction(reading=True) as db:
        gathering = UnnamedTexts.begin(db)
        while gathering.look(db):
            pass
    return gathering.found()


def test_only_what_nothing_names_is_found(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    with helpdesk.database.transaction() as db:
        db.execute(texts.delete().where(texts.c.id.in_(gathered(helpdesk.database))))
    assert gathered(helpdesk.database) == []
    with helpdesk.begin() as work:
        unnamed = [work.texts.add("an earlier version"), work.texts.add("one more")]
    assert gathered(helpdesk.database) == unnamed


@on_postgresql
def test_what_is_being_written_is_never_taken_for_unnamed(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    with helpdesk.begin() as work:
        episode = work.episodes.get(1)
        said = work.episodes.add_message(episode, helpdesk.utterance("tom", "x"), 1, "still being written")
        with helpdesk.database.transaction() as db:
            later = db.execute(texts.insert().values(body="later").returning(texts.c.id)).scalar_one()
        assert said < later
        with helpdesk.database.transaction(reading=True) as db:
            gathering = UnnamedTexts.begin(db)
            for _ in range(3):
                gathering.look(db)
    with helpdesk.database.transaction(reading=True) as db:
        while gathering.look(db):
            pass
    assert said not in gathering.found()
    assert later in gathering.found()
