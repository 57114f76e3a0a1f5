"""The checklist: sent with one press, filled in by the employee, shown on the card."""

from sqlalchemy import update

from bot.domain.conversations.messages import OutcomeKind
from bot.storage import Database
from bot.storage.schema.tables import tickets
from tests.support.desk.claimed_tickets import card, claimed
from tests.support.desk.helpdesk import Helpdesk, buttons_of, text_of
from tests.support.desk.outcomes import form_of, send
from tests.support.desk.records import kinds
from tests.support.unknown import SPANISH, UNKNOWN


def asked(helpdesk: Helpdesk, text: str = UNKNOWN, channel: str = "slack") -> str:
    """A claimed ticket about which Eva has asked for details."""
    ticket = claimed(helpdesk, text, channel=channel)
    outcome = helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "ask_details"))
    assert outcome.kind == OutcomeKind.DONE
    return ticket


def test_an_intent_has_its_own_questions(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "no wifi on 3rd floor", channel="web")
    helpdesk.say("ana", "talk to a person", channel="web")
    helpdesk.click("eva", helpdesk.button(card(helpdesk, "HELP-1001"), "claim"))
    helpdesk.click("eva", helpdesk.button(card(helpdesk, "HELP-1001"), "ask_details"))
    request = helpdesk.last("ana", "web")
    intent = helpdesk.library.snapshot.content.intents["wifi"]
    assert list(intent.asks["en"]) == [field.label for field in request.fields]


def test_every_other_ticket_has_the_usual_ones(helpdesk: Helpdesk) -> None:
    asked(helpdesk)
    request = helpdesk.last("ana")
    assert [field.name for field in request.fields] == ["ask0", "ask1", "ask2", "ask3"]
    assert not any(field.required for field in request.fields)
    assert "Eva needs a few details about HELP-1001" in text_of(request)
    assert "screenshot" in text_of(request)
    assert "asked Ana for details" in text_of(helpdesk.in_space("CROOM")[-1])


def test_answers_become_fields_of_the_card_and_the_assignee_is_told(helpdesk: Helpdesk) -> None:
    ticket = asked(helpdesk)
    button = helpdesk.button(helpdesk.last("ana"), "details")
    form = form_of(helpdesk.click("ana", button))
    assert [field.label for field in form.fields] == [field.label for field in helpdesk.last("ana").fields]
    outcome = send(helpdesk, "ana", form, ask0="FL-2000, <b>old</b>", ask3="1. open\n2. wait", ask1="  ")
    assert outcome.kind == OutcomeKind.DONE
    shown = text_of(card(helpdesk, ticket))
    assert "Device and program: FL-2000, <b>old</b>" in shown
    assert "Steps to reproduce: 1. open\n2. wait" in shown
    assert "Since" not in shown
    told = text_of(helpdesk.in_space("CROOM")[-1])
    assert told.startswith("Eva, Ana has sent details:")
    assert "FL-2000" in told
    assert kinds(helpdesk)[-2:] == ["asked_details", "details"]
    request = next(reply for reply in helpdesk.in_space("Dana") if "few details" in text_of(reply))
    assert "Thank you" in text_of(request)
    assert buttons_of(request) == ["details"]
    assert request.fields[0].initial == "FL-2000, <b>old</b>"


def test_a_second_answer_corrects_the_first_and_all_of_them_end_it(helpdesk: Helpdesk) -> None:
    ticket = asked(helpdesk)
    button = helpdesk.button(helpdesk.last("ana"), "details")
    helpdesk.click("ana", button, inputs={"ask0": "FL-1"})
    answers = {f"ask{index}": f"answer {index}" for index in range(4)}
    helpdesk.click("ana", button, inputs=answers)
    shown = text_of(card(helpdesk, ticket))
    assert "FL-1" not in shown
    assert shown.count("answer 0") == 1
    request = next(reply for reply in helpdesk.in_space("Dana") if "few details" in text_of(reply))
    assert buttons_of(request) == []
    assert text_of(request).count("Thank you") == 1


def test_asking_again_asks_for_what_is_missing(helpdesk: Helpdesk) -> None:
    ticket = asked(helpdesk)
    first = helpdesk.last("ana")
    helpdesk.click("ana", helpdesk.button(first, "details"), inputs={"ask0": "FL-1", "ask1": "today"})
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "ask_details"))
    requests = [reply for reply in helpdesk.in_space("Dana") if "few details" in text_of(reply)]
    assert [buttons_of(reply) for reply in requests] == [[], ["details"]]
    assert [len(reply.fields) for reply in requests] == [0, 2]
    helpdesk.click("ana", helpdesk.button(requests[-1], "details"), inputs={"ask0": "E-17"})
    shown = text_of(card(helpdesk, ticket))
    assert "Device and program: FL-1" in shown
    assert "Error message: E-17" in shown


def test_only_the_requester_answers_and_only_the_assignee_asks(helpdesk: Helpdesk) -> None:
    ticket = asked(helpdesk)
    button = helpdesk.button(helpdesk.last("ana"), "details")
    for person in ("tom", "eva"):
        assert helpdesk.click(person, button, inputs={"ask0": "mine"}).kind == OutcomeKind.REFUSED
    ask = helpdesk.button(card(helpdesk, ticket), "ask_details")
    for person in ("eric", "ana"):
        assert helpdesk.click(person, ask).kind == OutcomeKind.REFUSED
    assert "mine" not in text_of(card(helpdesk, ticket))


def test_nothing_filled_in_is_told(helpdesk: Helpdesk) -> None:
    asked(helpdesk)
    button = helpdesk.button(helpdesk.last("ana"), "details")
    outcome = helpdesk.click("ana", button, inputs={"ask0": " \u200b "})
    assert outcome.kind == OutcomeKind.REFUSED
    assert "details" not in kinds(helpdesk)


def test_after_the_end_nothing_is_taken_in(helpdesk: Helpdesk) -> None:
    ticket = asked(helpdesk)
    button = helpdesk.button(helpdesk.last("ana"), "details")
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "resolve"), inputs={"note": "Done"})
    assert helpdesk.click("ana", button, inputs={"ask0": "FL-1"}).kind == OutcomeKind.REFUSED


def test_a_secret_is_hidden_and_spanish_asks_in_spanish(helpdesk: Helpdesk) -> None:
    ticket = asked(helpdesk, SPANISH)
    request = helpdesk.last("ana")
    assert request.fields[0].label == "¿De qué equipo y de qué programa se trata?"
    button = helpdesk.button(request, "details")
    outcome = helpdesk.click("ana", button, inputs={"ask0": "my password is Hunter2secret!"})
    assert outcome.notice is not None
    assert "Hunter2secret" not in text_of(card(helpdesk, ticket))
    assert "Device and program" in text_of(card(helpdesk, ticket))


def test_the_questions_are_those_of_what_the_ticket_was_matched_to(
    helpdesk: Helpdesk, database: Database
) -> None:
    ticket = claimed(helpdesk)
    with database.transaction() as connection:  # as when the content has changed since
        connection.execute(update(tickets).values(target="wifi"))
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "ask_details"))
    intent = helpdesk.library.snapshot.content.intents["wifi"]
    assert list(intent.asks["en"]) == [field.label for field in helpdesk.last("ana").fields]


def test_what_is_sent_when_the_ticket_is_over_is_refused(helpdesk: Helpdesk) -> None:
    ticket = asked(helpdesk)
    form = form_of(helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "details")))
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "resolve"), inputs={"note": "Done"})
    assert send(helpdesk, "ana", form, ask0="FL-2000").kind is OutcomeKind.REFUSED
    assert "FL-2000" not in text_of(card(helpdesk, ticket))
