"""An employee and the rooms: what goes where, notes, edits, deletions, and what could not be delivered."""

from dataclasses import replace

import pytest

from bot.desk.delivery.dispatcher import REPLY_ATTEMPTS
from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, Behalf, Button, Change, ConversationRef, OutcomeKind
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark
from bot.storage import Database
from tests.conftest import Clock
from tests.support.desk.helpdesk import CHANNELS, OTHER_ROOM, ROOM, UNKNOWN, Helpdesk, text_of

ROOMS = (ROOM, OTHER_ROOM)


@pytest.fixture
def across(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """A desk with a room in Slack and one in Teams."""
    return Helpdesk(database, library, clock, rooms=ROOMS)


def kinds(helpdesk: Helpdesk, ticket_id: int = 1) -> list[str]:
    with helpdesk.begin() as work:
        return [event.kind for event in work.tickets.events(ticket_id)]


def private_lines(helpdesk: Helpdesk, person: str) -> list[str]:
    return [
        text_of(shown.reply)
        for shown in helpdesk.screen.values()
        if shown.private_to and shown.private_to.external_id == person
    ]


def mark_of(helpdesk: Helpdesk, message: str, space: str = "CROOM") -> Mark | None:
    return helpdesk.marks.get((space, message))


def notes_button(helpdesk: Helpdesk, ticket: str) -> Button:
    return next(button for button in helpdesk.card(ticket).menu if button.action == "notes")


def test_the_assignee_and_the_employee_write_to_each_other(across: Helpdesk) -> None:
    ticket = across.claimed(thread="1.0")
    assert "You can write to Eva right here" in text_of(across.last("ana"))
    said = across.writes("eva", "Which *colour* is the goo?")
    assert across.outcome is not None
    assert across.outcome.kind == OutcomeKind.RELAYED
    assert text_of(across.last("ana")) == f"Eva ({ticket}):\nWhich *colour* is the goo?"
    assert mark_of(across, said.message) is Mark.SENT
    assert "Eva to Ana:\nWhich *colour* is the goo?" in across.texts_in("19:room")
    before = len(across.in_space("Dana"))
    outcome = across.say("ana", "thanks, it is green", thread="1.0")
    assert outcome.kind == OutcomeKind.ADDED
    for room in ROOMS:
        assert "Ana writes:\nthanks, it is green" in across.texts_in(room.space)
    assert before == len(across.in_space("Dana"))
    assert kinds(across) == ["opened", "claimed", "sent", "added"]


def test_what_others_write_stays_in_the_rooms(across: Helpdesk) -> None:
    across.claimed()
    before = across.texts_in("Dana")
    said = across.writes("eric", "did you try turning it off?")
    across.writes("mallory", "I am only looking")
    across.writes("tina", "ask about the valve", room=OTHER_ROOM)
    assert before == across.texts_in("Dana")
    assert mark_of(across, said.message) is None
    assert "Eric, to engineers only:\ndid you try turning it off?" in across.texts_in("19:room")
    assert "Tina, to engineers only:\nask about the valve" in across.texts_in("CROOM")
    assert not [text for room in ROOMS for text in across.texts_in(room.space) if "only looking" in text]


def test_before_the_claim_and_after_the_end_nothing_is_sent(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    helpdesk.writes("eva", "I would look at the valve")
    assert len(helpdesk.in_space("Dana")) == 1
    card = helpdesk.card("HELP-1001")
    helpdesk.click("eva", helpdesk.button(card, "claim"), conversation=ROOM)
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "done"})
    shown = helpdesk.texts_in("Dana")
    helpdesk.writes("eva", "by the way")
    assert shown == helpdesk.texts_in("Dana")
    assert "stays in the room" in private_lines(helpdesk, "eva")[-1]


@pytest.mark.parametrize(
    "text",
    [
        "// she is angry",
        "ok\n  // call her boss",
        "\u200b// hidden",
        "> // quoted",
        "／／ wide",
        "a\u2028//b",
    ],
)
def test_a_note_stays_in_the_rooms_and_is_marked(across: Helpdesk, text: str) -> None:
    across.claimed()
    before = across.texts_in("Dana")
    said = across.writes("eva", text)
    assert across.outcome is not None
    assert across.outcome.kind == OutcomeKind.NOTED
    assert before == across.texts_in("Dana")
    assert mark_of(across, said.message) is Mark.NOTE
    assert "Internal note by Eva" in across.texts_in("19:room")[-1]
    assert kinds(across)[-1] == "noted"


def test_a_link_is_no_note(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    helpdesk.writes("eva", "see https://kb.example.com//valve and and/or http://x")
    assert "kb.example.com" in text_of(helpdesk.last("ana"))


def test_notes_only_keeps_everything_in_the_rooms_until_it_ends(across: Helpdesk) -> None:
    ticket = across.claimed()
    earlier = across.writes("eva", "one moment")
    on = notes_button(across, ticket)
    assert (on.action, on.argument) == ("notes", "on")
    assert across.click("mallory", on, conversation=ROOM).kind == OutcomeKind.REFUSED
    across.click("eric", on, conversation=ROOM)
    assert "Notes only: nothing written here reaches Ana" in text_of(across.card(ticket, OTHER_ROOM))
    shown = across.texts_in("Dana")
    said = across.writes("eva", "plain words")
    assert shown == across.texts_in("Dana")
    assert mark_of(across, said.message) is Mark.NOTE
    across.edits(earlier, "one moment, she is angry")
    assert "one moment" not in " ".join(across.texts_in("Dana"))
    off = notes_button(across, ticket)
    across.click("eva", off, conversation=ROOM)
    across.edits(said, "plain words again")
    assert "plain words" not in " ".join(across.texts_in("Dana"))
    across.writes("eva", "now to you")
    assert "now to you" in text_of(across.last("ana"))
    assert kinds(across).count("notes_only") == 2


def test_edits_and_deletions_follow_everywhere(across: Helpdesk) -> None:
    across.claimed(thread="1.0")
    said = across.writes("eva", "turn it of")
    across.edits(said, "turn it off")
    assert "turn it off" in text_of(across.last("ana"))
    assert "(edited)" in text_of(across.last("ana"))
    assert "turn it off" in across.texts_in("19:room")[-1]
    count = len(across.in_space("Dana"))
    across.deletes(said)
    assert count - 1 == len(across.in_space("Dana"))
    assert "turn it of" not in " ".join(across.texts_in("19:room"))
    assert across.deletes(said).kind == OutcomeKind.IGNORED
    across.edits(said, "turn it off again")
    assert count - 1 == len(across.in_space("Dana"))
    theirs = across.utterance("ana", "it is grean", thread="1.0", message="a1")
    across.desk.intake.receive(theirs)
    across.deliver()
    across.edits(theirs, "it is green")
    for room in ROOMS:
        assert "it is green" in across.texts_in(room.space)[-1]
    across.deletes(theirs)
    for room in ROOMS:
        assert "it is gre" not in " ".join(across.texts_in(room.space))
    assert kinds(across)[-5:] == ["edited", "deleted", "added", "edited", "deleted"]


def test_a_sent_message_that_becomes_a_note_is_taken_back_for_ever(across: Helpdesk) -> None:
    across.claimed()
    said = across.writes("eva", "she is difficult")
    across.edits(said, "// she is difficult")
    assert "difficult" not in " ".join(across.texts_in("Dana"))
    assert mark_of(across, said.message) is Mark.TAKEN_BACK
    assert "Internal note by Eva" in across.texts_in("19:room")[-1]
    across.edits(said, "she is nice")
    assert "nice" not in " ".join(across.texts_in("Dana"))
    assert "stays one" in private_lines(across, "eva")[-1]
    assert "taken_back" in kinds(across)


def test_a_note_that_loses_its_sign_stays_a_note(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    shown = helpdesk.texts_in("Dana")
    said = helpdesk.writes("eva", "// she is angry")
    helpdesk.edits(said, "she is angry")
    assert shown == helpdesk.texts_in("Dana")
    assert "stays one" in private_lines(helpdesk, "eva")[-1]


def test_what_waits_is_never_posted_once_it_is_a_note(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(thread="1.0")
    helpdesk.failing["Dana"] = DeliveryFailed("internal_error")
    first = helpdesk.writes("eva", "the first")  # an attempt was made: it may have been posted
    second = helpdesk.written("eva", "the second")
    helpdesk.desk.intake.receive(second)  # no attempt yet
    helpdesk.edits(first, "// the first")
    helpdesk.edits(second, "// the second")
    helpdesk.failing.clear()
    for _ in range(60):
        helpdesk.clock.move(seconds=10)
        helpdesk.deliver()
    assert not [text for text in helpdesk.texts_in("Dana") if "the first" in text or "the second" in text]
    helpdesk.writes("eva", "the third")
    assert "the third" in text_of(helpdesk.last("ana"))
    with helpdesk.begin() as work:
        assert work.deliveries.listed(("waiting", "dead"), 10) == ()


def test_a_post_under_way_is_taken_back_when_it_has_arrived(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    said = helpdesk.written("eva", "too much")
    helpdesk.desk.intake.receive(said)
    under_way = helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next
    helpdesk.desk.intake.receive(
        replace(said, keys=("e1",), change=Change.EDITED, text="// too much", at=helpdesk.clock())
    )
    results = [(delivery, helpdesk._post(delivery)) for delivery in under_way]
    assert "too much" in " ".join(helpdesk.texts_in("Dana"))
    helpdesk.desk.dispatcher.exchange(results, 0, CHANNELS)
    helpdesk.deliver()
    assert "too much" not in " ".join(helpdesk.texts_in("Dana"))


def test_a_lost_receipt_is_looked_for_and_taken_back(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    said = helpdesk.written("eva", "too much")
    helpdesk.desk.intake.receive(said)
    for delivery in helpdesk.desk.dispatcher.exchange([], 16, CHANNELS).next:
        helpdesk._post(delivery)  # and we die before the receipt is stored
    helpdesk.desk.intake.receive(
        replace(said, keys=("e1",), change=Change.EDITED, text="// too much", at=helpdesk.clock())
    )
    helpdesk.clock.move(seconds=31)
    helpdesk.deliver()
    assert "too much" not in " ".join(helpdesk.texts_in("Dana"))


def test_an_edit_that_comes_before_its_message_keeps_it_in_the_room(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    shown = helpdesk.texts_in("Dana")
    for text in ("// secret", "plain"):
        message = helpdesk.written("eva", text.removeprefix("// "))
        helpdesk.edits(message, text)
        assert helpdesk.desk.intake.receive(message).kind == OutcomeKind.IGNORED
        helpdesk.deliver()
    deleted = helpdesk.written("eva", "gone before it came")
    helpdesk.deletes(deleted)
    assert helpdesk.desk.intake.receive(deleted).kind == OutcomeKind.IGNORED
    helpdesk.deliver()
    assert shown == helpdesk.texts_in("Dana")
    assert "To send it to Ana, write it again" in private_lines(helpdesk, "eva")[-1]


def test_a_late_edit_does_not_undo_a_newer_one(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    said = helpdesk.writes("eva", "one")
    helpdesk.clock.move(seconds=10)
    early = helpdesk.clock()
    helpdesk.clock.move(seconds=10)
    helpdesk.edits(said, "three")
    helpdesk.edits(said, "two", at=early)
    assert "three" in text_of(helpdesk.last("ana"))
    helpdesk.edits(said, "// was a note for a moment", at=early)
    assert "three" not in " ".join(helpdesk.texts_in("Dana"))


def test_a_preview_of_a_link_changes_nothing(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.claimed()
    said = helpdesk.writes("eva", "see https://kb.example.com")
    helpdesk.click("eva", notes_button(helpdesk, ticket), conversation=ROOM)
    assert helpdesk.edits(said, "see https://kb.example.com").kind == OutcomeKind.IGNORED
    assert "kb.example.com" in " ".join(helpdesk.texts_in("Dana"))


def test_only_the_writer_edits(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    said = helpdesk.writes("eva", "mine")
    others = replace(said, sender=replace(said.sender, external_id="eric"), sender_name="Eric")
    assert helpdesk.edits(others, "not mine").kind == OutcomeKind.IGNORED
    assert helpdesk.deletes(others, inline=True).kind == OutcomeKind.IGNORED
    assert "mine" in text_of(helpdesk.last("ana"))
    assert helpdesk.deletes(others).kind == OutcomeKind.DONE  # an administrator, as the platform allowed


def test_secrets_are_masked_and_the_writer_is_told(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(thread="1.0")
    helpdesk.writes("eva", "the password is Xk7!bqL9")
    assert "Xk7" not in text_of(helpdesk.last("ana"))
    assert "I hid something" in private_lines(helpdesk, "eva")[-1]
    helpdesk.say("ana", "my password is Qq8!zzz1", thread="1.0")
    assert "Qq8" not in " ".join(helpdesk.texts_in("CROOM"))
    assert "I hid something" in " ".join(helpdesk.texts_in("Dana"))


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


def test_where_there_are_no_threads_everything_goes_to_who_helps(helpdesk: Helpdesk) -> None:
    helpdesk.claimed("tom", channel="teams")
    helpdesk.clock.move(hours=3)
    for text in ("the vpn on windows", "talk to a person", "thanks!"):
        outcome = helpdesk.say("tom", text, channel="teams")
        assert outcome.kind == OutcomeKind.ADDED, text
        assert f"Tom writes:\n{text}" in helpdesk.texts_in("CROOM")
    assert helpdesk.say("tom", "my tickets", channel="teams").kind == OutcomeKind.DONE
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "done"})
    helpdesk.clock.move(hours=1)
    assert helpdesk.say("tom", "I forgot my password", channel="teams").kind == OutcomeKind.ANSWERED


def test_the_same_message_under_another_key_is_passed_on_once(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(thread="1.0")
    for _ in range(2):
        helpdesk.say("ana", "only once", thread="1.0", message="a1")
    assert helpdesk.texts_in("CROOM").count("Ana writes:\nonly once") == 1


def test_who_was_written_to_first_is_helped_in_the_same_chat(helpdesk: Helpdesk) -> None:
    helpdesk.say("tom", "hello", channel="teams")
    symbolic = ConversationRef("teams", "tenant", "@29:tom")
    behalf = Behalf(Identity("teams", "tenant", "tom"), "Tom", symbolic)
    helpdesk.say("eva", "his beamer is dead", behalf=behalf)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    helpdesk.clock.move(hours=1)
    assert helpdesk.say("tom", "I forgot my password", channel="teams").kind == OutcomeKind.ADDED
    assert "Tom writes:\nI forgot my password" in helpdesk.texts_in("CROOM")


def test_a_mention_under_a_card_is_for_the_bot(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    shown = helpdesk.texts_in("Dana")
    asked = helpdesk.written("eva", "I forgot my password", addressed=Addressed.MENTION)
    assert helpdesk.desk.intake.receive(asked).kind == OutcomeKind.ANSWERED
    written = helpdesk.written("eva", "that did not help")
    assert helpdesk.desk.intake.receive(written).kind == OutcomeKind.RELAYED
    helpdesk.deliver()
    assert len(shown) + 1 == len(helpdesk.texts_in("Dana"))


def test_an_assignee_who_is_no_engineer_any_more_is_told(
    database: Database, library: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, library, clock)
    helpdesk.claimed()
    later = Helpdesk(database, library, clock, engineers="eric", first_key=1000)
    later.screen = helpdesk.screen
    shown = later.texts_in("Dana")
    later.writes("eva", "still me")
    assert shown == later.texts_in("Dana")
    assert "cannot confirm at the moment" in private_lines(later, "eva")[-1]


def test_a_changed_question_is_told_under_the_card(helpdesk: Helpdesk) -> None:
    question = helpdesk.utterance("ana", UNKNOWN, thread="1.0", message="q1")
    helpdesk.desk.intake.receive(question)
    helpdesk.deliver()
    helpdesk.edits(question, "my flurbostat is leaking red goo")
    assert helpdesk.texts_in("CROOM")[-1].endswith("my flurbostat is leaking red goo")
    helpdesk.deletes(question)
    assert "has deleted an earlier message" in helpdesk.texts_in("CROOM")[-1]


def test_a_note_cannot_be_written_where_the_employee_reads(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    resolve = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    outcome = helpdesk.click("eva", resolve, conversation=ROOM, inputs={"note": "done\n// she is angry"})
    assert outcome.kind == OutcomeKind.REFUSED
    assert "angry" not in " ".join(helpdesk.texts_in("Dana"))


def test_a_repeated_press_of_notes_only_changes_nothing(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.claimed()
    on = Button("notes", "Notes only", notes_button(helpdesk, ticket).token, "on")
    helpdesk.click("eva", on, conversation=ROOM)
    helpdesk.click("eva", on, conversation=ROOM)
    assert kinds(helpdesk).count("notes_only") == 1


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
