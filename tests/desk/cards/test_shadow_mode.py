"""Shadow mode: nothing is answered, everything is decided, and the engineer says what would have helped."""

import pytest
from sqlalchemy import select

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, ConversationRef, OutcomeKind, Reply
from bot.domain.knowledge.shadow import NO_ARTICLE, Verdict
from bot.storage import Database
from bot.storage.schema.tables import decisions
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk, text_of
from tests.support.desk.shadow import SURE, UNSURE, claimed, resolve, shown_to, unsaid
from tests.support.unknown import UNKNOWN

HELP = ConversationRef("slack", "T1", "CHELP", "1.0", private=False)


@pytest.fixture
def shadowed(database: Database, library: Library, clock: Clock) -> Helpdesk:
    return Helpdesk(database, library, clock, shadow="slack")


# --- what the employee sees ---------------------------------------------------------------------------


@pytest.mark.parametrize("question", [SURE, UNSURE, "it is broken", UNKNOWN])
def test_each_question_becomes_a_ticket_and_nothing_else_is_said(shadowed: Helpdesk, question: str) -> None:
    outcome = shadowed.say("ana", question)
    assert (outcome.kind, outcome.ticket) == (OutcomeKind.TICKET, "HELP-1001")
    (told,) = shown_to(shadowed, "ana")
    assert text_of(told).startswith("A person will help you. Your ticket is HELP-1001.")
    assert [button.action for button in told.buttons] == ["cancel"]


def test_another_channel_is_answered_as_ever(shadowed: Helpdesk) -> None:
    assert shadowed.say("ana", SURE, channel="web").kind == OutcomeKind.ANSWERED
    with shadowed.begin() as work:
        assert list(work.shadow.between(None, None)) == []


def test_all_means_every_channel(database: Database, library: Library, clock: Clock) -> None:
    helpdesk = Helpdesk(database, library, clock, shadow="All")
    for channel in ("slack", "teams", "web"):
        assert helpdesk.say("ana", SURE, channel=channel).kind == OutcomeKind.TICKET


def test_urgent_matters_keep_their_priority_and_show_no_first_aid(shadowed: Helpdesk) -> None:
    shadowed.say("ana", "I clicked on a phishing link")
    assert len(shown_to(shadowed, "ana")) == 1
    assert "Priority: Urgent" in text_of(shadowed.card("HELP-1001"))


@pytest.mark.parametrize("talk", ["hello", "what can you do?"])
def test_a_greeting_is_told_how_it_works_now_and_opens_nothing(shadowed: Helpdesk, talk: str) -> None:
    assert shadowed.say("ana", talk).kind == OutcomeKind.DONE
    assert "I will open a ticket" in text_of(shadowed.last("ana"))
    assert shadowed.in_space(ROOM.space) == []


def test_tickets_are_listed_added_to_and_withdrawn_as_ever(shadowed: Helpdesk) -> None:
    thread = "77.0"
    shadowed.say("ana", SURE, thread=thread)
    assert shadowed.say("ana", "my number is 1234", thread=thread).kind == OutcomeKind.ADDED
    shadowed.say("ana", "my tickets")
    assert "HELP-1001" in text_of(shadowed.last("ana"))
    shadowed.say("ana", "cancel HELP-1001")
    assert "Cancelled" in shadowed.card("HELP-1001").summary


def test_a_wish_for_a_person_is_no_question_to_be_judged(shadowed: Helpdesk) -> None:
    assert shadowed.say("ana", "talk to a person").kind == OutcomeKind.TICKET
    with shadowed.begin() as work:
        assert work.shadow.of(1) is None
    assert [field.name for field in _form(shadowed).fields] == ["note"]


def test_a_help_channels_talk_stays_untouched_and_its_questions_become_tickets(shadowed: Helpdesk) -> None:
    for talk in ("lunch was nice today", "good morning", "thanks"):
        said = shadowed.say("ana", talk, addressed=Addressed.HELP, conversation=HELP)
        assert said.kind == OutcomeKind.IGNORED
    assert shadowed.screen == {}
    asked = shadowed.say("ana", SURE, addressed=Addressed.HELP, conversation=HELP)
    assert asked.kind == OutcomeKind.TICKET
    assert len(shadowed.in_space("CHELP")) == 1


def test_a_repeat_changes_nothing(shadowed: Helpdesk) -> None:
    said = shadowed.utterance("ana", SURE)
    for _ in range(3):
        shadowed.desk.intake.receive(said)
    with shadowed.begin() as work:
        assert len(list(work.shadow.between(None, None))) == 1


# --- what is kept -------------------------------------------------------------------------------------


def test_the_decision_is_kept_with_its_candidates(shadowed: Helpdesk) -> None:
    shadowed.say("ana", UNSURE)
    kept = unsaid(shadowed)
    assert (kept.kind, kept.channel, kept.shown) == ("choose", "slack", 3)
    assert set(kept.targets) == {"vpn-macos", "vpn-linux", "vpn-windows"}
    assert len(kept.candidates) == 5
    with shadowed.database.engine.connect() as connection:
        (row,) = connection.execute(select(decisions))
    assert (row.kind, row.candidates[0]) == ("choose", list(kept.candidates[0]))


def test_a_question_back_is_kept_too(shadowed: Helpdesk) -> None:
    shadowed.say("ana", "it is broken")
    assert (unsaid(shadowed).kind, unsaid(shadowed).shown) == ("askback", 0)
    assert "asked what this is about" in text_of(shadowed.card("HELP-1001"))


# --- what the engineer sees and says ------------------------------------------------------------------


def test_the_card_says_what_was_not_said(shadowed: Helpdesk) -> None:
    for person, question, expected in (
        ("ana", SURE, "would have answered with Reset a forgotten password (99 %)"),
        ("bob", UNSURE, "would have offered a choice: "),
        ("tom", UNKNOWN, "would have opened a ticket as well; the closest match was "),
    ):
        outcome = shadowed.say(person, question)
        card = text_of(shadowed.card(outcome.ticket))
        assert "Shadow mode: the bot said nothing. It " + expected in card
        assert "Tried:" not in card


def _form(helpdesk: Helpdesk, ticket: str = "HELP-1001") -> Reply:
    form = helpdesk.click("eva", claimed(helpdesk, ticket), conversation=ROOM)
    assert form.kind == OutcomeKind.FORM
    assert form.card is not None
    return form.card


def test_the_form_has_the_candidates_and_none_and_any_other(shadowed: Helpdesk) -> None:
    shadowed.say("ana", UNSURE)
    form = _form(shadowed)
    note, article, other = form.fields
    assert (note.name, article.name, other.name) == ("note", "article", "other")
    assert (article.required, other.required) == (False, False)
    assert len(article.options) == 6
    assert article.options[-1].label == "None of these"
    assert shadowed.card("HELP-1001").fields == form.fields  # on platforms whose cards show inputs


def test_the_named_candidate_is_kept_as_an_id(shadowed: Helpdesk) -> None:
    shadowed.say("ana", SURE)
    assert resolve(shadowed, article="0").kind == OutcomeKind.DONE
    assert (unsaid(shadowed).named, unsaid(shadowed).verdict) == ("password-reset", Verdict.RIGHT)
    with shadowed.begin() as work:
        event = work.tickets.events(1)[-1]
    assert (event.kind, dict(event.detail)) == ("resolved", {"article": "password-reset"})
    assert "this would have helped: Reset a forgotten password" in text_of(shadowed.card("HELP-1001"))
    assert "password" not in text_of(shadowed.last("ana")).lower()


def test_none_of_these(shadowed: Helpdesk) -> None:
    shadowed.say("ana", SURE)
    resolve(shadowed, article="none")
    assert (unsaid(shadowed).named, unsaid(shadowed).verdict) == (NO_ARTICLE, Verdict.WRONG)
    assert "no article would have helped" in text_of(shadowed.card("HELP-1001"))


@pytest.mark.parametrize("typed", ["vpn-linux", " VPN-Linux ", "TITLE", "TÍTULO"])
def test_any_other_by_id_or_title_in_any_language(shadowed: Helpdesk, typed: str) -> None:
    versions = shadowed.library.snapshot.content.articles["vpn-linux"]
    typed = {"TITLE": versions["en"].title.upper(), "TÍTULO": versions["es"].title}.get(typed, typed)
    shadowed.say("ana", SURE)
    assert resolve(shadowed, article="none", other=typed).kind == OutcomeKind.DONE  # what is typed wins
    assert unsaid(shadowed).named == "vpn-linux"


@pytest.mark.parametrize(("typed", "near"), [("vpn-linus", "vpn-linux"), ("qqqq", "")])
def test_an_article_that_is_not_there_is_told_and_nothing_is_lost(
    shadowed: Helpdesk, typed: str, near: str
) -> None:
    shadowed.say("ana", SURE)
    again = resolve(shadowed, article="1", other=typed)
    assert again.kind == OutcomeKind.FORM
    assert again.notice is not None
    assert f"There is no article “{typed}”" in text_of(again.notice)
    assert near in text_of(again.notice)
    assert again.card is not None
    assert [field.initial for field in again.card.fields] == ["Done.", "1", typed]
    assert "Claimed" in shadowed.card("HELP-1001").summary
    button = shadowed.button(shadowed.card("HELP-1001"), "resolve")
    inputs = {"note": "Done.", "article": "0", "other": ""}
    assert shadowed.click("eva", button, conversation=ROOM, inputs=inputs).kind == OutcomeKind.DONE


@pytest.mark.parametrize(
    "inputs", [{}, {"article": ""}, {"article": "99"}, {"article": "²"}, {"article": "x"}]
)
def test_nobody_has_to_name_one(shadowed: Helpdesk, inputs: dict[str, str]) -> None:
    shadowed.say("ana", SURE)
    assert resolve(shadowed, **inputs).kind == OutcomeKind.DONE
    assert (unsaid(shadowed).named, unsaid(shadowed).verdict) == (None, Verdict.UNNAMED)


def test_who_does_not_hold_the_ticket_names_nothing(shadowed: Helpdesk) -> None:
    shadowed.say("ana", SURE)
    button = claimed(shadowed)
    shadowed.click("eric", button, conversation=ROOM, inputs={"note": "Mine", "article": "0"})
    assert unsaid(shadowed).named is None


def test_in_spanish(shadowed: Helpdesk) -> None:
    shadowed.say("ana", "he olvidado la contraseña y no puedo entrar")
    assert "Te va a ayudar una persona" in text_of(shadowed.last("ana"))
    form = shadowed.click("eva", claimed(shadowed), conversation=ROOM, locale="es-ES").card
    assert form is not None
    assert form.fields[1].label == "¿Qué artículo habría ayudado?"
    assert form.fields[1].options[-1].label == "Ninguno de estos"


def test_an_answer_that_is_there_already_stays_valid_when_shadow_mode_begins(
    database: Database, library: Library, clock: Clock
) -> None:
    helpdesk = Helpdesk(database, library, clock)
    thread = "88.0"
    helpdesk.say("ana", UNSURE, thread=thread)
    choose = helpdesk.button(helpdesk.last("ana"), "choose", "0")
    later = Helpdesk(database, library, clock, shadow="all", screen=helpdesk.screen, first_key=1000)
    place = helpdesk.direct("ana", thread=thread)
    assert later.click("ana", choose, conversation=place).kind == OutcomeKind.ANSWERED
    more = later.say("ana", "it still does not work on my laptop", thread=thread)
    assert more.kind == OutcomeKind.TICKET
