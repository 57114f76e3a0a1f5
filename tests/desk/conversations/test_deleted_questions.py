"""Of a question that its author deleted no word is left, whatever has become of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.domain.conversations.messages import Addressed, Attachment, ConversationRef, OutcomeKind, Utterance
from bot.domain.tickets.ticket import Status
from bot.storage.schema.columns import metadata
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import texts, utterances
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outages import begin
from tests.support.desk.records import kinds, ticket
from tests.support.unknown import ALIKE, UNKNOWN

PLANTED = "planted-7f3a"
ASKED = f"{UNKNOWN}\nthe label says {PLANTED}"
CHANNELS = ["slack", "teams"]
HELP = ConversationRef("slack", "T1", "CHELP", "9.0", private=False)


def everything(helpdesk: Helpdesk) -> str:
    """Every value of every table."""
    with helpdesk.database.engine.connect() as connection:
        return "\n".join(
            str(row) for table in metadata.sorted_tables for row in connection.execute(table.select())
        )


def everywhere(helpdesk: Helpdesk) -> str:
    """Everything that any place shows."""
    return "\n".join(f"{text_of(shown.reply)}\n{shown.reply.summary}" for shown in helpdesk.screen.values())


def asks(helpdesk: Helpdesk, channel: str, text: str = ASKED, message: str = "m-1", **more: Any) -> Utterance:
    """Ana writes, and is answered; in Slack in the thread of her first message."""
    thread = "1.0" if channel == "slack" else ""
    said = helpdesk.utterance("ana", text, channel=channel, thread=thread, message=message, **more)
    helpdesk.desk.intake.receive(said)
    helpdesk.deliver()
    helpdesk.clock.move(seconds=20)
    return said


def is_gone(helpdesk: Helpdesk) -> None:
    """Nothing holds or shows the words."""
    assert PLANTED not in everything(helpdesk)
    assert PLANTED not in everywhere(helpdesk)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_ticket_that_nobody_works_on_goes_with_its_question(helpdesk: Helpdesk, channel: str) -> None:
    said = asks(helpdesk, channel)
    assert PLANTED in text_of(helpdesk.card("HELP-1001"))
    assert helpdesk.deletes(said).kind is OutcomeKind.DONE
    is_gone(helpdesk)
    assert ticket(helpdesk).status is Status.WITHDRAWN
    assert "Ana has deleted this question." in text_of(helpdesk.card("HELP-1001"))
    assert "You have deleted your question, so HELP-1001 is cancelled" in text_of(
        helpdesk.last("ana", channel)
    )
    assert helpdesk.deletes(said).kind is OutcomeKind.IGNORED


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_claimed_ticket_stays_and_says_so(helpdesk: Helpdesk, channel: str) -> None:
    said = asks(helpdesk, channel)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    helpdesk.deletes(said)
    is_gone(helpdesk)
    assert ticket(helpdesk).status is Status.CLAIMED
    card = helpdesk.card("HELP-1001")
    assert "Ana has deleted this question." in text_of(card)
    assert "resolve" in buttons_of(card)
    assert "Ana has deleted an earlier message in HELP-1001." in helpdesk.texts_in("CROOM")[-1]
    helpdesk.writes("eva", "Can I still help?")
    assert "Can I still help?" in text_of(helpdesk.last("ana", channel))


def test_a_closed_ticket_loses_the_words(helpdesk: Helpdesk) -> None:
    said = asks(helpdesk, "slack")
    claim = helpdesk.button(helpdesk.card("HELP-1001"), "claim")
    helpdesk.click("eva", claim, conversation=ROOM)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "Done"})
    before = kinds(helpdesk)
    helpdesk.deletes(said)
    is_gone(helpdesk)
    assert (ticket(helpdesk).status, kinds(helpdesk)) == (Status.RESOLVED, before)
    assert "Ana has deleted this question." in text_of(helpdesk.card("HELP-1001"))


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("which", ["first", "second", "third"])
def test_of_several_messages_only_one_goes(helpdesk: Helpdesk, channel: str, which: str) -> None:
    texts = {name: f"{UNKNOWN} {name}" for name in ("first", "second", "third")} | {which: ASKED}
    said = {name: asks(helpdesk, channel, text, f"m-{name}") for name, text in texts.items()}
    assert PLANTED in text_of(helpdesk.card("HELP-1001"))
    helpdesk.deletes(said[which])
    is_gone(helpdesk)
    assert ticket(helpdesk).status is Status.OPEN
    card = text_of(helpdesk.card("HELP-1001"))
    for name in set(texts) - {which}:
        assert f"{UNKNOWN} {name}" in card
    for name in set(texts) - {which}:
        helpdesk.deletes(said[name])
    assert ticket(helpdesk).status is Status.WITHDRAWN
    assert UNKNOWN not in everything(helpdesk)


@pytest.mark.parametrize("text", ["my account is locked", "vpn", "it does not work"])
def test_an_answered_question_leaves_its_answer(helpdesk: Helpdesk, text: str) -> None:
    said = asks(helpdesk, "teams", text)
    before = everywhere(helpdesk)
    helpdesk.deletes(said)
    assert everywhere(helpdesk) == before
    with helpdesk.database.engine.connect() as connection:
        assert text not in list(connection.exec_driver_sql("SELECT body FROM texts").scalars())


def test_what_was_offered_in_a_help_channel(helpdesk: Helpdesk) -> None:
    said = helpdesk.utterance(
        "ana",
        f"the flurbostat seems broken today {PLANTED}",
        conversation=HELP,
        addressed=Addressed.HELP,
        message="9.0",
    )
    helpdesk.desk.intake.receive(said)
    helpdesk.deliver()
    assert PLANTED in everything(helpdesk)
    helpdesk.deletes(said)
    assert PLANTED not in everything(helpdesk)


def merged(helpdesk: Helpdesk) -> None:
    """Ana's ticket is merged into Tom's."""
    helpdesk.say("tom", "I need a person please", thread="5.0")
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    merge = helpdesk.button(helpdesk.card("HELP-1001"), "merge")
    helpdesk.click("eva", merge, conversation=ROOM, inputs={"ticket": "HELP-1002"})


def transferred(helpdesk: Helpdesk) -> None:
    """An engineer copies the words into a note, and gives the ticket back."""
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "release"), conversation=ROOM)


def outage(helpdesk: Helpdesk) -> None:
    """An outage begins with the ticket."""
    assert begin(helpdesk).kind is OutcomeKind.DONE


def lead(helpdesk: Helpdesk) -> None:
    """Another ticket stands behind its card."""
    helpdesk.say("tom", ALIKE, thread="5.0")


@pytest.mark.parametrize("become", [merged, transferred, outage, lead])
def test_whatever_has_become_of_the_ticket(helpdesk: Helpdesk, become: Callable[[Helpdesk], None]) -> None:
    said = asks(helpdesk, "slack")
    become(helpdesk)
    assert PLANTED in everything(helpdesk)
    helpdesk.deletes(said)
    is_gone(helpdesk)


@pytest.mark.parametrize("channel", CHANNELS)
def test_one_that_was_edited_in_between(helpdesk: Helpdesk, channel: str) -> None:
    said = asks(helpdesk, channel)
    for text in (f"{ASKED} once", f"{ASKED} twice"):
        helpdesk.clock.move(seconds=5)
        helpdesk.edits(said, text)
    assert f"{ASKED} twice" in everywhere(helpdesk)
    helpdesk.clock.move(seconds=5)
    helpdesk.deletes(said)
    is_gone(helpdesk)


def test_one_that_was_edited_before_it_came(helpdesk: Helpdesk) -> None:
    said = helpdesk.utterance("ana", UNKNOWN, channel="teams", message="m-1")
    helpdesk.edits(said, f"{UNKNOWN} {PLANTED} once")
    helpdesk.clock.move(seconds=1)
    helpdesk.edits(said, ASKED)
    helpdesk.desk.intake.receive(said)
    helpdesk.deliver()
    helpdesk.deletes(said)
    is_gone(helpdesk)


def test_a_later_question_about_the_same_keeps_nothing_of_it(helpdesk: Helpdesk) -> None:
    said = asks(helpdesk, "teams")
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "Done"})
    helpdesk.clock.move(days=40)
    helpdesk.say("ana", "it came back, the same problem again", channel="teams")
    helpdesk.deletes(said)
    is_gone(helpdesk)


def test_the_same_words_in_another_question_stay(helpdesk: Helpdesk) -> None:
    said = asks(helpdesk, "slack")
    helpdesk.clock.move(days=3)
    again = helpdesk.utterance("ana", ASKED, thread="7.0", message="m-7")
    helpdesk.desk.intake.receive(again)
    helpdesk.deliver()
    assert PLANTED in text_of(helpdesk.card("HELP-1002"))
    helpdesk.deletes(said)
    assert (ticket(helpdesk).status, ticket(helpdesk, 2).status) == (Status.WITHDRAWN, Status.OPEN)
    assert PLANTED in text_of(helpdesk.card("HELP-1002"))
    helpdesk.deletes(again)
    is_gone(helpdesk)


def test_a_post_that_another_version_wrote_is_in_nobodys_way(helpdesk: Helpdesk) -> None:
    said = asks(helpdesk, "teams")
    with helpdesk.database.transaction() as db:
        last = select(func.max(outbox.c.text_id)).where(
            outbox.c.conversation_id.in_(select(utterances.c.conversation_id))
        )
        later = texts.update().where(texts.c.id == last.scalar_subquery())
        assert db.execute(later.values(body='{"blocks": [{"type": "hologram"}]}')).rowcount == 1
    assert helpdesk.deletes(said).kind is OutcomeKind.DONE
    is_gone(helpdesk)


def test_a_file_goes_with_the_message_that_brought_it(helpdesk: Helpdesk) -> None:
    asks(helpdesk, "web", UNKNOWN)
    file = Attachment(f"{PLANTED}.txt", "text/plain", 12, "", PLANTED.encode())
    said = asks(helpdesk, "web", "and the log", "m-2", attachments=(file,), files=1)
    assert PLANTED in everything(helpdesk)
    helpdesk.deletes(said)
    is_gone(helpdesk)


def test_nobody_else_deletes_it(helpdesk: Helpdesk) -> None:
    said = asks(helpdesk, "teams")
    others = helpdesk.utterance("tom", "", channel="teams", conversation=said.conversation)
    helpdesk.deletes(said, sender=others.sender)
    assert PLANTED in text_of(helpdesk.card("HELP-1001"))
