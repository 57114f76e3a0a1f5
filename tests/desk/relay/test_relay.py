"""An employee and the rooms: which message goes where, and what stays in the rooms as a note."""

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, Behalf, Button, ConversationRef, OutcomeKind
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk, text_of
from tests.support.desk.records import kinds
from tests.support.desk.relay import ROOMS, mark_of, notes_button, private_lines
from tests.support.unknown import UNKNOWN


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
    assert across.texts_in("Dana")[before:] == [f"✓ Passed on to Eva ({ticket})."]
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


def test_secrets_are_masked_and_the_writer_is_told(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(thread="1.0")
    helpdesk.writes("eva", "the password is Xk7!bqL9")
    assert "Xk7" not in text_of(helpdesk.last("ana"))
    assert "I hid something" in private_lines(helpdesk, "eva")[-1]
    helpdesk.say("ana", "my password is Qq8!zzz1", thread="1.0")
    assert "Qq8" not in " ".join(helpdesk.texts_in("CROOM"))
    assert "I hid something" in " ".join(helpdesk.texts_in("Dana"))


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
    assert helpdesk.say("tom", "the lamp of it, I mean", channel="teams").kind == OutcomeKind.ADDED
    assert "Tom writes:\nthe lamp of it, I mean" in helpdesk.texts_in("CROOM")


def test_a_mention_under_a_card_is_for_the_bot_unless_the_assignee_writes(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    shown = helpdesk.texts_in("Dana")
    asked = helpdesk.written("eric", "I forgot my password", addressed=Addressed.MENTION)
    assert helpdesk.desk.intake.receive(asked).kind == OutcomeKind.ANSWERED
    assert shown == helpdesk.texts_in("Dana")
    queue = helpdesk.written("eva", "queue", addressed=Addressed.MENTION)
    assert helpdesk.desk.intake.receive(queue).kind == OutcomeKind.DONE
    for addressed in (Addressed.MENTION, Addressed.THREAD):
        said = helpdesk.written("eva", f"what does it show, as a {addressed.value}?", addressed=addressed)
        assert helpdesk.desk.intake.receive(said).kind == OutcomeKind.RELAYED
        helpdesk.deliver()
        assert f"as a {addressed.value}?" in helpdesk.texts_in("Dana")[-1]
    note = helpdesk.written("eva", "// not for Ana", addressed=Addressed.MENTION)
    assert helpdesk.desk.intake.receive(note).kind == OutcomeKind.NOTED
    helpdesk.deliver()
    assert "not for Ana" not in " ".join(helpdesk.texts_in("Dana"))


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
