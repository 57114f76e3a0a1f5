"""“Name the article”: a verdict on what ended in shadow mode without one."""

from datetime import timedelta

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import OutcomeKind
from bot.domain.knowledge.shadow import NO_ARTICLE, Verdict, report_on
from bot.domain.tickets.queues import Queue, Queues
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.card_menu import asked, do, menu, sent
from tests.support.desk.helpdesk import ROOM, Helpdesk, text_of
from tests.support.desk.outages import sign
from tests.support.desk.outcomes import notice
from tests.support.desk.passing_time import look
from tests.support.desk.records import kinds
from tests.support.desk.shadow import SURE, claimed, resolve, shown_to, unsaid
from tests.support.unknown import UNKNOWN

QUEUE = Queue("it", {"en": "IT desk"}, close_after=timedelta(days=5))
NAME = "name_article"


@pytest.fixture
def shadowed(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock, shadow="slack", queues=Queues({"it": QUEUE}, "it"))


def end(helpdesk: Helpdesk, how: str) -> None:
    """Let the first ticket end without anybody having named an article."""
    match how:
        case "resolved":
            resolve(helpdesk)
        case "withdrawn":
            helpdesk.say("ana", "cancel HELP-1001")
        case "solved":  # the employee needs nothing any more
            cancel = helpdesk.button(helpdesk.last("ana"), "cancel")
            helpdesk.click("ana", cancel, conversation=helpdesk.direct("ana"))
        case "merged":
            helpdesk.say("tom", UNKNOWN)
            do(helpdesk, "eva", "merge", ticket="1002")
        case "outage":
            do(helpdesk, "eva", "group", title="No passwords")
            over = helpdesk.button(sign(helpdesk), "outage_end")
            helpdesk.click("eva", over, conversation=ROOM, inputs={"note": "They are back"})
        case "by_desk":
            claimed(helpdesk)
            helpdesk.writes("eva", "Which one is it?")
            look(helpdesk)
            helpdesk.clock.move(days=6)
            look(helpdesk)


ENDS = ("resolved", "withdrawn", "solved", "merged", "outage", "by_desk")


@pytest.mark.parametrize("how", ENDS)
def test_however_it_ended_an_engineer_can_name_it_afterwards(shadowed: Helpdesk, how: str) -> None:
    shadowed.say("ana", SURE)
    assert NAME not in menu(shadowed.card("HELP-1001"))
    end(shadowed, how)
    asked_then = how == "resolved"
    assert unsaid(shadowed).verdict is (Verdict.UNNAMED if asked_then else Verdict.UNASKED)
    told = shown_to(shadowed, "ana")
    form = shadowed.click("eric", shadowed.button(shadowed.card("HELP-1001"), NAME), conversation=ROOM)
    assert form.kind is OutcomeKind.FORM
    assert form.card is not None
    assert form.card.summary == "Article for HELP-1001"
    assert [field.name for field in form.card.fields] == ["article", "other"]
    assert sent(shadowed, "eric", form.card.buttons[0], article="0").kind is OutcomeKind.DONE
    assert unsaid(shadowed).verdict is Verdict.RIGHT
    assert kinds(shadowed)[-1] == "named"
    assert "this would have helped: Reset a forgotten password" in text_of(shadowed.card("HELP-1001"))
    assert shown_to(shadowed, "ana") == told  # the employee hears nothing of it


def test_a_word_can_be_taken_back_and_is_shown_in_the_form(shadowed: Helpdesk) -> None:
    shadowed.say("ana", SURE)
    resolve(shadowed, article="none")
    button = shadowed.button(shadowed.card("HELP-1001"), NAME)
    form = shadowed.click("eva", button, conversation=ROOM).card
    assert form is not None
    assert [field.initial for field in form.fields] == ["none", ""]
    assert unsaid(shadowed).verdict is Verdict.WRONG
    sent(shadowed, "eva", form.buttons[0], article="none", other="password-reset")
    assert unsaid(shadowed).verdict is Verdict.RIGHT


def test_nothing_named_and_no_such_article_keep_the_form(shadowed: Helpdesk) -> None:
    shadowed.say("ana", SURE)
    end(shadowed, "withdrawn")
    button = asked(shadowed, "eva", NAME)
    for inputs, said in (
        ({}, "Choose what would have helped"),
        ({"other": "pasword-reset"}, "There is no article “pasword-reset”"),
    ):
        again = sent(shadowed, "eva", button, **inputs)
        assert again.kind is OutcomeKind.FORM
        assert again.notice is not None
        assert said in text_of(again.notice)
        assert unsaid(shadowed).named is None
    assert sent(shadowed, "eva", button, article="none").kind is OutcomeKind.DONE
    assert unsaid(shadowed).named == NO_ARTICLE


def test_only_engineers_name_and_only_what_has_ended_in_shadow_mode(
    shadowed: Helpdesk, database: Database, library: Library, clock: Clock
) -> None:
    shadowed.say("ana", SURE)
    end(shadowed, "withdrawn")
    button = shadowed.button(shadowed.card("HELP-1001"), NAME)
    refused = shadowed.click("ana", button, conversation=ROOM, inputs={"article": "0"})
    assert "engineers" in notice(refused)
    assert unsaid(shadowed).named is None
    open_voice = Helpdesk(database, library, clock, first_key=1000)
    ticket = str(open_voice.say("tom", UNKNOWN).ticket)
    open_voice.say("tom", f"cancel {ticket}")
    assert NAME not in menu(open_voice.card(ticket))


def test_what_is_open_again_is_asked_about_when_it_is_resolved(shadowed: Helpdesk) -> None:
    shadowed.say("ana", SURE)
    resolve(shadowed)
    stale = shadowed.button(shadowed.card("HELP-1001"), NAME)
    back = shadowed.button(shadowed.last("ana"), "came_back")
    shadowed.click("ana", back, conversation=shadowed.direct("ana"))
    assert NAME not in menu(shadowed.card("HELP-1001"))
    assert unsaid(shadowed).verdict is Verdict.WAITING
    late = shadowed.click("eva", stale, conversation=ROOM, inputs={"article": "0"})
    assert "after it has ended" in notice(late)
    button = shadowed.button(shadowed.card("HELP-1001"), "resolve")
    shadowed.click("eva", button, conversation=ROOM, inputs={"note": "Again", "article": "0"})
    assert unsaid(shadowed).verdict is Verdict.RIGHT


def test_the_report_counts_what_has_no_verdict(shadowed: Helpdesk) -> None:
    for person in ("ana", "bob", "cid", "dan"):
        shadowed.say(person, SURE)
    resolve(shadowed, "HELP-1001", article="0")
    resolve(shadowed, "HELP-1002")
    shadowed.say("cid", "cancel HELP-1003")
    with shadowed.begin() as work:
        total = report_on(work.shadow.between(None, None), 0.05).total
    assert (total.judged, total.unknown) == (1, 3)
    assert [total[verdict] for verdict in (Verdict.UNNAMED, Verdict.UNASKED, Verdict.WAITING)] == [1, 1, 1]


def test_in_spanish(shadowed: Helpdesk) -> None:
    shadowed.say("ana", "he olvidado la contraseña y no puedo entrar")
    end(shadowed, "resolved")
    button = shadowed.button(shadowed.card("HELP-1001"), NAME)
    form = shadowed.click("eva", button, conversation=ROOM, locale="es-ES").card
    assert form is not None
    assert (form.summary, form.buttons[0].label) == ("Artículo para HELP-1001", "Indicar el artículo")
