"""What the bot serves in a help channel, and what it leaves alone."""

from dataclasses import replace

import pytest

from bot.domain.conversations.messages import Addressed, ConversationRef, OutcomeKind
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Status
from tests.support.desk.helpdesk import Helpdesk, Shown, buttons_of, text_of
from tests.support.desk.outages import begin
from tests.support.unknown import SPANISH, UNKNOWN

UNCLEAR = [UNKNOWN, SPANISH, "nobody gets into the flurb portal", "printer on floor 3 makes strange noises"]
HELP = ConversationRef("slack", "T1", "CHELP", "7.0", private=False)


def kept_texts(helpdesk: Helpdesk) -> list[str]:
    with helpdesk.database.engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT body FROM texts").scalars())


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I forgot my password", OutcomeKind.ANSWERED),
        ("can somebody repair the flurbostat?", OutcomeKind.TICKET),
        ("it does not work", OutcomeKind.ASKED),
    ],
)
def test_questions_are_served(helpdesk: Helpdesk, text: str, kind: OutcomeKind) -> None:
    assert kind == helpdesk.say("ana", text, conversation=HELP, addressed=Addressed.HELP).kind
    assert helpdesk.in_space("CHELP")


@pytest.mark.parametrize(
    ("person", "text", "changes"),
    [
        ("ana", "lunch was nice today", {}),
        ("ana", "good morning", {}),
        ("ana", "ok", {}),
        ("ana", "\N{PARTY POPPER}", {}),
        ("ana", ":tada: :tada:", {}),
        ("ana", "heads up: VPN maintenance tonight from 22:00", {}),
        ("ana", "The new VPN client is rolled out today", {}),
        ("ana", "aviso: esta noche hay mantenimiento de la VPN", {}),
        ("eva", UNKNOWN, {}),
        ("ana", UNKNOWN, {"to_others": True}),
        ("ana", UNKNOWN, {"stranger": True}),
        ("ana", "Bob, I forgot my password", {"to_others": True}),
        ("eva", "I forgot my password", {}),
        ("ana", "I forgot my password", {"stranger": True}),
        ("ana", "", {}),
    ],
)
def test_anything_else_is_left_alone_and_not_kept(
    helpdesk: Helpdesk, person: str, text: str, changes: dict[str, bool]
) -> None:
    outcome = helpdesk.say(person, text, conversation=HELP, addressed=Addressed.HELP, **changes)
    assert outcome.kind == OutcomeKind.IGNORED
    assert helpdesk.screen == {}
    assert kept_texts(helpdesk) == []


@pytest.mark.parametrize("text", ["¿comemos?", "who's in?", "¿Quién viene?"])
def test_a_question_of_few_words_opens_no_ticket_in_front_of_everybody(helpdesk: Helpdesk, text: str) -> None:
    outcome = helpdesk.say("ana", text, conversation=HELP, addressed=Addressed.HELP)
    assert outcome.kind in (OutcomeKind.ASKED, OutcomeKind.IGNORED)
    assert helpdesk.texts_in("CROOM") == []


def test_other_people_in_the_thread_are_never_matched(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password", conversation=HELP, addressed=Addressed.HELP)
    kept = len(kept_texts(helpdesk))
    outcome = helpdesk.say(
        "tom", "me too, I forgot my password", conversation=HELP, addressed=Addressed.THREAD
    )
    assert outcome.kind == OutcomeKind.IGNORED
    assert kept == len(kept_texts(helpdesk))
    mention = helpdesk.say(
        "tom", "me too, I forgot my password", conversation=HELP, addressed=Addressed.MENTION
    )
    assert mention.kind == OutcomeKind.ANSWERED


def test_the_asker_goes_on_in_the_thread_without_a_mention(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "it does not work", conversation=HELP, addressed=Addressed.HELP)
    outcome = helpdesk.say("ana", "the printer", conversation=HELP, addressed=Addressed.THREAD)
    assert outcome.kind == OutcomeKind.ANSWERED
    bob = helpdesk.say("ana", "thanks Bob", conversation=HELP, addressed=Addressed.THREAD, to_others=True)
    assert bob.kind == OutcomeKind.IGNORED


def test_my_tickets_in_public_is_answered_privately(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "my tickets", conversation=HELP, addressed=Addressed.MENTION)
    shown = list(helpdesk.screen.values())
    assert [one.private_to.external_id for one in shown if one.private_to] == ["ana"]


def overheard(helpdesk: Helpdesk, text: str, person: str = "ana", thread: str = "7.0") -> OutcomeKind:
    place = replace(HELP, thread=thread)
    return helpdesk.say(person, text, conversation=place, addressed=Addressed.HELP).kind


def offers(helpdesk: Helpdesk) -> list[Shown]:
    return [shown for shown in helpdesk.screen.values() if "want_ticket" in buttons_of(shown.reply)]


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_unclear_is_asked_about_in_private(helpdesk: Helpdesk, text: str) -> None:
    assert overheard(helpdesk, text) is OutcomeKind.ASKED
    (shown,) = helpdesk.screen.values()
    assert shown.private_to == Identity("slack", "T1", "ana")
    assert text in text_of(shown.reply)
    assert buttons_of(shown.reply) == ["want_ticket", "no_ticket"]


@pytest.mark.parametrize(
    "text",
    [
        "does anybody know if there is cake?",
        "has anyone seen my umbrella?",
        "any idea who took the big ladder?",
        "whose grey bicycle is that by the door?",
        "who put the grey bicycle by the door?",
        "¿alguien sabe si hay tarta?",
        "¿de quién es el coche gris de la entrada?",
        "¿sabéis si mañana abre la cafetería?",
    ],
)
def test_the_form_of_a_question_alone_is_no_request(helpdesk: Helpdesk, text: str) -> None:
    assert overheard(helpdesk, text) is OutcomeKind.ASKED
    (shown,) = helpdesk.screen.values()
    assert shown.private_to == Identity("slack", "T1", "ana")
    assert buttons_of(shown.reply) == ["want_ticket", "no_ticket"]


@pytest.mark.parametrize(
    "text",
    [
        "does anybody know why the flurbostat keeps crashing?",
        "anyone else unable to start the flurbostat?",
        "could somebody have a look at the flurbostat?",
        "how do I calibrate the flurbostat?",
        "¿alguien me echa una mano con el flurbostato?",
        "¿alguien más con problemas en el flurbostato?",
        "¿cómo puedo calibrar el flurbostato?",
        "¿sabéis si está caído el flurbostato?",
    ],
)
def test_a_question_that_names_trouble_or_asks_for_help_is_a_request(helpdesk: Helpdesk, text: str) -> None:
    assert overheard(helpdesk, text) is OutcomeKind.TICKET


def test_yes_opens_a_ticket_in_the_thread(helpdesk: Helpdesk) -> None:
    overheard(helpdesk, UNKNOWN)
    yes = helpdesk.button(offers(helpdesk)[0].reply, "want_ticket")
    assert helpdesk.click("tom", yes).kind is OutcomeKind.REFUSED
    assert helpdesk.click("ana", yes).ticket == "HELP-1001"
    assert helpdesk.click("ana", yes).kind is OutcomeKind.REFUSED
    assert UNKNOWN in text_of(helpdesk.card("HELP-1001"))
    told = [shown for shown in helpdesk.screen.values() if "cancel" in buttons_of(shown.reply)]
    assert [(one.conversation.space, one.conversation.thread, one.private_to) for one in told] == [
        ("CHELP", "7.0", None)
    ]


def test_yes_shows_the_notice_of_a_known_outage(helpdesk: Helpdesk) -> None:
    overheard(helpdesk, UNKNOWN)
    helpdesk.say("tom", "my flurbostat fizzes green goo")
    begin(helpdesk, title="Flurbostats are fizzing green goo")
    helpdesk.click("ana", helpdesk.button(offers(helpdesk)[0].reply, "want_ticket"))
    assert "Stand back" in text_of(helpdesk.in_space("CHELP")[-1])


def test_no_forgets_what_was_written(helpdesk: Helpdesk) -> None:
    overheard(helpdesk, UNKNOWN)
    offer = offers(helpdesk)[0].reply
    assert helpdesk.click("ana", helpdesk.button(offer, "no_ticket")).kind is OutcomeKind.DONE
    assert helpdesk.click("ana", helpdesk.button(offer, "want_ticket")).kind is OutcomeKind.REFUSED
    with helpdesk.begin() as work:
        assert not work.tickets.listed(tuple(Status), 10)
    assert UNKNOWN not in kept_texts(helpdesk)


def test_at_most_one_a_day_unless_it_was_taken(helpdesk: Helpdesk) -> None:
    assert overheard(helpdesk, UNCLEAR[0]) is OutcomeKind.ASKED
    helpdesk.clock.move(hours=23)
    assert overheard(helpdesk, UNCLEAR[2], thread="8.0") is OutcomeKind.IGNORED
    assert overheard(helpdesk, UNCLEAR[2], "tom", thread="9.0") is OutcomeKind.ASKED
    helpdesk.clock.move(hours=2)
    assert overheard(helpdesk, UNCLEAR[2], thread="10.0") is OutcomeKind.ASKED
    yes = next(shown for shown in offers(helpdesk) if shown.conversation.thread == "10.0")
    helpdesk.click("ana", helpdesk.button(yes.reply, "want_ticket"))
    helpdesk.clock.move(hours=1)
    assert overheard(helpdesk, UNCLEAR[0], thread="11.0") is OutcomeKind.ASKED


def test_what_others_and_the_author_say_below_is_not_ours(helpdesk: Helpdesk) -> None:
    overheard(helpdesk, UNKNOWN)
    for person in ("ana", "tom"):
        said = helpdesk.say(person, "I forgot my password", conversation=HELP, addressed=Addressed.THREAD)
        assert said.kind is OutcomeKind.IGNORED


@pytest.mark.parametrize("text", UNCLEAR)
def test_a_setting_turns_it_off(helpdesk: Helpdesk, text: str) -> None:
    quiet = Helpdesk(helpdesk.database, helpdesk.library, helpdesk.clock, offer_tickets=False)
    assert overheard(quiet, text) is OutcomeKind.IGNORED
    assert kept_texts(quiet) == []


def test_in_shadow_mode_nothing_is_offered(helpdesk: Helpdesk) -> None:
    silent = Helpdesk(helpdesk.database, helpdesk.library, helpdesk.clock, shadow="slack")
    assert overheard(silent, UNKNOWN) is OutcomeKind.IGNORED
    assert UNKNOWN not in kept_texts(silent)
