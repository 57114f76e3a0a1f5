"""What is edited or deleted before it was answered is answered as it then is, or not at all."""

import pytest

from bot.domain.conversations.messages import Change, OutcomeKind, Utterance
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.unknown import UNKNOWN

CHANNELS = ["slack", "teams"]


def said(helpdesk: Helpdesk, text: str, channel: str) -> Utterance:
    """A message that has come, and of whose answer nothing is posted yet."""
    message = helpdesk.utterance("ana", text, channel=channel, message="m-1")
    assert helpdesk.desk.intake.receive(message).kind is not OutcomeKind.IGNORED
    helpdesk.clock.move(seconds=2)
    return message


def shown(helpdesk: Helpdesk, channel: str) -> list[str]:
    helpdesk.deliver()
    return helpdesk.texts_in(helpdesk.direct("ana", channel).space)


def kept_texts(helpdesk: Helpdesk) -> str:
    with helpdesk.database.engine.connect() as connection:
        return "\n".join(connection.exec_driver_sql("SELECT body FROM texts").scalars())


@pytest.mark.parametrize("channel", CHANNELS)
def test_edited_before_the_answer_was_posted(helpdesk: Helpdesk, channel: str) -> None:
    message = said(helpdesk, "my account is locked", channel)
    assert helpdesk.edits(message, "how do I set up out of office?").kind is OutcomeKind.ANSWERED
    texts = shown(helpdesk, channel)
    assert len(texts) == 1
    assert "automatic repl" in texts[0]
    assert "my account is locked" not in kept_texts(helpdesk)


@pytest.mark.parametrize("channel", CHANNELS)
def test_deleted_before_the_answer_was_posted(helpdesk: Helpdesk, channel: str) -> None:
    message = said(helpdesk, "my account is locked", channel)
    assert helpdesk.deletes(message).kind is OutcomeKind.DONE
    assert shown(helpdesk, channel) == []
    assert "my account is locked" not in kept_texts(helpdesk)


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_an_attempt_may_have_posted_is_taken_away(helpdesk: Helpdesk, channel: str) -> None:
    space = helpdesk.direct("ana", channel).space
    helpdesk.failing[space] = DeliveryFailed("timeout")
    message = said(helpdesk, "my account is locked", channel)
    helpdesk.deliver()
    helpdesk.deletes(message)
    del helpdesk.failing[space]
    helpdesk.clock.move(minutes=10)
    assert shown(helpdesk, channel) == []
    assert any(post.delete for post in helpdesk.posts)


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_edit_that_comes_before_its_message(helpdesk: Helpdesk, channel: str) -> None:
    message = helpdesk.utterance("ana", "my account is locked", channel=channel, message="m-1")
    for text in ("my account is", "how do I set up out of office?"):
        helpdesk.clock.move(seconds=1)
        assert helpdesk.edits(message, text).kind is OutcomeKind.IGNORED
    assert helpdesk.desk.intake.receive(message).kind is OutcomeKind.ANSWERED
    assert "automatic repl" in shown(helpdesk, channel)[0]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_deletion_that_comes_before_its_message(helpdesk: Helpdesk, channel: str) -> None:
    message = helpdesk.utterance("ana", "my account is locked", channel=channel, message="m-1")
    helpdesk.deletes(message)
    assert helpdesk.desk.intake.receive(message).kind is OutcomeKind.IGNORED
    assert shown(helpdesk, channel) == []


@pytest.mark.parametrize("change", [Change.EDITED, Change.DELETED])
def test_once_it_is_answered_the_answer_stays(helpdesk: Helpdesk, change: Change) -> None:
    message = said(helpdesk, "my account is locked", "teams")
    before = shown(helpdesk, "teams")
    text = "my chair squeaks" if change is Change.EDITED else ""
    kind = helpdesk.changes(message, change, text).kind
    assert kind is (OutcomeKind.IGNORED if change is Change.EDITED else OutcomeKind.DONE)
    assert shown(helpdesk, "teams") == before


def test_a_ticket_stays_and_its_room_is_told(helpdesk: Helpdesk) -> None:
    message = said(helpdesk, UNKNOWN, "slack")
    helpdesk.edits(message, "my chair squeaks")
    assert "my chair squeaks" in helpdesk.texts_in("CROOM")[-1]
    assert len(shown(helpdesk, "slack")) == 1


def test_nobody_else_changes_it(helpdesk: Helpdesk) -> None:
    message = said(helpdesk, "my account is locked", "teams")
    helpdesk.edits(message, "other words", sender=Identity("teams", "tenant", "tom"))
    assert "nlock" in shown(helpdesk, "teams")[0]


def test_changes_are_forgotten_with_the_keys_of_events(helpdesk: Helpdesk) -> None:
    message = helpdesk.utterance("ana", "my account is locked", channel="teams", message="m-1")
    helpdesk.edits(message, "a secret of mine")
    assert "a secret of mine" in kept_texts(helpdesk)
    helpdesk.clock.move(days=30)
    with helpdesk.begin() as work:
        work.inbox.forget(helpdesk.clock())
    assert "a secret of mine" not in kept_texts(helpdesk)


@pytest.mark.parametrize("change", [Change.EDITED, Change.DELETED])
def test_a_later_message_takes_nothing_of_an_earlier_one_with_it(helpdesk: Helpdesk, change: Change) -> None:
    helpdesk.say("ana", "my account is locked", channel="teams")
    answer = helpdesk.last("ana", "teams")
    message = said(helpdesk, "thanks", "teams")
    helpdesk.changes(message, change, "thank you" if change is Change.EDITED else "")
    assert "my account is locked" in kept_texts(helpdesk)
    outcome = helpdesk.click("ana", helpdesk.button(answer, "person"), channel="teams")
    assert outcome.kind is OutcomeKind.TICKET


@pytest.mark.parametrize("channel", [*CHANNELS, "web"])
def test_a_ticket_after_an_answer_has_the_words_as_they_were_edited(helpdesk: Helpdesk, channel: str) -> None:
    message = said(helpdesk, "my account is locked", channel)
    shown(helpdesk, channel)
    helpdesk.edits(message, "my account is locked since the trip to Oslo")
    helpdesk.say("ana", "still not", channel=channel)
    assert "since the trip to Oslo" in helpdesk.texts_in("CROOM")[0]


def on_page(helpdesk: Helpdesk, text: str, message: str) -> Utterance:
    """A message that was written on the page, and answered."""
    utterance = helpdesk.utterance("ana", text, channel="web", message=message, inline=True)
    helpdesk.desk.intake.receive(utterance)
    helpdesk.deliver()
    helpdesk.clock.move(seconds=2)
    return utterance


def lines(helpdesk: Helpdesk) -> list[tuple[str, str, bool, bool]]:
    """What Ana sees of her own messages on the page: text, the name to change it by, edited, deleted."""
    shown = helpdesk.desk.page_view.conversation(helpdesk.direct("ana", "web"))
    return [(one.text, one.own, one.changed, one.gone) for one in shown if one.author == "Ana"]


def test_an_answered_question_is_edited_on_the_page_and_keeps_its_answer(helpdesk: Helpdesk) -> None:
    message = on_page(helpdesk, "my account is locked", "web-1")
    assert lines(helpdesk) == [("my account is locked", "web-1", False, False)]
    before = shown(helpdesk, "web")
    outcome = helpdesk.edits(message, "my account is locked since Oslo")
    assert outcome.kind is OutcomeKind.DONE
    assert outcome.notice is not None
    assert "The answer was to what you wrote first" in outcome.notice.summary
    assert lines(helpdesk) == [("my account is locked since Oslo", "web-1", False, False)]
    assert shown(helpdesk, "web") == before
    helpdesk.deletes(message)
    assert lines(helpdesk) == [("", "", False, True)]
    assert "Oslo" not in kept_texts(helpdesk)


def test_the_question_of_a_ticket_is_edited_and_deleted_on_the_page(helpdesk: Helpdesk) -> None:
    message = on_page(helpdesk, UNKNOWN, "web-1")
    added = on_page(helpdesk, "it is blue", "web-2")
    for text in ("my chair squeaks", "my chair squeaks a lot"):
        helpdesk.edits(message, text)
        assert lines(helpdesk)[0] == (text, "web-1", True, False)
        assert text in "\n".join(helpdesk.texts_in("CROOM"))
    helpdesk.edits(added, "it is green")
    assert lines(helpdesk)[1] == ("it is green", "web-2", True, False)
    helpdesk.deletes(message)
    assert lines(helpdesk)[0] == ("", "", True, True)
    assert UNKNOWN not in kept_texts(helpdesk)
    assert "squeaks" not in kept_texts(helpdesk)


def test_the_question_of_a_closed_ticket_stays_and_the_page_says_so(helpdesk: Helpdesk) -> None:
    message = on_page(helpdesk, UNKNOWN, "web-1")
    for action, inputs in (("claim", None), ("resolve", {"note": "done"})):
        button = helpdesk.button(helpdesk.card("HELP-1001"), action)
        helpdesk.click("eva", button, conversation=ROOM, inputs=inputs)
    outcome = helpdesk.edits(message, "my chair squeaks")
    assert outcome.kind is OutcomeKind.REFUSED
    assert outcome.notice is not None
    assert "HELP-1001 is closed" in outcome.notice.summary
    assert lines(helpdesk)[0][0] == UNKNOWN


@pytest.mark.parametrize("channel", [*CHANNELS, "web"])
def test_one_of_several_lines_of_a_question_is_edited(helpdesk: Helpdesk, channel: str) -> None:
    first = said(helpdesk, "my account is locked", channel)
    shown(helpdesk, channel)
    helpdesk.say("ana", "still not", channel=channel)
    helpdesk.edits(first, "my account is locked since Oslo")
    assert "since Oslo" in "\n".join(helpdesk.texts_in("CROOM"))


@pytest.mark.parametrize("channel", [*CHANNELS, "web"])
def test_no_other_ticket_hears_of_an_answered_question_that_is_edited(
    helpdesk: Helpdesk, channel: str
) -> None:
    message = said(helpdesk, "my account is locked", channel)
    shown(helpdesk, channel)
    helpdesk.clock.move(hours=3)
    assert helpdesk.say("ana", UNKNOWN, channel=channel).kind is OutcomeKind.TICKET
    before = helpdesk.texts_in("CROOM")
    helpdesk.edits(message, "my account is locked since Oslo")
    assert helpdesk.texts_in("CROOM") == before
