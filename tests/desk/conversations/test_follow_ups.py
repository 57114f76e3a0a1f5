"""After an answer, beside a ticket and after its end: assent, complaints, and what is neither."""

import pytest

from bot.domain.conversations.messages import OutcomeKind
from bot.domain.tickets.ticket import Status
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, text_of
from tests.support.unknown import SPANISH, UNKNOWN

LOCKED = "my account is locked"
ASSENT = ["ok", "got it", "let me try", "👍", "🙏", ":+1:", "ok 👍", "vale, lo pruebo", "thanks", "perfecto"]
UNSOLVED = ["still not", "same error", "no", "👎", "sigue igual", "no me ha servido"]
CHANNELS = ["slack", "teams", "web"]


def tickets(helpdesk: Helpdesk, *statuses: Status) -> list[str]:
    with helpdesk.begin() as work:
        return sorted(ticket.reference for ticket in work.tickets.listed(statuses or tuple(Status), 50))


def resolved(helpdesk: Helpdesk, channel: str, text: str = UNKNOWN) -> str:
    """A ticket that was resolved a minute ago."""
    ticket = helpdesk.claimed(channel=channel, text=text)
    button = helpdesk.button(helpdesk.card(ticket), "resolve")
    helpdesk.click("eva", button, conversation=ROOM, inputs={"note": "Wiped."})
    helpdesk.clock.move(minutes=1)
    return ticket


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("text", ASSENT)
def test_assent_after_an_answer_opens_nothing(helpdesk: Helpdesk, channel: str, text: str) -> None:
    helpdesk.say("ana", LOCKED, channel=channel)
    for pause in (20, 400):
        helpdesk.clock.move(seconds=pause)
        before = len(helpdesk.in_space(helpdesk.direct("ana", channel).space))
        assert helpdesk.say("ana", text, channel=channel).kind is OutcomeKind.DONE
        assert len(helpdesk.in_space(helpdesk.direct("ana", channel).space)) == before + 1
    assert tickets(helpdesk) == []


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("text", UNSOLVED)
def test_a_complaint_after_an_answer_opens_a_ticket(helpdesk: Helpdesk, channel: str, text: str) -> None:
    helpdesk.say("ana", LOCKED, channel=channel)
    helpdesk.clock.move(minutes=6)
    assert helpdesk.say("ana", text, channel=channel).kind is OutcomeKind.TICKET
    assert LOCKED in text_of(helpdesk.card("HELP-1001"))


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("text", ASSENT)
def test_assent_after_the_end_reopens_nothing(helpdesk: Helpdesk, channel: str, text: str) -> None:
    ticket = resolved(helpdesk, channel)
    assert helpdesk.say("ana", text, channel=channel).kind is OutcomeKind.DONE
    assert tickets(helpdesk, Status.RESOLVED) == [ticket]
    assert tickets(helpdesk) == [ticket]


@pytest.mark.parametrize("text", UNSOLVED)
def test_a_complaint_after_the_end_reopens_it(helpdesk: Helpdesk, text: str) -> None:
    ticket = resolved(helpdesk, "teams")
    helpdesk.say("ana", text, channel="teams")
    assert tickets(helpdesk, Status.CLAIMED) == [ticket]
    assert tickets(helpdesk) == [ticket]


@pytest.mark.parametrize("text", ["ok", "👍", "vale", "got it"])
def test_assent_to_an_open_ticket_is_not_added_to_it(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.clock.move(seconds=10)
    assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.DONE
    assert "HELP-1001 is with the team" in text_of(helpdesk.last("ana", "web"))
    assert len(helpdesk.in_space("CROOM")) == 1


def test_whoever_helps_is_passed_even_an_ok(helpdesk: Helpdesk) -> None:
    helpdesk.claimed(channel="web")
    assert helpdesk.say("ana", "ok", channel="web").kind is OutcomeKind.ADDED
    assert "Ana writes:\nok" in helpdesk.texts_in("CROOM")


@pytest.mark.parametrize("text", ["hmm", "mmm", "🤔"])
def test_what_is_unclear_after_an_answer_is_asked_once(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", LOCKED, channel="web")
    answer = helpdesk.last("ana", "web")
    assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.ASKED
    asked = helpdesk.last("ana", "web")
    assert buttons_of(asked) == ["solved", "not_helpful", "person"]
    assert all(not buttons_of(post) for post in helpdesk.in_space("ana") if post is not asked), answer
    assert helpdesk.click("ana", helpdesk.button(asked, "solved"), channel="web").kind is OutcomeKind.DONE
    assert tickets(helpdesk) == []


@pytest.mark.parametrize("seconds", [60, 400])
@pytest.mark.parametrize("text", ["its a pixel 8", "from home", "since monday", "dell latitude 5420"])
def test_a_detail_of_what_was_answered_is_kept_with_it_and_asked_about_once(
    helpdesk: Helpdesk, text: str, seconds: int
) -> None:
    helpdesk.say("ana", LOCKED, channel="web")
    helpdesk.clock.move(seconds=seconds)
    assert helpdesk.say("ana", text, channel="web").kind in (OutcomeKind.ASKED, OutcomeKind.DONE)
    assert tickets(helpdesk) == []
    helpdesk.clock.move(seconds=seconds)
    assert helpdesk.say("ana", "still not", channel="web").kind is OutcomeKind.TICKET
    card = text_of(helpdesk.card("HELP-1001"))
    assert LOCKED in card
    assert text in card


@pytest.mark.parametrize(
    "text", ["the stapler is broken", "lunch was nice", "nobody here is online", UNKNOWN]
)
def test_what_stands_for_itself_is_no_detail(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", LOCKED, channel="web")
    helpdesk.clock.move(minutes=5)
    assert helpdesk.say("ana", text, channel="web").kind is not OutcomeKind.ASKED


def test_asked_once_and_still_unclear_a_person_reads_it(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", LOCKED, channel="web")
    helpdesk.say("ana", "hmm", channel="web")
    assert helpdesk.say("ana", "mmm", channel="web").kind is OutcomeKind.TICKET


@pytest.mark.parametrize("channel", ["teams", "web"])
def test_what_is_unclear_after_the_end_is_asked_once(helpdesk: Helpdesk, channel: str) -> None:
    ticket = resolved(helpdesk, channel)
    assert helpdesk.say("ana", "hmm", channel=channel).kind is OutcomeKind.ASKED
    asked = helpdesk.last("ana", channel)
    assert buttons_of(asked) == ["came_back", "separate"]
    helpdesk.click("ana", helpdesk.button(asked, "came_back"), channel=channel)
    assert tickets(helpdesk, Status.CLAIMED) == [ticket]
    assert not [post for post in helpdesk.in_space("ana") if "came_back" in buttons_of(post)]


def test_in_the_threads_of_slack_it_is_asked_too(helpdesk: Helpdesk) -> None:
    ticket = helpdesk.claimed(thread="9.0")
    button = helpdesk.button(helpdesk.card(ticket), "resolve")
    helpdesk.click("eva", button, conversation=ROOM, inputs={"note": "Wiped."})
    helpdesk.clock.move(hours=1)
    assert helpdesk.say("ana", "hmm", thread="9.0").kind is OutcomeKind.ASKED
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "separate"), thread="9.0")
    assert tickets(helpdesk, Status.RESOLVED) == [ticket]
    assert helpdesk.last("ana").summary.startswith("I want to give you the right answer")


def test_a_notice_is_in_the_language_of_its_ticket(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", SPANISH, channel="web")
    helpdesk.clock.move(seconds=10)
    helpdesk.say("ana", "and it smells of burnt rubber too", channel="web")
    assert text_of(helpdesk.last("ana", "web")) == "Lo he añadido a HELP-1001."
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    assert "HELP-1001" in text_of(helpdesk.last("ana", "web"))
    assert "Eva is now" not in text_of(helpdesk.last("ana", "web"))


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (LOCKED, "wait no it's back"),
        (LOCKED, "still locked"),
        (LOCKED, "and now it does it on my phone"),
        ("mi cuenta está bloqueada", "pues vuelve a pasar"),
        ("mi cuenta está bloqueada", "sigue igual"),
    ],
)
def test_what_is_back_after_it_was_solved_opens_a_ticket_with_the_question(
    helpdesk: Helpdesk, channel: str, asked: str, text: str
) -> None:
    helpdesk.say("ana", asked, channel=channel)
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana", channel), "solved"), channel=channel)
    helpdesk.clock.move(minutes=1)
    assert helpdesk.say("ana", text, channel=channel).kind is OutcomeKind.TICKET
    assert f"{asked}\n{text}" in text_of(helpdesk.card("HELP-1001"))


def test_another_question_after_it_was_solved_is_one_of_its_own(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", LOCKED)
    helpdesk.say("ana", "works now, thanks!")
    assert helpdesk.say("ana", "my outlook does not open again").kind is OutcomeKind.ANSWERED
    assert tickets(helpdesk) == []


@pytest.mark.parametrize(
    ("choice", "detail"), [("linux i think", "it is ubuntu 24"), ("mac", "I have a macbook air")]
)
def test_a_detail_after_what_was_chosen_is_noted(helpdesk: Helpdesk, choice: str, detail: str) -> None:
    helpdesk.say("ana", "the VPN won't connect")
    assert helpdesk.say("ana", choice).kind is OutcomeKind.ANSWERED
    helpdesk.say("ana", detail)
    assert "Noted" in text_of(helpdesk.last("ana"))
    assert tickets(helpdesk) == []


@pytest.mark.parametrize(
    ("asked", "text"),
    [("mi cuenta está bloqueada", "¿podéis arreglarlo?"), (LOCKED, "can you just fix it?")],
)
def test_a_wish_that_it_be_repaired_is_no_success(helpdesk: Helpdesk, asked: str, text: str) -> None:
    helpdesk.say("ana", asked)
    assert helpdesk.say("ana", text).kind is OutcomeKind.TICKET
    assert asked in text_of(helpdesk.card("HELP-1001"))


OF_PARTS = {  # what people write, part by part
    "solved": [
        "ok that fixed it, appreciate it",
        "oh wow that actually worked",
        "ya puedo entrar, un saludo",
    ],
    "assent": ["gotcha, brb", "rebooting...", "perfecto, ahora te digo", "eres un máquina"],
    "unsolved": [
        "thanks for nothing",
        "spoke too soon, it's broken again",
        "ni por esas",
        "gracias por nada",
    ],
}
EACH = [(kind, text) for kind, texts in OF_PARTS.items() for text in texts]


@pytest.mark.parametrize(("kind", "text"), EACH)
def test_sentences_of_several_parts_after_an_answer(helpdesk: Helpdesk, kind: str, text: str) -> None:
    helpdesk.say("ana", LOCKED, channel="teams")
    helpdesk.clock.move(seconds=90)
    expected = OutcomeKind.TICKET if kind == "unsolved" else OutcomeKind.DONE
    assert helpdesk.say("ana", text, channel="teams").kind is expected


@pytest.mark.parametrize(("kind", "text"), EACH)
def test_sentences_of_several_parts_after_the_end(helpdesk: Helpdesk, kind: str, text: str) -> None:
    ticket = resolved(helpdesk, "teams")
    helpdesk.say("ana", text, channel="teams")
    assert tickets(helpdesk) == [ticket]
    assert tickets(helpdesk, Status.CLAIMED if kind == "unsolved" else Status.RESOLVED) == [ticket]


@pytest.mark.parametrize(("kind", "text"), EACH)
def test_sentences_of_several_parts_beside_a_ticket_open_no_other(
    helpdesk: Helpdesk, kind: str, text: str
) -> None:
    ticket = helpdesk.say("ana", UNKNOWN, channel="teams").ticket
    helpdesk.clock.move(minutes=3)
    helpdesk.say("ana", text, channel="teams")
    assert tickets(helpdesk) == [ticket], kind


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("the VPN keeps dropping on my mac", "the icon is grey"),
        ("se me corta la vpn en el mac", "el icono sale en gris"),
    ],
)
def test_what_a_screen_shows_is_part_of_what_was_answered(
    helpdesk: Helpdesk, question: str, text: str
) -> None:
    assert helpdesk.say("ana", question, channel="web").kind is OutcomeKind.ANSWERED
    helpdesk.clock.move(seconds=60)
    assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.ASKED
    assert tickets(helpdesk) == []
    helpdesk.say("ana", "still not", channel="web")
    assert text in text_of(helpdesk.card("HELP-1001"))


@pytest.mark.parametrize(("text", "yes"), [("chair", "yes"), ("silla", "sí")])
def test_one_word_that_names_what_one_can_ask_for_opens_no_ticket_at_once(
    helpdesk: Helpdesk, text: str, yes: str
) -> None:
    assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.CHOICE
    assert tickets(helpdesk) == []
    helpdesk.say("ana", yes, channel="web")
    assert tickets(helpdesk) == ["HELP-1001"]


def test_what_a_screen_shows_is_part_of_what_was_answered_beside_a_ticket_too(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.clock.move(minutes=3)
    helpdesk.say("ana", "the VPN keeps dropping on my mac", channel="web")
    helpdesk.clock.move(seconds=30)
    assert helpdesk.say("ana", "the icon is grey", channel="web").kind is OutcomeKind.ASKED
    assert not any("the icon is grey" in text for text in helpdesk.texts_in("CROOM"))


@pytest.mark.parametrize(
    ("question", "text"),
    [("chair", "none of these"), ("silla", "ninguna"), ("the VPN won't connect", "neither")],
)
def test_none_of_these_is_said_in_words_too(helpdesk: Helpdesk, question: str, text: str) -> None:
    assert helpdesk.say("ana", question, channel="web").kind is OutcomeKind.CHOICE
    assert helpdesk.say("ana", text, channel="web").kind is OutcomeKind.TICKET
    with helpdesk.begin() as work:
        (ticket,) = work.tickets.listed((Status.OPEN,), 50)
    assert not ticket.target


@pytest.mark.parametrize("wish", ["I'd rather talk to a person", "prefiero hablar con una persona"])
@pytest.mark.parametrize("channel", ["teams", "web"])
def test_a_bare_wish_for_a_person_opens_no_second_ticket(helpdesk: Helpdesk, channel: str, wish: str) -> None:
    first = helpdesk.say("ana", UNKNOWN, channel=channel)
    helpdesk.clock.move(minutes=5)
    assert helpdesk.say("ana", wish, channel=channel).ticket == first.ticket
