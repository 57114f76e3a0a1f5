"""Who hears of a message that could not be delivered."""

from bot.desk.delivery.retry import REPLY_ATTEMPTS
from bot.domain.errors import DeliveryFailed
from tests.support.desk.helpdesk import OTHER_ROOM, Helpdesk, text_of


def test_what_cannot_be_delivered_says_so_where_it_was_written(across: Helpdesk) -> None:
    across.claimed(thread="1.0")
    across.failing["Dana"] = DeliveryFailed("user_disabled", permanent=True)
    said = across.writes("eva", "are you there?")
    told = across.in_space("CROOM")[-1]
    assert "could not be delivered to Ana in Slack (user_disabled)" in text_of(told)
    assert "are you there?" in text_of(told)
    assert (
        across.under_card("HELP-1001").thread
        == across.screen[next(reversed(across.screen))].conversation.root
    )
    across.failing.clear()
    across.say("ana", "yes", thread="1.0")
    across.failing["Dana"] = DeliveryFailed("cant_delete_message", permanent=True)
    again = across.writes("tina", "unmarked", room=OTHER_ROOM)
    assert again.message
    sent = across.written("eva", "x")
    across.failing.clear()
    across.desk.intake.receive(sent)
    across.deliver()
    across.failing["Dana"] = DeliveryFailed("cant_delete_message", permanent=True)
    across.edits(sent, "// x")
    assert "could not be removed from the chat with Ana" in " ".join(across.texts_in("CROOM"))
    assert said.message


def test_the_employee_is_told_when_no_room_has_it(across: Helpdesk) -> None:
    across.claimed(thread="1.0")
    across.failing["CROOM"] = DeliveryFailed("thread_not_found", permanent=True)
    across.say("ana", "hello?", thread="1.0")
    assert "could not be delivered" not in text_of(across.last("ana"))
    across.failing["19:room"] = DeliveryFailed("403", permanent=True)
    across.say("ana", "anybody?", thread="1.0")
    assert "could not be delivered to the engineers" in text_of(across.last("ana"))
    assert "anybody?" in text_of(across.last("ana"))


def test_a_message_that_fails_for_long_is_given_up_after_its_last_attempt(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    helpdesk.failing["Dana"] = DeliveryFailed("internal_error")
    helpdesk.writes("eva", "hello?")
    for _ in range(90 * 6):
        helpdesk.clock.move(seconds=10)
        helpdesk.deliver()
    tries = [
        post
        for post in helpdesk.posts
        if "hello?" in text_of(post.reply) and post.conversation.space == "Dana"
    ]
    assert len(tries) == REPLY_ATTEMPTS
    assert "could not be delivered to Ana" in helpdesk.texts_in("CROOM")[-1]
