"""A known outage: its notice answers first, tickets are grouped under it, and its end is told at once."""

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, Click, Outcome, OutcomeKind
from bot.domain.tickets.ticket import Status
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.card_menu import asked, do, sent
from tests.support.desk.engineers import ENGINEERS
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.desk.outages import TITLE, begin, ended, outage, sign
from tests.support.desk.outcomes import notice
from tests.support.desk.places import pressed_newest
from tests.support.desk.records import kinds, ticket
from tests.support.desk.simultaneous import at_once, press_of
from tests.support.unknown import ALIKE, OTHER, UNKNOWN

PRINTER = "the printer shows a paper jam error again"


def test_an_outage_from_its_first_ticket_to_its_end(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    assert "part of a known outage" in text_of(desk.last("ana"))
    assert "Stand back" in text_of(desk.last("ana"))
    assert f"Known outage: {TITLE}" in text_of(desk.card("HELP-1001"))
    assert "group" not in [button.action for button in desk.card("HELP-1001").menu]
    assert buttons_of(sign(desk)) == ["outage_end", "outage_edit"]
    assert "Tickets affected: 1" in text_of(sign(desk))

    answer = desk.say("tom", ALIKE)
    assert answer.kind == OutcomeKind.ANSWERED
    assert buttons_of(desk.last("tom")) == ["joined", "other"]
    assert "Stand back" in text_of(desk.last("tom"))
    joined = pressed_newest(desk, "tom", "joined")
    assert (joined.kind, joined.ticket) == (OutcomeKind.TICKET, "HELP-1002")
    assert "I have added you to the outage" in text_of(desk.last("tom"))
    assert "Tickets affected: 2" in text_of(sign(desk))
    assert not [reply for reply in desk.in_space("CROOM") if "HELP-1002" in reply.summary]

    done = ended(desk, note="Drained them all.")
    assert done.kind == OutcomeKind.DONE
    for person in ("ana", "tom"):
        assert f"“{TITLE}” is over" in text_of(desk.last(person))
        assert "Drained them all." in text_of(desk.last(person))
    assert [ticket(desk, number).status for number in (1, 2)] == [Status.RESOLVED] * 2
    assert (kinds(desk, 1), kinds(desk, 2)) == (["opened", "grouped", "resolved"], ["opened", "resolved"])
    assert "Outage over" in sign(desk).summary
    assert buttons_of(sign(desk)) == []
    assert "Resolved" in desk.card("HELP-1001").summary
    desk.say("carmen", UNKNOWN)
    assert "HELP-1003" in text_of(desk.last("carmen"))


def test_the_notice_is_in_the_askers_language_and_has_a_sentence_of_its_own(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk, title="Impresora atascada en la planta baja")
    desk.say("carmen", "impresora atascada en la planta baja, no puedo imprimir")
    assert "Aléjate." in text_of(desk.last("carmen"))
    form = desk.click("eva", desk.button(sign(desk), "outage_edit"), conversation=ROOM)
    assert form.card is not None
    assert [field.initial for field in form.card.fields][1:] == ["Stand back, we are on it.", "Aléjate."]
    sent(desk, "eva", form.card.buttons[0], title="Impresora atascada en la planta baja")
    desk.say("tom", "impresora atascada en la planta baja")
    assert "Lo sabemos" in text_of(desk.last("tom"))


def test_a_question_about_the_same_target_is_like_it(desk: Helpdesk) -> None:
    desk.say("ana", PRINTER)
    pressed_newest(desk, "ana", "person")
    begin(desk, title="Printing is down")
    assert outage(desk).target == "printer"
    desk.say("tom", "printer jam, how do I clear it?")
    assert buttons_of(desk.last("tom")) == ["joined", "other"]


@pytest.mark.parametrize("words", ["my vpn is slow", "how do I reset my password?", "green", "the goo"])
def test_another_question_is_not_like_it(desk: Helpdesk, words: str) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    desk.say("tom", words)
    assert "joined" not in buttons_of(desk.last("tom"))


def test_something_else_goes_on_as_usual(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    desk.say("tom", ALIKE, thread="1.0")
    outcome = pressed_newest(desk, "tom", "other")
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.TICKET, "HELP-1002")
    card = desk.card("HELP-1002")
    assert "said that it is not the known outage" in text_of(card)
    assert ticket(desk, 2).outage_id is None
    assert "already have HELP-1002" in notice(pressed_again(desk, "tom"))


def pressed_again(desk: Helpdesk, person: str) -> Outcome:
    with desk.begin() as work:
        known = work.people.known(desk.utterance(person).sender)
        assert known is not None
        episode = work.episodes.get(2)
    click = Click("other", episode.token, outage(desk).token)
    return desk.say(person, "", click=click, addressed=Addressed.CLICK, conversation=desk.direct(person))


def test_who_wants_a_person_after_all_leaves_the_outage(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    desk.say("tom", ALIKE)
    pressed_newest(desk, "tom", "joined")
    pressed_newest(desk, "tom", "person")
    assert "HELP-1002 separately" in text_of(desk.last("tom"))
    assert buttons_of(desk.card("HELP-1002")) == ["claim"]
    ended(desk)
    assert ticket(desk, 2).status is Status.OPEN
    assert "Tickets affected: 1" in text_of(sign(desk))


def test_what_somebody_on_it_adds_is_read_under_the_sign(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    desk.say("tom", ALIKE, thread="1.0")
    pressed_newest(desk, "tom", "joined")
    desk.say("tom", "it reaches the server room now", thread="1.0")
    assert "Tom added to HELP-1002:\nit reaches the server room now" in text_of(desk.in_space("CROOM")[-1])


def test_more_tickets_are_put_under_an_outage_that_lasts(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    desk.say("tom", OTHER)
    form = desk.click("eric", desk.button(desk.card("HELP-1002"), "group"), conversation=ROOM)
    assert form.card is not None
    field = form.card.fields[0]
    assert [option.label for option in field.options] == ["New outage", TITLE]
    sent(desk, "eric", form.card.buttons[0], outage=field.options[1].value, title="")
    assert ticket(desk, 2).outage_id == 1
    assert "Tickets affected: 2" in text_of(sign(desk))


def test_the_form_of_an_outage_is_filled_from_its_ticket(desk: Helpdesk) -> None:
    desk.say("ana", f"{UNKNOWN}\nand more of it")
    form = desk.click("eva", desk.button(desk.card("HELP-1001"), "group"), conversation=ROOM).card
    assert form is not None
    assert [field.initial for field in form.fields if field.name == "title"] == [UNKNOWN]
    assert form.buttons[0].argument == ""  # it starts none that no ticket is behind


def test_several_tickets_are_put_under_the_outage_of_the_first(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    desk.say("tom", OTHER)
    sent(desk, "eva", desk.button(desk.card("HELP-1001"), "group"), title="Goo")
    sent(desk, "eva", desk.button(desk.card("HELP-1002"), "group"), outage="HELP-1001")
    assert [ticket(desk, number).outage_id for number in (1, 2)] == [1, 1]
    desk.say("zoe", PRINTER)
    pressed_newest(desk, "zoe", "person")
    press = desk.button(desk.card("HELP-1003"), "group")
    outcome = desk.click("eva", press, conversation=ROOM, inputs={"outage": "HELP-1003"})
    assert outcome.kind is OutcomeKind.REFUSED
    assert ticket(desk, 3).outage_id is None


def test_a_merged_ticket_hears_of_the_end_of_the_others_outage(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    desk.say("tom", OTHER)
    do(desk, "eva", "merge", "HELP-1002", ticket="1001")
    begin(desk)
    ended(desk)
    told = text_of(desk.last("tom"))
    assert told.startswith("HELP-1001, which includes your ticket HELP-1002, is resolved.\nHow did it go")


def test_an_outage_needs_a_title(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    assert "short title" in notice(begin(desk, title=" \u200b"))


def test_in_shadow_mode_no_notice_is_shown(database: Database, library: Library, clock: Clock) -> None:
    desk = Helpdesk(database, library, clock, engineers=ENGINEERS, shadow="slack")
    desk.say("ana", UNKNOWN)
    begin(desk)
    assert desk.say("tom", ALIKE).kind == OutcomeKind.TICKET
    assert "HELP-1002" in desk.card("HELP-1002").summary


@pytest.mark.parametrize("field", ["title", "notice_en"])
def test_nothing_that_is_marked_as_a_note_is_told(desk: Helpdesk, field: str) -> None:
    desk.say("ana", UNKNOWN)
    assert "is an internal note" in notice(begin(desk, **{field: "// for us only"}))
    begin(desk)
    assert "is an internal note" in notice(ended(desk, note="done\n// it was Bob"))
    assert outage(desk).live


def test_what_was_joined_and_goes_on_by_itself_is_under_no_outage(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    desk.say("tom", OTHER)
    begin(desk)
    do(desk, "eva", "merge", ticket="HELP-1002")
    ended(desk)
    desk.click("tom", desk.button(desk.last("tom"), "cancel"))
    assert (ticket(desk).status, ticket(desk).outage_id) == (Status.OPEN, None)
    assert "group" in [button.action for button in desk.card("HELP-1001").menu]


# --- the command --------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["outage VPN is down", "known outage: VPN is down", "avería VPN is down"])
def test_an_engineer_begins_one_by_a_command(desk: Helpdesk, words: str) -> None:
    outcome = desk.say("eva", words, inline=True)
    assert outcome.kind == OutcomeKind.FORM
    assert outcome.card is not None
    assert outcome.card.fields[0].initial == "VPN is down"
    done = sent(desk, "eva", outcome.card.buttons[0], title="VPN is down")
    assert done.kind == OutcomeKind.DONE
    assert "Known outage: VPN is down" in text_of(sign(desk))


def test_where_no_form_can_be_opened_it_is_a_message(desk: Helpdesk) -> None:
    desk.say("tina", "outage VPN is down", channel="teams")
    card = desk.last("tina", "teams")
    assert [field.name for field in card.fields] == ["title", "notice_en", "notice_es"]
    form = desk.click("tina", card.buttons[0], channel="teams", conversation=desk.direct("tina", "teams"))
    assert form.card is not None
    assert form.card.fields[0].initial == "VPN is down"


def test_from_anybody_else_it_is_a_question(desk: Helpdesk) -> None:
    outcome = desk.say("ana", "outage of my flurbostat")
    assert outcome.kind == OutcomeKind.TICKET


def test_only_engineers_press(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    group = desk.button(desk.card("HELP-1001"), "group")
    begin(desk)
    for button in (group, *sign(desk).buttons):
        outcome = desk.click("mallory", button, conversation=ROOM, inputs={"title": "x"})
        assert "Only engineers" in notice(outcome)
    assert outage(desk).live


# --- races and lots -----------------------------------------------------------------------------------


def test_of_several_who_begin_the_same_one_wins(desk: Helpdesk) -> None:
    for person in ("ana", "tom"):
        desk.say(person, PRINTER)
        pressed_newest(desk, person, "person")
    forms = [asked(desk, "eva", "group", f"HELP-100{number}") for number in (1, 2)]
    clicks = [(who, press_of(form, title="Jam")) for who, form in zip(("eva", "eric"), forms, strict=True)]
    at_once(desk, clicks)
    with desk.begin() as work:
        assert len(work.outages.live(10)) == 1
        assert work.outages.size(1) == 2
    assert [ticket(desk, number).outage_id for number in (1, 2)] == [1, 1]


def test_of_several_who_end_it_one_wins(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    end = press_of(desk.button(sign(desk), "outage_end"), note="")
    outcomes = at_once(desk, [("eva", end), ("eric", end)] * 3)
    assert [outcome.kind for outcome in outcomes].count(OutcomeKind.DONE) == 1
    assert kinds(desk).count("resolved") == 1


def test_nobody_who_joins_while_it_ends_is_forgotten(desk: Helpdesk) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk)
    people = [f"p{number}" for number in range(6)]
    clicks = [("eva", press_of(desk.button(sign(desk), "outage_end"), note=""))]
    for person in people:
        desk.say(person, ALIKE)
        clicks.append((person, press_of(desk.button(desk.last(person), "joined"))))
    at_once(desk, [(who, Click(p.action, p.token, p.argument, p.inputs)) for who, p in clicks])
    assert not outage(desk).live
    for person in people:
        assert "is over" in text_of(desk.last(person))
    with desk.begin() as work:
        assert work.outages.lock_live_tickets(1, 10) == ()


def test_many_are_told_in_lots(desk: Helpdesk) -> None:
    desk.desk.outages.batch = 2
    desk.say("ana", UNKNOWN)
    begin(desk)
    for number in range(4):
        desk.say(f"p{number}", ALIKE)
        pressed_newest(desk, f"p{number}", "joined")
    ended(desk)
    live = [number for number in range(1, 6) if ticket(desk, number).live]
    assert live == [3, 4, 5]
    assert [desk.desk.outages.close_next_batch() for _ in range(4)] == [True, True, False, False]
    desk.deliver()
    assert all("is over" in text_of(desk.last(person)) for person in ("ana", "p0", "p1", "p2", "p3"))
    assert not any(ticket(desk, number).live for number in range(1, 6))


@pytest.mark.parametrize(
    ("question", "title", "words"),
    [
        ("Salesforce is down for everybody", "Salesforce is down", "Salesforce está caído"),
        (
            "nobody can open the flurbostat",
            "Nobody can open the flurbostat",
            "nadie puede abrir el flurbostat",
        ),
        ("el flurbostat está caído", "El flurbostat está caído", "the flurbostat is down"),
        ("the flurbostat keeps dropping", "The flurbostat drops", "el flurbostat se corta"),
    ],
)
def test_an_outage_is_found_in_the_words_of_the_other_language(
    desk: Helpdesk, question: str, title: str, words: str
) -> None:
    desk.say("ana", question)
    begin(desk, title=title)
    assert outage(desk).target == ""
    desk.say("carmen", words)
    assert buttons_of(desk.last("carmen")) == ["joined", "other"]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Nobody can open the flurbostat", "no puedo abrir la puerta del garaje"),
        ("Salesforce is down", "el ascensor está caído"),
        ("The flurbostat on floor 3 is dead", "el ascensor de la planta 3 está muerto"),
    ],
)
def test_trouble_alone_is_no_likeness_across_languages(desk: Helpdesk, title: str, words: str) -> None:
    desk.say("ana", UNKNOWN)
    begin(desk, title=title)
    desk.say("carmen", words)
    assert "joined" not in buttons_of(desk.last("carmen"))


def test_a_wish_for_a_person_is_nothing_that_an_outage_is_about(desk: Helpdesk) -> None:
    desk.say("ana", "the vpn is down")
    desk.say("ana", "I want to talk to a person")
    assert ticket(desk, 1).target == ""
    begin(desk, title="The VPN is down")
    desk.say("carmen", "quiero hablar con una persona")
    assert "joined" not in buttons_of(desk.last("carmen"))
    desk.say("tom", "I want to talk to a person")
    assert ticket(desk, 3).target == "person"
    begin(desk, "HELP-1003", title="Nobody answers the phone", outage="new")
    desk.say("eric", "get me a human please")
    assert "joined" not in buttons_of(desk.last("eric"))


def test_an_outage_from_a_ticket_for_a_person_is_about_its_question(desk: Helpdesk) -> None:
    desk.say("ana", "the vpn is down")
    desk.say("ana", "I want to talk to a person")
    begin(desk, title="The VPN is down")
    desk.say("carmen", "la vpn está caída")
    assert buttons_of(desk.last("carmen")) == ["joined", "other"]
