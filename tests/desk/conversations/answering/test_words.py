"""What a person said is kept once, and stays as it was said."""

from sqlalchemy import select

from bot.domain.conversations.messages import Addressed, OutcomeKind
from bot.storage.schema.tables import episodes, texts, tickets, utterances
from tests.support.desk.helpdesk import Helpdesk
from tests.support.unknown import UNKNOWN

VAGUE, MORE = "it does not work", UNKNOWN


def test_a_question_its_utterance_and_its_ticket_share_a_row(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", MORE)
    with helpdesk.database.transaction() as connection:
        rows = connection.execute(select(texts.c.id).where(texts.c.body == MORE)).scalars().all()
        used = {
            connection.execute(select(column)).scalar_one()
            for column in (episodes.c.question_id, utterances.c.text_id, tickets.c.question_id)
        }
    assert set(rows) == used
    assert len(rows) == 1


def test_a_question_that_grows_leaves_what_was_said(helpdesk: Helpdesk) -> None:
    asked = helpdesk.say("ana", VAGUE, thread="1.0")
    assert asked.kind is OutcomeKind.ASKED
    helpdesk.say("ana", MORE, thread="1.0", addressed=Addressed.THREAD)
    with helpdesk.database.transaction() as connection:
        said = select(texts.c.body).join(utterances, utterances.c.text_id == texts.c.id)
        assert connection.execute(said.order_by(utterances.c.id)).scalars().all() == [VAGUE, MORE]
        question = select(texts.c.body).join(episodes, episodes.c.question_id == texts.c.id)
        assert connection.execute(question).scalar_one() == f"{VAGUE}\n{MORE}"
