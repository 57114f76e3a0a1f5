"""An engineer who is away gets nothing, is reminded of nothing, and what they have is offered to the room."""

from datetime import datetime

import pytest

from bot.domain.conversations.messages import Mention, OutcomeKind, Reply
from bot.domain.people import Identity
from bot.domain.tickets.rota import Rota
from bot.domain.tickets.ticket import Status
from tests.support.desk.engineers import claim, resolve
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.passing_time import HOURS, TARGETS, Play, look, pass_to, walk_to
from tests.support.desk.places import in_threads
from tests.support.desk.records import ticket
from tests.support.unknown import UNKNOWN

NEXT_MONDAY = "Monday, 9 March, 09:00 (Europe/Madrid)"


def away(helpdesk: Helpdesk, person: str = "eva", words: str = "away until Monday", **changes: str) -> str:
    """Say so, and press that the day is right; what is said to that."""
    helpdesk.say(person, words, **changes)
    channel = changes.get("channel", "slack")
    button = helpdesk.button(helpdesk.last(person, channel), "away_yes")
    done = helpdesk.click(person, button, inline=True, **changes)
    assert done.kind is OutcomeKind.DONE
    look(helpdesk)
    shown = helpdesk.last(person, channel)
    assert buttons_of(shown) == []
    return text_of(shown)


def offers(helpdesk: Helpdesk) -> list[Reply]:
    """The posts in the room's threads that offer a ticket."""
    return [reply for reply in in_threads(helpdesk) if "Who takes over" in text_of(reply)]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("away until Monday", f"Away until {NEXT_MONDAY}."),
        ("fuera hasta el lunes", "Fuera hasta el lunes, 9 de marzo, 09:00 (Europe/Madrid)."),
        ("away 2026-12-24", "Away until Thursday, 24 December, 09:00 (Europe/Madrid)."),
        ("vuelvo el 7 de enero", "Fuera hasta el jueves, 7 de enero de 2027, 09:00 (Europe/Madrid)."),
        ("away until Good Friday", "“Good Friday” is not a day I can read"),
        ("away until 3/4", "“3/4” is not a day I can read"),
        # Good Friday and Easter Monday are holidays of the queue: the next business day counts.
        ("away until 3 April", "Away until Tuesday, 7 April, 09:00 (Europe/Madrid)."),
    ],
)
def test_a_day_is_shown_back_before_it_counts(play: Play, words: str, shown: str) -> None:
    helpdesk = play()
    helpdesk.say("eva", words)
    assert shown in text_of(helpdesk.last("eva"))
    with helpdesk.begin() as work:
        assert work.absences.current(helpdesk.clock(), 10) == ()


def test_it_is_meant_by_the_engineers_own_clock_where_that_is_known(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("eva", "away until Monday", zone="America/New_York")
    assert "Monday, 9 March, 09:00 (America/New_York)" in text_of(helpdesk.last("eva"))
    helpdesk.say("eva", "away until Monday", zone="Nowhere/Land")
    assert NEXT_MONDAY in text_of(helpdesk.last("eva"))


@pytest.mark.parametrize("written", ["12 March", "away until 12 March"])
def test_another_day_is_asked_for_and_shown_back(play: Play, written: str) -> None:
    helpdesk = play()
    helpdesk.say("eva", "away")
    other = helpdesk.button(helpdesk.last("eva"), "away_other")
    form = helpdesk.click("eva", other, inline=True)
    assert form.kind is OutcomeKind.FORM
    assert form.card is not None
    helpdesk.click("eva", form.card.buttons[0], inputs={"day": written})
    assert "Away until Thursday, 12 March, 09:00" in text_of(helpdesk.last("eva"))


def test_what_they_have_is_offered_and_one_click_takes_it_over(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    assert NEXT_MONDAY in away(helpdesk)
    [offer] = offers(helpdesk)
    assert "Eva is away until Monday, 9 March, 09:00. Who takes over HELP-1001?" in text_of(offer)
    said = len(helpdesk.in_space(helpdesk.direct("ana").space))
    done = helpdesk.click("eric", helpdesk.button(offer, "take_over"), conversation=ROOM)
    assert done.kind is OutcomeKind.DONE
    held = ticket(helpdesk)
    assert held.assignee is not None
    assert held.assignee.name == "Eric"
    told = helpdesk.in_space(helpdesk.direct("ana").space)[said:]
    assert [text_of(one) for one in told] == ["Eric is now working on HELP-1001."]
    assert buttons_of(offers(helpdesk)[0]) == []
    late = helpdesk.click("eric", helpdesk.button(offer, "take_over"), conversation=ROOM, inline=True)
    assert late.kind is OutcomeKind.REFUSED
    look(helpdesk)
    assert len(offers(helpdesk)) == 1


def test_nobody_else_may_take_over_and_the_employee_hears_nothing_until_then(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    said = len(helpdesk.in_space(helpdesk.direct("ana").space))
    away(helpdesk)
    offer = helpdesk.button(offers(helpdesk)[0], "take_over")
    assert helpdesk.click("leo", offer, conversation=ROOM, inline=True).kind is OutcomeKind.REFUSED
    assert helpdesk.click("eva", offer, conversation=ROOM, inline=True).kind is OutcomeKind.REFUSED
    assert len(helpdesk.in_space(helpdesk.direct("ana").space)) == said


@pytest.mark.parametrize("word", ["back", "I'm back", "he vuelto"])
def test_back_ends_it_early_and_takes_the_offers_away(play: Play, word: str) -> None:
    helpdesk = play()
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    away(helpdesk)
    seen = helpdesk.button(offers(helpdesk)[0], "take_over")
    helpdesk.say("eva", word)
    # At once, and for whoever still sees the button.
    assert helpdesk.click("eric", seen, conversation=ROOM, inline=True).kind is OutcomeKind.REFUSED
    look(helpdesk)
    assert buttons_of(offers(helpdesk)[0]) == []
    held = ticket(helpdesk)
    assert held.assignee is not None
    assert held.assignee.name == "Eva"


def test_it_ends_by_itself_and_reminders_come_again(play: Play) -> None:
    helpdesk = play(silent_after=2 * HOURS, release_after=1 * HOURS)
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    away(helpdesk, words="away until Thursday")
    for wall in ("2026-03-02 13:00", "2026-03-03 18:00", "2026-03-05 08:45"):
        pass_to(helpdesk, wall)
    assert [reply for reply in in_threads(helpdesk) if "keep" in buttons_of(reply)] == []
    assert ticket(helpdesk).status is Status.CLAIMED
    pass_to(helpdesk, "2026-03-05 09:15")
    assert buttons_of(offers(helpdesk)[0]) == []
    assert [reply for reply in in_threads(helpdesk) if "keep" in buttons_of(reply)] != []
    with helpdesk.begin() as work:
        assert work.absences.current(helpdesk.clock(), 10) == ()


def test_a_reminder_calls_who_stands_in(play: Play) -> None:
    rota = Rota(
        datetime.fromisoformat("2026-03-02"),
        (Identity("slack", "T1", "eva"), Identity("slack", "T1", "eric")),
    )
    helpdesk = play(rota=rota, targets=TARGETS, remind_before=0.5)
    helpdesk.say("eric", "hello")
    helpdesk.say("ana", UNKNOWN)
    claim(helpdesk)
    away(helpdesk)
    walk_to(helpdesk, "2026-03-02 17:30")
    [reminder] = [reply for reply in in_threads(helpdesk) if "resolution is due" in text_of(reply)]
    assert [block.name for block in reminder.blocks if isinstance(block, Mention)] == ["Eric"]


def test_nothing_is_given_to_somebody_who_is_away(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("ana", UNKNOWN)
    away(helpdesk)
    assign = helpdesk.button(helpdesk.card("HELP-1001"), "assign")
    form = helpdesk.click("eric", assign, conversation=ROOM, inline=True)
    assert form.card is not None
    labels = {option.value: option.label for option in form.card.fields[0].options}
    assert labels["slack:T1/eva"] == "Eva · away"
    picked = {"engineer": "slack:T1/eva"}
    refused = helpdesk.click("eric", form.card.buttons[0], conversation=ROOM, inline=True, inputs=picked)
    assert refused.kind is OutcomeKind.REFUSED
    assert refused.notice is not None
    assert "Eva is away until Monday, 9 March, 09:00" in text_of(refused.notice)
    assert ticket(helpdesk).status is Status.OPEN


def test_what_comes_back_is_not_given_to_somebody_who_is_away(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    claim(helpdesk)
    resolve(helpdesk)
    away(helpdesk)
    helpdesk.say("ana", "it came back", thread="1.0")
    assert ticket(helpdesk).status is Status.OPEN


def test_the_queue_shows_who_is_away(play: Play) -> None:
    helpdesk = play()
    away(helpdesk)
    shown = helpdesk.say("eric", "queue", inline=True)
    assert shown.notice is not None
    assert "Away until\nEva: Monday, 9 March, 09:00" in text_of(shown.notice)


def test_from_anybody_else_it_is_a_question(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("leo", "away until Monday")
    assert "away_yes" not in buttons_of(helpdesk.last("leo"))


def test_in_the_room_only_the_engineer_reads_the_answer(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("eva", "away until Monday", conversation=ROOM)
    [shown] = [one for one in helpdesk.screen.values() if "Away until" in text_of(one.reply)]
    assert shown.private_to == Identity("slack", "T1", "eva")


def test_a_ticket_that_is_assigned_at_the_same_moment_is_offered_too(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("eva", "away until Monday")
    helpdesk.click("eva", helpdesk.button(helpdesk.last("eva"), "away_yes"), inline=True)
    helpdesk.desk.absence_rounds.round()
    claim(helpdesk)  # after the desk has looked at what they have
    look(helpdesk)
    assert len(offers(helpdesk)) == 1


def test_an_old_or_second_click_changes_nothing(play: Play) -> None:
    helpdesk = play()
    helpdesk.say("eva", "away until Thursday")
    first = helpdesk.last("eva")
    old, other = helpdesk.button(first, "away_yes"), helpdesk.button(first, "away_other")
    helpdesk.click("eva", other, inputs={"day": "Friday"}, inline=True)
    assert helpdesk.click("eva", old, inline=True).kind is OutcomeKind.REFUSED
    shown = helpdesk.last("eva")
    yes, other = helpdesk.button(shown, "away_yes"), helpdesk.button(shown, "away_other")
    assert helpdesk.click("eric", other, inline=True).kind is OutcomeKind.REFUSED
    for _ in range(2):
        assert helpdesk.click("eva", yes, inline=True).kind is OutcomeKind.DONE
    assert helpdesk.click("eric", yes, inline=True).kind is OutcomeKind.REFUSED
    assert helpdesk.click("eric", other, inline=True).kind is OutcomeKind.REFUSED
    with helpdesk.begin() as work:
        [absence] = work.absences.current(helpdesk.clock(), 10)
    assert absence.until.date().isoformat() == "2026-03-06"
