"""What an employee meets, from the first word to the last."""

from dataclasses import replace

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import (
    MORE,
    Addressed,
    Button,
    ConversationRef,
    Heading,
    More,
    OutcomeKind,
    Prose,
)
from bot.domain.knowledge.content import Article
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk, buttons_of, question_of, text_of, with_article
from tests.support.matching.stories import PLACES, told
from tests.support.unknown import UNKNOWN


def test_a_sure_question_is_answered_with_buttons_and_no_ticket(helpdesk: Helpdesk) -> None:
    outcome = helpdesk.say("ana", "I forgot my password")
    assert outcome.kind == OutcomeKind.ANSWERED
    answer = helpdesk.in_space("Dana")[0]
    assert "password" in answer.summary.lower()
    assert buttons_of(answer) == ["solved", "not_helpful", "person"]
    assert helpdesk.in_space("CROOM") == []


def test_the_rest_of_an_article_is_folded_away_where_there_is_no_link(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password")
    article = helpdesk.library.snapshot.content.article("password-reset", "en")
    assert article is not None
    words = "\n".join(text_of(reply) for reply in helpdesk.in_space("Dana"))
    for line in article.body.splitlines():
        assert line.strip() in words or line == "## Steps"


def test_whoever_reads_an_answer_may_read_the_whole_article(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "he olvidado la contraseña y no puedo entrar")
    (more,) = [block for block in helpdesk.in_space("Dana")[0].blocks if isinstance(block, More)]
    button = Button(MORE, more.label, more.token, more.article)
    article = helpdesk.library.snapshot.content.article("password-reset", "es")
    for person in ("ana", "tom", "ana"):
        outcome = helpdesk.click(person, button, inline=True)
        assert article is not None
        assert outcome.kind == OutcomeKind.DONE
        assert outcome.notice is not None
        assert outcome.notice.blocks == (Heading(article.title), Prose(article.body))
    assert helpdesk.click("sam", button, inline=True, stranger=True).kind == OutcomeKind.REFUSED
    gone = replace(button, argument="no-such-article")
    assert helpdesk.click("ana", gone, inline=True).kind == OutcomeKind.REFUSED
    assert len(helpdesk.in_space("Dana")) == 1, "a modal shows it"
    assert helpdesk.click("ana", helpdesk.button(helpdesk.in_space("Dana")[0], "solved")).kind == "done"


@pytest.mark.parametrize("action", ["solved", "person"])
def test_an_answer_in_two_posts_has_its_buttons_under_the_last_one(
    database: Database, library: Library, clock: Clock, action: str
) -> None:
    steps = "\n".join(f"{number}. Do this with care, and look what happens." for number in range(1, 60))
    given = with_article(library, Article("password-reset", "Reset it", f"## Steps\n\n{steps}"))
    helpdesk = Helpdesk(database, given, clock)
    helpdesk.say("ana", "I forgot my password")
    first, last = helpdesk.in_space("Dana")
    assert (buttons_of(first), buttons_of(last)) == ([], ["solved", "not_helpful", "person"])
    assert f"{text_of(first)}\n{text_of(last)}".index("59. Do this") > 0
    helpdesk.click("ana", helpdesk.button(last, action))
    assert buttons_of(helpdesk.in_space("Dana")[1]) == []
    assert "✓" in text_of(helpdesk.in_space("Dana")[1])


def test_spanish_is_answered_in_spanish(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "he olvidado la contraseña y no puedo entrar")
    answer = helpdesk.in_space("Dana")[0]
    assert answer.language == "es"
    assert "contraseña" in text_of(answer)


def test_solved_is_confirmed_and_takes_the_buttons_off(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password")
    button = helpdesk.button(helpdesk.in_space("Dana")[0], "solved")
    assert helpdesk.click("ana", button).kind == OutcomeKind.DONE
    assert buttons_of(helpdesk.in_space("Dana")[0]) == []
    again = helpdesk.click("ana", button)
    assert again.kind == OutcomeKind.REFUSED


def test_get_a_person_opens_a_ticket_with_what_was_tried(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password")
    outcome = helpdesk.click("ana", helpdesk.button(helpdesk.in_space("Dana")[0], "person"))
    assert outcome.ticket == "HELP-1001"
    card = text_of(helpdesk.card("HELP-1001"))
    assert "I forgot my password" in card
    assert "%" in card
    assert "HELP-1001" in text_of(helpdesk.last("ana"))


def test_the_card_says_in_one_line_which_words_matched(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my passwrod")
    helpdesk.click("ana", helpdesk.button(helpdesk.in_space("Dana")[0], "person"))
    lines = text_of(helpdesk.card("HELP-1001")).splitlines()
    assert "Matched words: forgot, passwrod→password" in lines
    helpdesk.say("tom", "get me a person, the printr <!channel> is eating my papr")
    (nearest,) = [
        line for line in text_of(helpdesk.card("HELP-1002")).splitlines() if "Closest match" in line
    ]
    assert "%" in nearest
    assert "→" in nearest
    assert "<!" not in nearest


def test_a_card_in_spanish_says_so_in_spanish(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password")
    helpdesk.click("ana", helpdesk.button(helpdesk.in_space("Dana")[0], "person"))
    card = helpdesk.desk.page_view.ticket(ROOM, 1, "es")
    assert card is not None
    assert "Palabras que coinciden: forgot, password" in text_of(card.reply)


def test_nothing_near_is_a_ticket_at_once(helpdesk: Helpdesk) -> None:
    outcome = helpdesk.say("ana", UNKNOWN)
    assert outcome.kind == OutcomeKind.TICKET
    assert "HELP-1001" in text_of(helpdesk.last("ana"))
    assert UNKNOWN in text_of(helpdesk.card("HELP-1001"))


@pytest.mark.parametrize("text", ["hello", "hola!", "thanks a lot", "gracias", "bye", "what can you do"])
def test_small_talk_opens_no_ticket(helpdesk: Helpdesk, text: str) -> None:
    assert helpdesk.say("ana", text).kind == OutcomeKind.DONE
    assert len(helpdesk.in_space("Dana")) == 1
    assert helpdesk.in_space("CROOM") == []


@pytest.mark.parametrize("channel", ["slack", "web"])
def test_a_vague_message_gets_one_question_and_the_reply_is_matched_with_it(
    helpdesk: Helpdesk, channel: str
) -> None:
    assert helpdesk.say("ana", "it does not work", channel=channel).kind == OutcomeKind.ASKED
    helpdesk.clock.move(minutes=5)
    outcome = helpdesk.say("ana", "the printer on the second floor, it prints blank pages", channel=channel)
    assert outcome.kind == OutcomeKind.ANSWERED


def test_there_is_never_a_second_question_in_an_episode(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "it does not work", channel="web")
    outcome = helpdesk.say("ana", "it is just broken", channel="web")
    assert outcome.kind == OutcomeKind.TICKET
    card = text_of(helpdesk.card(outcome.ticket))
    assert "it does not work" in card
    assert "it is just broken" in card


def test_a_choice_is_made_by_button_or_number(helpdesk: Helpdesk) -> None:
    assert helpdesk.say("ana", "vpn not working").kind == OutcomeKind.CHOICE
    choice = helpdesk.in_space("Dana")[0]
    assert buttons_of(choice)[-1] == "none"
    assert 2 <= buttons_of(choice).count("choose") <= 3
    assert helpdesk.click("ana", helpdesk.button(choice, "choose", "1")).kind == OutcomeKind.ANSWERED
    helpdesk.say("tom", "vpn not working", channel="web")
    assert helpdesk.say("tom", "2", channel="web").kind == OutcomeKind.ANSWERED


@pytest.mark.parametrize(
    ("question", "asks", "reply", "answer"),
    [
        ("vpn not working", "Which one: Linux, Mac or Windows?", "macos", "Fix the VPN on a Mac"),
        ("vpn not working", "Which one: Linux, Mac or Windows?", "the windows one", "Fix the VPN on Windows"),
        (
            "no me va la vpn",
            "¿Cuál: Linux, Mac o Windows?",
            "es un mac",
            "Solucionar problemas de la VPN en un Mac",
        ),
    ],
)
def test_versions_of_one_thing_are_told_apart_by_a_word(
    helpdesk: Helpdesk, question: str, asks: str, reply: str, answer: str
) -> None:
    assert helpdesk.say("ana", question, channel="web").kind == OutcomeKind.CHOICE
    choice = helpdesk.last("ana", "web")
    assert text_of(choice) == asks
    assert [button.label for button in choice.buttons[:3]] == ["Linux", "Mac", "Windows"]
    assert helpdesk.say("ana", reply, channel="web").kind == OutcomeKind.ANSWERED
    assert answer in [shown.reply.summary for shown in helpdesk.screen.values()]


def test_none_of_these_is_a_ticket(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "vpn not working")
    none = helpdesk.button(helpdesk.in_space("Dana")[0], "none")
    assert helpdesk.click("ana", none).kind == OutcomeKind.TICKET


@pytest.mark.parametrize(
    "text",
    [
        "I want to talk to a person",
        "get me a human",
        "quiero hablar con una persona",
        "pásame con un técnico",
    ],
)
def test_asking_for_a_person_always_gets_a_ticket(helpdesk: Helpdesk, text: str) -> None:
    assert helpdesk.say("ana", text).kind == OutcomeKind.TICKET


def test_a_wish_for_a_person_comes_before_the_reply_to_our_question(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "it does not work", channel="web")
    outcome = helpdesk.say("ana", "just let me talk to a person", channel="web")
    assert outcome.kind == OutcomeKind.TICKET
    assert "it does not work" in text_of(helpdesk.card(outcome.ticket))


@pytest.mark.parametrize(
    ("wish", "question"),
    [
        ("I want to talk to a person", "my account is locked"),
        ("No, por favor, quiero hablar con una persona", "my account is locked"),
        ("get me a human, the lamp smells", "my account is locked\nget me a human, the lamp smells"),
    ],
)
def test_a_card_is_about_the_matter_and_not_about_the_wish_for_a_person(
    helpdesk: Helpdesk, wish: str, question: str
) -> None:
    helpdesk.say("ana", "my account is locked", channel="web")
    outcome = helpdesk.say("ana", wish, channel="web")
    assert question_of(helpdesk.card(outcome.ticket)) == question


def test_anger_raises_the_priority(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "THIS IS RIDICULOUS!!! my flurbostat fizzes AGAIN, I want to talk to a person")
    assert "High" in text_of(helpdesk.card("HELP-1001"))


def test_a_lost_laptop_gets_first_aid_and_a_ticket_at_once(helpdesk: Helpdesk) -> None:
    outcome = helpdesk.say("ana", "my laptop was stolen")
    assert outcome.kind == OutcomeKind.TICKET
    words = [text_of(reply) for reply in helpdesk.in_space("Dana")]
    assert "HELP-1001" in words[-1]
    assert len(words) >= 2
    assert "Urgent" in text_of(helpdesk.card("HELP-1001"))


@pytest.mark.parametrize("place", PLACES)
def test_a_lost_laptop_in_a_long_story_gets_first_aid_and_a_ticket_at_once(
    helpdesk: Helpdesk, place: str
) -> None:
    incident = "Somebody broke into my car and took the bag with my work laptop."
    outcome = helpdesk.say("ana", told(incident, "en", 300, place))
    assert outcome.kind == OutcomeKind.TICKET
    opened = helpdesk.words.say("en", "ticket.opened_at_once", ticket="HELP-1001")
    assert opened in text_of(helpdesk.last("ana"))
    assert "Urgent" in text_of(helpdesk.card("HELP-1001"))


def test_a_secret_is_masked_everywhere_and_the_employee_is_told(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "flurbostat login fails, my password is Hunter2secret! please help")
    everything = "\n".join(text_of(shown.reply) for shown in helpdesk.screen.values())
    assert "Hunter2secret" not in everything
    assert helpdesk.words.say("en", "masked") in everything
    with helpdesk.database.engine.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM texts").scalars().all()
    assert bodies
    assert not [body for body in bodies if "Hunter2secret" in body]


def test_my_tickets_and_cancel(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN)
    helpdesk.say("ana", "my tickets")
    listing = helpdesk.last("ana")
    assert "HELP-1001" in text_of(listing)
    assert buttons_of(listing) == ["cancel"]
    helpdesk.say("tom", "cancel HELP-1001")
    assert helpdesk.words.say("en", "ticket.unknown") == text_of(helpdesk.last("tom"))
    helpdesk.say("ana", "cancel HELP-1001")
    assert "cancelled" in text_of(helpdesk.last("ana"))
    assert buttons_of(helpdesk.card("HELP-1001")) == []
    helpdesk.say("ana", "cancelar help-1001")
    assert helpdesk.say("ana", "mis tickets").kind == OutcomeKind.DONE


def test_only_the_asker_presses_the_askers_buttons(helpdesk: Helpdesk) -> None:
    place = ConversationRef("slack", "T1", "CPUBLIC", "5.0", private=False)
    helpdesk.say("ana", "I forgot my password", conversation=place, addressed=Addressed.MENTION)
    answer = helpdesk.in_space("CPUBLIC")[0]
    outcome = helpdesk.click("tom", helpdesk.button(answer, "person"), conversation=place)
    assert outcome.kind == OutcomeKind.REFUSED
    told = [shown for shown in helpdesk.screen.values() if shown.private_to is not None]
    assert [shown.private_to.external_id for shown in told if shown.private_to] == ["tom"]
    assert helpdesk.in_space("CROOM") == []


def test_a_private_question_stays_private(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, link="https://slack.example/archives/D1/p1")
    card = helpdesk.card("HELP-1001")
    assert not [block for block in card.blocks if hasattr(block, "url")]
    place = ConversationRef("slack", "T1", "CPUBLIC", "5.0", private=False)
    link = "https://slack.example/archives/C1/p1"
    public = helpdesk.say("tom", UNKNOWN, conversation=place, addressed=Addressed.MENTION, link=link)
    card = helpdesk.card(public.ticket)
    assert [link] == [block.url for block in card.blocks if hasattr(block, "url")]


def test_what_the_employee_adds_reaches_the_room(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    outcome = helpdesk.say("ana", "it is blue now", thread="1.0", addressed=Addressed.THREAD)
    assert outcome.kind == OutcomeKind.ADDED
    assert "it is blue now" in text_of(helpdesk.in_space("CROOM")[-1])


def test_a_sure_other_question_is_answered_although_a_ticket_is_open(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, channel="web")
    helpdesk.clock.move(minutes=3)
    assert helpdesk.say("ana", "I forgot my password", channel="web").kind == OutcomeKind.ANSWERED


def test_it_did_not_help_opens_a_ticket(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password", channel="web")
    outcome = helpdesk.say("ana", "that did not help, still the same", channel="web")
    assert outcome.kind == OutcomeKind.TICKET
    assert "I forgot my password" in text_of(helpdesk.card(outcome.ticket))


def test_the_same_article_twice_is_no_help_but_a_person_is(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password", channel="web")
    assert helpdesk.say("ana", "I forgot my password!", channel="web").kind == OutcomeKind.TICKET


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200d", "\u202e"])
def test_nothing_said_is_answered_kindly(helpdesk: Helpdesk, text: str) -> None:
    helpdesk.say("ana", text)
    assert helpdesk.words.say("en", "ask.empty") == text_of(helpdesk.last("ana"))


def test_a_file_without_text_gets_a_question_then_a_ticket(helpdesk: Helpdesk) -> None:
    assert helpdesk.say("ana", "", files=1, channel="web").kind == OutcomeKind.ASKED
    outcome = helpdesk.say("ana", "the flurbostat thing", channel="web")
    assert outcome.kind == OutcomeKind.TICKET


def test_a_stranger_is_refused_and_nothing_of_theirs_is_kept(helpdesk: Helpdesk) -> None:
    outcome = helpdesk.say("mallory", UNKNOWN, stranger=True)
    assert outcome.kind == OutcomeKind.REFUSED
    with helpdesk.database.engine.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM texts").scalars().all()
    assert not [body for body in bodies if "flurbostat" in body]


def test_thanks_is_no_reply_to_a_choice(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "vpn not working", channel="web")
    assert helpdesk.say("ana", "thanks", channel="web").kind == OutcomeKind.DONE
    assert "choose" in buttons_of(helpdesk.in_space("ana")[0])
    assert helpdesk.say("ana", "1", channel="web").kind == OutcomeKind.ANSWERED


def test_it_works_now_ends_our_question(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "it does not work", channel="web")
    helpdesk.say("ana", "it works now, thanks", channel="web")
    helpdesk.clock.move(minutes=20)
    outcome = helpdesk.say("ana", "I forgot my password", channel="web")
    assert outcome.kind == OutcomeKind.ANSWERED
    assert buttons_of(helpdesk.in_space("ana")[0]) == []


def test_anger_is_remembered_until_the_button_is_pressed(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "I forgot my password, THIS IS RIDICULOUS, third time this week!!!")
    first = helpdesk.in_space("Dana")[0]
    helpdesk.click("ana", next(b for b in first.buttons if b.action in ("person", "none")))
    assert "High" in text_of(helpdesk.card("HELP-1001"))


def test_withdrawing_by_button_is_told_once(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", UNKNOWN, thread="1.0")
    button = helpdesk.button(helpdesk.last("ana"), "cancel")
    helpdesk.click("ana", button, conversation=helpdesk.direct("ana", thread="1.0"))
    told = [reply for reply in helpdesk.in_space("Dana") if "is cancelled" in text_of(reply)]
    assert len(told) == 1


def test_a_written_wish_takes_the_buttons_off(helpdesk: Helpdesk) -> None:
    helpdesk.say("ana", "it does not work", channel="web")
    helpdesk.say("ana", "I want to talk to a person", channel="web")
    assert buttons_of(helpdesk.in_space("ana")[0]) == []
