"""What the page reads of a room: the live tickets, a search through all of them, and one with its thread."""

from dataclasses import replace

import pytest

from bot.desk.delivery import page_view
from bot.desk.delivery.page_view import CHUNKS, MOST_UNDER_A_CARD
from bot.desk.ports.tickets import LookBack
from bot.domain.conversations.messages import Attachment
from bot.domain.tickets.queues import QueueFilter
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Priority, Status
from tests.support.days.history import add_history
from tests.support.desk.helpdesk import OTHER_ROOM, ROOM, Helpdesk
from tests.support.unknown import UNKNOWN


def found(helpdesk: Helpdesk, **look: object) -> list[str]:
    entries = helpdesk.desk.page_view.look_back(ROOM, LookBack(**look)).entries  # type: ignore[arg-type]  # each by its name
    return [entry.ticket.reference for entry in entries]


def test_live_tickets_come_with_their_first_words_and_the_newest_message(helpdesk: Helpdesk) -> None:
    page = helpdesk.desk.page_view
    helpdesk.claimed(text=f"{UNKNOWN}\nand more")
    [entry] = page.live(ROOM)
    assert (entry.ticket.reference, entry.subject, entry.heard) == ("HELP-1001", f"{UNKNOWN} / and more", 0)
    helpdesk.say("ana", "it is green")
    [heard] = page.live(ROOM)
    assert heard.heard > 0
    helpdesk.writes("eva", "// a note")
    assert page.live(ROOM) == (heard,)  # what engineers write is no news for them
    assert page.live(OTHER_ROOM) == ()


def test_a_search_does_not_mind_hyphens(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(text="The Wi-Fi robot leaks and nothing fits")
    assert [found(helpdesk, words=(one,)) for one in ("wifi", "wi-fi", "wi\u2011fi", "hi-fi")] == [
        ["HELP-1001"],
        ["HELP-1001"],
        ["HELP-1001"],
        [],
    ]


def test_a_search_goes_through_words_names_and_numbers_of_open_and_closed_ones(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(text="The Übermäßig coffee robot leaks")
    helpdesk.say("bob", "the xylophone is broken and nothing fits")
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "resolve"), inputs={"note": "done"})
    assert found(helpdesk) == ["HELP-1002", "HELP-1001"]
    assert found(helpdesk, words=("ubermaßig".casefold(),)) == ["HELP-1001"]
    assert found(helpdesk, words=("robot", "xylophone")) == []
    assert found(helpdesk, words=("eva",)) == ["HELP-1001"]
    assert found(helpdesk, words=("1002",), number=2) == ["HELP-1002"]
    assert found(helpdesk, number=77, words=("1077",)) == []
    assert found(helpdesk, closed=True) == ["HELP-1001"]
    assert found(helpdesk, priority=Priority.URGENT) == []
    assert found(helpdesk, queue=QueueFilter(("hr",))) == []
    assert found(helpdesk, queue=QueueFilter(("hr",), others=True)) == ["HELP-1002", "HELP-1001"]


def test_a_search_goes_through_what_was_written_about_a_ticket(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(text=UNKNOWN)
    gone = helpdesk.writes("eva", "is it the Pléyade model?")
    helpdesk.writes("eva", "// the serial is QX-77, ask Quux")
    helpdesk.say("ana", "it hums since Tuesday")
    first = UNKNOWN.split()[0].casefold()
    assert found(helpdesk, words=("pleyade",)) == ["HELP-1001"]
    assert found(helpdesk, words=("qx77", "tuesday", first, "eva")) == ["HELP-1001"]  # each somewhere else
    assert found(helpdesk, words=("tuesday",), closed=True) == []
    helpdesk.deletes(gone)
    assert found(helpdesk, words=("pleyade",)) == []
    press = helpdesk.button(helpdesk.card("HELP-1001"), "resolve")
    helpdesk.click("eva", press, inputs={"note": "A new gasket, like last time."})
    assert found(helpdesk, words=("gasket", "tuesday")) == ["HELP-1001"]


def test_a_search_finds_the_names_of_files_and_of_none_that_was_taken_back(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(text=UNKNOWN)
    files = tuple(Attachment(name, "text/plain", 1, content=b"x") for name in ("Balance.txt", "lettuce.txt"))
    sent = helpdesk.writes("eva", "here you are", attachments=files, files=2)
    assert found(helpdesk, words=("balance", "here")) == ["HELP-1001"]
    assert found(helpdesk, words=("lettuce",)) == ["HELP-1001"]
    helpdesk.deletes(sent)
    assert found(helpdesk, words=("lettuce",)) == []


def test_a_search_reads_only_so_much_of_what_was_written_and_goes_on_where_it_ended(
    helpdesk: Helpdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_view, "LINES_OF_A_TICKET", 1)
    questions = {"ana": UNKNOWN, "bob": "the blinds in the attic rattle", "cid": "nobody waters the ficus"}
    for name, question in questions.items():
        helpdesk.claimed(name, text=question)
        for number in range(3):
            helpdesk.clock.move(minutes=10)  # what comes later is no part of the question
            helpdesk.say(name, f"xylophone {number}")
    page, look, seen = helpdesk.desk.page_view, LookBack(words=("xylophone",)), list[int]()
    for _ in questions:
        result = page.look_back(ROOM, look)
        seen += [entry.ticket.id for entry in result.entries]
        look = replace(look, before=result.before)
    assert (seen, result.before) == ([3, 2, 1], None)


def test_all_of_history_is_reached_page_by_page(helpdesk: Helpdesk) -> None:
    add_history(helpdesk.database, 120)
    page = helpdesk.desk.page_view
    seen: list[int] = []
    look = LookBack(closed=True)
    while True:
        result = page.look_back(ROOM, look)
        seen += [entry.ticket.id for entry in result.entries]
        if result.before is None:
            break
        look = LookBack(closed=True, before=result.before)
    assert len(seen) == 120
    assert seen == sorted(set(seen), reverse=True)


def test_a_look_ends_where_it_has_gone_far_enough_and_says_so(helpdesk: Helpdesk) -> None:
    add_history(helpdesk.database, sum(CHUNKS) + 100)
    page = helpdesk.desk.page_view
    result = page.look_back(ROOM, LookBack(words=("nowhere",)))
    assert (result.entries, result.before is None, result.looked_back_to is None) == ((), False, False)
    result = page.look_back(ROOM, LookBack(words=("nowhere",), before=result.before))
    assert result.before is None


def test_a_thread_is_read_page_by_page_without_a_gap(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    rounds = MOST_UNDER_A_CARD // 2 + 3
    for number in range(rounds):
        helpdesk.clock.move(minutes=1)
        helpdesk.writes("eva", f"question {number}")
        helpdesk.clock.move(minutes=1)
        helpdesk.say("ana", f"it is answer {number}")
    page, texts, before, pages = helpdesk.desk.page_view, list[str](), "", 0
    while True:
        card = page.ticket(ROOM, 1, "en", before)
        assert card is not None
        assert len(card.thread) <= MOST_UNDER_A_CARD
        texts = [message.text for message in card.thread if message.text] + texts
        before, pages = card.earlier, pages + 1
        if not before:
            break
    assert pages == 2
    assert texts == [text for n in range(rounds) for text in (f"question {n}", f"it is answer {n}")]


def test_each_speaks_in_their_own_name_on_both_sides(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    helpdesk.writes("eva", "which colour?")
    helpdesk.say("ana", "it is green")
    page = helpdesk.desk.page_view
    card = page.ticket(ROOM, 1, "en")
    assert card is not None
    [asked] = [message for message in card.thread if message.visibility is Visibility.FROM_EMPLOYEE]
    assert (asked.author, asked.text, asked.reply) == ("Ana", "it is green", None)
    assert card.back is not None
    [said] = [message for message in page.conversation(card.back) if message.author == "Eva"]
    assert (said.text, said.reply, said.ticket) == ("which colour?", None, "HELP-1001")


def test_what_became_a_note_is_not_shown_to_the_employee_in_its_own_words(helpdesk: Helpdesk) -> None:
    helpdesk.claimed()
    page = helpdesk.desk.page_view
    card = page.ticket(ROOM, 1)
    assert card is not None
    assert card.back is not None
    written = helpdesk.writes("eva", "she is slow")
    assert "she is slow" in [message.text for message in page.conversation(card.back)]
    helpdesk.edits(written, "// she is slow")
    assert not [message for message in page.conversation(card.back) if "slow" in message.text]


def test_a_ticket_of_another_room_is_not_there(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    page = helpdesk.desk.page_view
    assert page.ticket(OTHER_ROOM, 1) is None
    assert page.ticket(ROOM, 2) is None
    card = page.ticket(ROOM, 1)
    assert card is not None
    assert (card.question, card.ticket.status, card.written) == (UNKNOWN, Status.OPEN, True)


def test_what_somebody_may_do_follows_their_rights(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    page = helpdesk.desk.page_view
    assert page.standing(helpdesk.utterance("eva").sender).queues
    assert not page.standing(helpdesk.utterance("ana").sender).queues
