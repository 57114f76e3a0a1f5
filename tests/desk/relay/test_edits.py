"""Edits and deletions follow to every copy, and what becomes a note is taken back."""

from dataclasses import replace

from bot.domain.conversations.messages import Change, OutcomeKind
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.relay import Mark
from tests.support.desk.helpdesk import CHANNELS, ROOM, Helpdesk, text_of
from tests.support.desk.records import kinds
from tests.support.desk.relay import ROOMS, mark_of, notes_button, private_lines
from tests.support.unknown import UNKNOWN


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


def test_a_changed_question_is_told_under_the_card(helpdesk: Helpdesk) -> None:
    question = helpdesk.utterance("ana", UNKNOWN, thread="1.0", message="q1")
    helpdesk.desk.intake.receive(question)
    helpdesk.deliver()
    helpdesk.edits(question, "my flurbostat is fizzing red goo")
    assert helpdesk.texts_in("CROOM")[-1].endswith("my flurbostat is fizzing red goo")
    helpdesk.edits(question, "my flurbostat is fizzing blue goo")
    assert "blue goo" in helpdesk.texts_in("CROOM")[-1]
    assert "red goo" not in " ".join(helpdesk.texts_in("CROOM"))
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    helpdesk.deletes(question)
    assert "has deleted an earlier message" in helpdesk.texts_in("CROOM")[-1]
    assert "goo" not in " ".join(helpdesk.texts_in("CROOM"))
