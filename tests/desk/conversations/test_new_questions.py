"""A new question beside a ticket is a new question; what belongs to the ticket is added; either is undone."""

import pytest

from bot.domain.conversations.messages import OutcomeKind, Reply
from bot.domain.tickets.ticket import Priority, Status
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, question_of, text_of
from tests.support.desk.outages import begin
from tests.support.desk.records import kinds, ticket
from tests.support.unknown import OTHER, UNKNOWN

CHANNELS = ["slack", "teams", "web"]
WHOLE = {
    "my account is locked": OutcomeKind.ANSWERED,
    "The VPN won't connect": OutcomeKind.CHOICE,
    "my chair squeaks": OutcomeKind.TICKET,
    "I need a new mouse": OutcomeKind.TICKET,
    "la impresora no imprime": OutcomeKind.ANSWERED,
    "how do I set up out of office?": OutcomeKind.ANSWERED,
}
PARTS = [
    "my laptop",
    "is dead",
    "and it smells",
    "my username is acosta",
    "we have a client call at 3",
    "can you hurry please",
    "when will someone look at it?",
    "since this morning it hums",
    "toda la oficina está sin conexión",
]


def live(helpdesk: Helpdesk) -> list[str]:
    with helpdesk.begin() as work:
        return sorted(ticket.reference for ticket in work.tickets.listed((Status.OPEN, Status.CLAIMED), 50))


def priority(helpdesk: Helpdesk) -> Priority:
    return ticket(helpdesk).priority


def offering(helpdesk: Helpdesk, action: str, channel: str = "web") -> Reply:
    """The newest post of the employee's chat with this button."""
    posts = helpdesk.in_space(helpdesk.direct("ana", channel).space)
    return next(post for post in reversed(posts) if action in buttons_of(post))


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_question_after_a_ticket_is_answered(helpdesk: Helpdesk, channel: str, text: str) -> None:
    helpdesk.say("ana", UNKNOWN, channel=channel)
    helpdesk.clock.move(seconds=20)
    assert helpdesk.say("ana", text, channel=channel).kind is WHOLE[text]
    post = offering(helpdesk, "belongs", channel)
    assert text_of(post) == f"{text_of(post).split(' HELP')[0]} HELP-1001."
    assert question_of(helpdesk.card("HELP-1001")) == UNKNOWN


@pytest.mark.parametrize("text", PARTS)
def test_what_goes_on_with_it_is_added(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.clock.move(seconds=20)
    assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.ADDED
    assert question_of(helpdesk.card("HELP-1001")) == f"{UNKNOWN}\n{text}"
    assert live(helpdesk) == ["HELP-1001"]


def test_what_is_about_the_same_is_added(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "get me a person, my account is locked", channel="web")
    helpdesk.clock.move(seconds=20)
    assert helpdesk.say("ana", "my account is blocked", channel="web").kind is OutcomeKind.ADDED


@pytest.mark.parametrize("text", ["how do I set up out of office?", "The VPN won't connect"])
def test_while_somebody_helps_a_sure_question_is_answered_and_they_see_it(
    helpdesk: Helpdesk, text: str
) -> None:
    helpdesk.claimed(channel="teams")
    helpdesk.clock.move(hours=1)
    assert helpdesk.say("ana", text, channel="teams").kind is WHOLE[text]
    assert f"answered it apart from HELP-1001:\n{text}" in helpdesk.texts_in("CROOM")[-1]
    helpdesk.clock.move(minutes=10)
    assert helpdesk.say("ana", "the blue lamp again", channel="teams").kind is OutcomeKind.ADDED


@pytest.mark.parametrize("text", ["my chair squeaks", "it hums", "yes", "the vpn on windows", OTHER])
def test_while_somebody_helps_all_else_goes_to_them(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.claimed(channel="teams")
    helpdesk.clock.move(hours=1)
    assert helpdesk.say("ana", text, channel="teams").kind is OutcomeKind.ADDED
    assert f"Ana writes:\n{text}" in helpdesk.texts_in("CROOM")


def test_each_question_beside_a_ticket_can_be_undone_and_the_rest_goes_to_who_helps(
    helpdesk: Helpdesk,
) -> None:
    helpdesk.claimed(channel="web")
    helpdesk.clock.move(minutes=5)
    for text in ("how do I set up out of office?", "my account is locked"):
        assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.ANSWERED
        assert f"apart from HELP-1001:\n{text}" in helpdesk.texts_in("CROOM")[-1]
        assert "belongs" in buttons_of(helpdesk.last("ana", "web"))
    assert helpdesk.say("ana", "Eva, are you there?", channel="web").ticket == "HELP-1001"
    assert "Ana writes:\nEva, are you there?" in helpdesk.texts_in("CROOM")


def test_a_detail_after_an_answer_beside_an_open_ticket_is_the_tickets(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.say("ana", "how do I set up out of office?", channel="web")
    assert helpdesk.say("ana", "it is blinking red now", channel="web").ticket == "HELP-1001"
    assert helpdesk.say("ana", "also my account is locked", channel="web").kind is OutcomeKind.ANSWERED
    assert live(helpdesk) == ["HELP-1001"]


@pytest.mark.parametrize("text", ["talk to a person", "quiero hablar con una persona"])
def test_what_a_person_was_asked_for_comes_next(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", text, channel="web")
    assert helpdesk.say("ana", "my account is locked", channel="web").ticket == "HELP-1001"


@pytest.mark.parametrize("text", ["works now, thanks", "nvm", "ya no hace falta"])
def test_success_beside_a_ticket_shows_the_button_that_cancels(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.say("ana", text, channel="web")
    assert "cancel" in buttons_of(helpdesk.last("ana", "web"))
    assert len(helpdesk.in_space("CROOM")) == 1


def test_what_follows_an_answer_beside_a_ticket_is_about_the_answer(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(channel="web")
    helpdesk.clock.move(hours=1)
    helpdesk.say("ana", "how do I set up out of office?", channel="web")
    helpdesk.clock.move(seconds=30)
    assert helpdesk.say("ana", "still not", channel="web").ticket == "HELP-1002"


# --- it belongs to the ticket -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["my account is locked", "The VPN won't connect"])
def test_an_answered_question_is_added_after_all(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.say("ana", text, channel="web")
    belongs = helpdesk.button(offering(helpdesk, "belongs"), "belongs")
    assert helpdesk.click("ana", belongs, channel="web").kind is OutcomeKind.ADDED
    assert f"Ana added to HELP-1001:\n{text}" in helpdesk.texts_in("CROOM")
    answer = next(post for post in helpdesk.in_space("ana") if "✓ It belongs to HELP-1001." in text_of(post))
    assert not answer.buttons
    assert helpdesk.click("ana", belongs, channel="web").kind is OutcomeKind.REFUSED
    helpdesk.clock.move(seconds=10)
    assert helpdesk.say("ana", "and the other one, too", channel="web").ticket == "HELP-1001"
    assert live(helpdesk) == ["HELP-1001"]


def test_a_ticket_of_its_own_is_merged_after_all(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    assert helpdesk.say("ana", "my chair squeaks", channel="web").ticket == "HELP-1002"
    helpdesk.click("ana", helpdesk.button(offering(helpdesk, "belongs"), "belongs"), channel="web")
    assert live(helpdesk) == ["HELP-1001"]
    assert any("my chair squeaks" in text for text in helpdesk.texts_in("CROOM") if "HELP-1001" in text)
    assert question_of(helpdesk.card("HELP-1001")) == UNKNOWN


def test_to_a_closed_ticket_nothing_is_added(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.say("ana", "my account is locked", channel="web")
    belongs = helpdesk.button(offering(helpdesk, "belongs"), "belongs")
    helpdesk.say("ana", "cancel HELP-1001", channel="web")
    assert helpdesk.click("ana", belongs, channel="web").kind is OutcomeKind.REFUSED


def test_nobody_else_may_click(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.say("ana", "it hums", channel="web")
    separate = helpdesk.button(offering(helpdesk, "separate"), "separate")
    helpdesk.say("ana", "my account is locked", channel="web")
    belongs = helpdesk.button(offering(helpdesk, "belongs"), "belongs")
    for button in (separate, belongs):
        assert helpdesk.click("tom", button, channel="web").kind is OutcomeKind.REFUSED
    assert question_of(helpdesk.card("HELP-1001")) == f"{UNKNOWN}\nit hums"


# --- it is something else -----------------------------------------------------------------------------


def test_what_was_added_by_mistake_is_taken_out_and_answered(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    for line in ("my laptop", "battery"):
        helpdesk.clock.move(seconds=20)
        assert helpdesk.say("ana", line, channel="web").kind is OutcomeKind.ADDED
    separate = helpdesk.button(offering(helpdesk, "separate"), "separate")
    outcome = helpdesk.click("ana", separate, channel="web")
    assert outcome.kind in (OutcomeKind.ANSWERED, OutcomeKind.CHOICE)
    assert question_of(helpdesk.card("HELP-1001")) == UNKNOWN
    assert "something else than HELP-1001" in " ".join(helpdesk.texts_in("CROOM"))
    assert helpdesk.click("ana", separate, channel="web").kind is OutcomeKind.REFUSED


def test_so_it_is_where_somebody_also_asked_for_a_person(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    for line in ("it hums", "talk to a person", "and it smells"):
        helpdesk.clock.move(seconds=20)
        helpdesk.say("ana", line, channel="web")
    separate = helpdesk.button(offering(helpdesk, "separate"), "separate")
    helpdesk.click("ana", separate, channel="web")
    assert question_of(helpdesk.card("HELP-1001")) == UNKNOWN


def test_from_a_claimed_ticket_it_is_taken_too(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(channel="teams")
    helpdesk.clock.move(hours=1)
    helpdesk.say("ana", "printer jam", channel="teams")
    separate = helpdesk.button(offering(helpdesk, "separate", "teams"), "separate")
    outcome = helpdesk.click("ana", separate, channel="teams")
    assert outcome.kind in (OutcomeKind.ANSWERED, OutcomeKind.CHOICE, OutcomeKind.TICKET)
    assert "something else than HELP-1001" in " ".join(helpdesk.texts_in("CROOM"))


# --- a sign for each burst ----------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", [False, True])
def test_each_burst_gets_one_sign(helpdesk: Helpdesk, claimed: bool) -> None:
    if claimed:
        helpdesk.claimed(channel="teams")
        helpdesk.clock.move(minutes=5)
    else:
        helpdesk.say("ana", UNKNOWN, channel="teams")
    signs = []
    for pause in (20, 20, 20, 300, 20):
        helpdesk.clock.move(seconds=pause)
        before = len(helpdesk.in_space("ana"))
        helpdesk.say("ana", "and the lamp", channel="teams")
        signs.append(len(helpdesk.in_space("ana")) - before)
    assert signs == [1, 0, 0, 1, 0]
    assert sum("separate" in buttons_of(post) for post in helpdesk.in_space("ana")) == 1


# --- how urgent it is ---------------------------------------------------------------------------------


def test_each_line_may_raise_the_priority(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    assert priority(helpdesk) is Priority.NORMAL
    helpdesk.say("ana", "toda la oficina está sin conexión", channel="web")
    assert priority(helpdesk) is Priority.HIGH
    assert "High (many people)" in text_of(helpdesk.card("HELP-1001"))
    helpdesk.say("ana", "and the whole team waits", channel="web")
    assert priority(helpdesk) is Priority.HIGH
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    helpdesk.say("ana", "we are completely blocked by it", channel="web")
    assert priority(helpdesk) is Priority.URGENT
    assert kinds(helpdesk).count("prioritized") == 2
    assert ticket(helpdesk).why == ("many", "blocked")
    assert sum("now has the priority" in text for text in helpdesk.texts_in("CROOM")) == 2


# --- a choice or a question back ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["my account is locked", "how do I set up out of office?", "la impresora no imprime"]
)
def test_an_open_choice_does_not_turn_the_next_question_into_a_ticket(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", "the VPN won't connect", channel="web")
    choice = helpdesk.last("ana", "web")
    assert "choose" in buttons_of(choice)
    assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.ANSWERED
    assert not [post for post in helpdesk.in_space("ana") if "choose" in buttons_of(post)]
    assert live(helpdesk) == []


def test_after_a_question_back_a_choice_may_follow(helpdesk: Helpdesk) -> None:
    assert helpdesk.say("ana", "it does not work", channel="web").kind is OutcomeKind.ASKED
    assert helpdesk.say("ana", "The VPN won't connect", channel="web").kind is OutcomeKind.CHOICE
    assert live(helpdesk) == []


@pytest.mark.parametrize(
    ("named", "then", "kind"),
    [
        ("el ratón", "no funciona", OutcomeKind.ANSWERED),
        ("mouse", "a new one please", OutcomeKind.TICKET),
        ("el ratón", "uno nuevo", OutcomeKind.TICKET),
    ],
)
def test_a_thing_that_is_only_named_is_asked_about(
    helpdesk: Helpdesk, named: str, then: str, kind: OutcomeKind
) -> None:
    assert helpdesk.say("ana", named).kind is OutcomeKind.CHOICE
    assert helpdesk.say("ana", then).kind is kind


@pytest.mark.parametrize(
    "asked", ["no me llegan los correos en el móvil", "necesito un portátil para una persona nueva"]
)
def test_when_it_happens_is_no_small_talk(helpdesk: Helpdesk, asked: str) -> None:
    helpdesk.say("ana", asked)
    helpdesk.say("ana", "empieza el lunes")
    assert "Gracias" not in text_of(helpdesk.last("ana"))
    assert text_of(helpdesk.last("ana")).strip()
    helpdesk.say("ana", "una persona, por favor")
    assert f"{asked}\nempieza el lunes" in text_of(helpdesk.card("HELP-1001"))


def test_a_remark_takes_the_place_of_no_choice(helpdesk: Helpdesk) -> None:
    assert helpdesk.say("ana", "the VPN won't connect").kind is OutcomeKind.CHOICE
    helpdesk.say("ana", "what a match last night")
    assert "Thanks for sharing" in text_of(helpdesk.last("ana"))
    assert helpdesk.say("ana", "mac").kind is OutcomeKind.ANSWERED


def test_a_choice_is_answered_in_words_too(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "the VPN won't connect", channel="web")
    assert helpdesk.say("ana", "ok", channel="web").kind is OutcomeKind.DONE
    assert "Select one of the options" in text_of(helpdesk.last("ana", "web"))
    assert helpdesk.say("ana", "no", channel="web").kind is OutcomeKind.TICKET


# --- a known outage -----------------------------------------------------------------------------------


@pytest.mark.parametrize("claimed", [False, True])
def test_its_notice_reaches_people_with_tickets(helpdesk: Helpdesk, claimed: bool) -> None:
    helpdesk.say("tom", "the snorkwobble yodels all day", channel="teams")
    begin(helpdesk, title="Snorkwobbles yodel")
    if claimed:
        helpdesk.claimed(channel="web")
        helpdesk.clock.move(hours=1)
    else:
        helpdesk.say("ana", UNKNOWN, channel="web")
    assert helpdesk.say("ana", "our snorkwobble yodels again", channel="web").kind is OutcomeKind.ANSWERED
    notice = offering(helpdesk, "joined")
    assert "Stand back" in text_of(notice)
    assert "apart from HELP-1002" in text_of(offering(helpdesk, "belongs"))
    outcome = helpdesk.click("ana", helpdesk.button(notice, "joined"), channel="web")
    assert outcome.ticket == "HELP-1003"


@pytest.mark.parametrize(
    ("answered", "text"),
    [
        ("my account is locked", "my chair squeaks"),
        ("I forgot my password", "my chair squeaks and needs a new wheel"),
        ("my account is locked", "my desk lamp is broken"),
        ("my account is locked", "can somebody bring me a new chair?"),
        ("my account is locked", "the coffee robot is broken"),
        ("my account is locked", "my chair is broken too"),
        ("mi cuenta está bloqueada", "el robot del café no va"),
        ("mi cuenta está bloqueada", "mi silla chirria"),
        ("mi cuenta está bloqueada", "mi silla chirria y necesita una rueda nueva"),
    ],
)
def test_what_nothing_links_with_an_answer_is_a_question_of_its_own(
    helpdesk: Helpdesk, answered: str, text: str
) -> None:
    assert helpdesk.say("ana", answered).kind is OutcomeKind.ANSWERED
    helpdesk.clock.move(seconds=40)
    assert helpdesk.say("ana", text).kind is OutcomeKind.TICKET
    card = helpdesk.card("HELP-1001")
    assert question_of(card) == text
    assert answered not in text_of(card)


@pytest.mark.parametrize(
    "text",
    [
        "my account is broken everywhere",  # a word of the question
        "my tablet is broken",  # a word of the article alone
        "my turtle is broken and it will not close",
        "the tap is broken",
        "the login page is broken",
        "it still does not open",
    ],
)
def test_what_may_be_about_an_answer_stays_with_its_question(helpdesk: Helpdesk, text: str) -> None:
    assert helpdesk.say("ana", "my account is locked").kind is OutcomeKind.ANSWERED
    helpdesk.clock.move(seconds=40)
    helpdesk.say("ana", text)
    helpdesk.say("ana", "a person, please")
    assert "my account is locked" in text_of(helpdesk.card("HELP-1001"))
    assert text in text_of(helpdesk.card("HELP-1001"))
