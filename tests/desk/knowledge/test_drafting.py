"""The draft of an article: of what was asked and what helped, and of nothing else."""

from dataclasses import replace
from datetime import date

import pytest

from bot.desk.knowledge.drafting import ArticleDrafting
from bot.domain.conversations.messages import Link, OutcomeKind
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.drafts.redaction import Taken
from bot.domain.errors import NothingToDraft
from bot.domain.knowledge.content import Article
from bot.domain.tickets.ticket import TicketAction
from bot.knowledge.files.draft_files import draft_files
from tests.support.desk.card_menu import do
from tests.support.desk.claimed_tickets import card, claimed
from tests.support.desk.helpdesk import ROOM, Helpdesk, place_of, text_of, with_article
from tests.support.desk.outcomes import form_of

TODAY = date(2027, 3, 1)
ASKED = "Hi Eva, my flurbostat fizzes since Monday. Mail ana@acme.example or call me at 4512. Thanks, Ana"


def draft(helpdesk: Helpdesk, number: int = 1, language: str = "") -> ArticleDraft:
    """The draft of a ticket."""
    with helpdesk.begin.reading() as work:
        ticket = work.tickets.get(number)
        assert ticket is not None
        return ArticleDrafting(helpdesk.words, helpdesk.library).draft(work, ticket, TODAY, language)


def helped(helpdesk: Helpdesk, *messages: str, asked: str = ASKED, note: str = "Tightened the ring.") -> str:
    """A ticket that was resolved after these messages of its assignee."""
    ticket = claimed(helpdesk, asked)
    for message in messages:
        helpdesk.writes("eva", message, ticket)
    button = helpdesk.button(card(helpdesk, ticket), "resolve")
    helpdesk.click("eva", button, inputs={"note": note})
    return ticket


def written(made: ArticleDraft) -> str:
    """Both files of a draft."""
    return "\n".join(text for _, text in draft_files(made))


def test_it_says_what_was_asked_and_what_helped(helpdesk: Helpdesk) -> None:
    helped(helpdesk, "Hi Ana!\n1. Open the `flurb` menu\n2. Turn *it* off and on", "Did it help?")
    made = draft(helpdesk)
    assert made.article.title == "My flurbostat fizzes since Monday"
    assert made.article.id == made.intent.id == made.intent.article == "my-flurbostat-fizzes-since-monday"
    assert made.article.body == (
        "## Symptoms\n\n- my flurbostat fizzes since Monday.\n\n## Steps\n\n1. Open the `flurb` menu\n"
        "2. Turn \\*it\\* off and on\n3. Tightened the ring."
    )
    assert made.intent.examples == {"en": ("my flurbostat fizzes since Monday.",)}
    assert made.article.updated == TODAY
    assert made == draft(helpdesk)


def test_what_was_taken_out_is_named_by_its_kind(helpdesk: Helpdesk) -> None:
    helped(helpdesk, "Ask Eva, or look at https://portal.acme.example/flurb on 10.0.0.5.")
    made = draft(helpdesk)
    assert made.taken == {Taken.EMAIL: 1, Taken.ADDRESS: 2, Taken.PHONE: 1, Taken.NAME: 3}
    assert "1. Ask \\[name\\], or look at \\[address\\] on \\[address\\]" in made.article.body


def test_no_note_is_in_it(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk, ASKED)
    helpdesk.writes("eva", "// she is a difficult one", ticket)
    helpdesk.writes("eric", "I would wipe it", ticket)  # not the assignee: it stays in the room
    first = helpdesk.writes("eva", "Turn the wheel", ticket)
    gone = helpdesk.writes("eva", "Kick it hard", ticket)
    later = helpdesk.writes("eva", "Reset the lever", ticket)
    helpdesk.edits(later, "// reset the lever quietly")
    helpdesk.deletes(gone)
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "notes"))
    helpdesk.writes("eva", "between us", ticket)
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "resolve"), inputs={"note": "Oiled it."})
    text = written(draft(helpdesk))
    assert "Turn the wheel" in text
    assert "Oiled it" in text
    assert first.text == "Turn the wheel"
    for hidden in ("difficult", "wipe", "Kick", "lever", "between us"):
        assert hidden not in text


def test_what_engineers_forward_and_quote_is_not_in_it(helpdesk: Helpdesk) -> None:
    helped(helpdesk, "> what Eric said in the room\nTurn the wheel")
    text = written(draft(helpdesk))
    assert "Turn the wheel" in text
    assert "Eric" not in text
    assert "in the room" not in text


def test_names_of_everybody_who_is_known_are_taken_out(helpdesk: Helpdesk) -> None:
    helpdesk.say("zoraida", "hello", sender_name="Zoraida Mark")
    helped(
        helpdesk,
        "Zoraida changed it. MARK it as done, zmark knows.",
        asked="zoraida broke my flurbostat, it fizzes",
    )
    text = written(draft(helpdesk)).casefold()
    assert "zoraida" not in text
    assert "zmark" not in text
    assert "my flurbostat, it fizzes" in text


def test_details_are_symptoms_and_what_to_tell(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk, "my flurbostat fizzes")
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "ask_details"))
    details = {"ask0": "FL-2000, serial at 10.0.0.9"}
    helpdesk.click("ana", helpdesk.button(helpdesk.last("ana"), "details"), inputs=details)
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "resolve"), inputs={"note": "Oiled it."})
    body = draft(helpdesk).article.body
    assert "- Device and program: FL-2000, serial at \\[address\\]" in body
    assert "- Press **Get a person** and tell us: Device and program." in body


def test_sentences_of_merged_tickets_are_examples(helpdesk: Helpdesk) -> None:
    first = claimed(helpdesk, "my flurbostat fizzes")
    helpdesk.say("bo", "Hi, the zonkulator sizzles. Bo")
    do(helpdesk, "eva", "merge", "HELP-1002", ticket=first)
    helpdesk.click("eva", helpdesk.button(card(helpdesk, first), "resolve"), inputs={"note": "Oiled it."})
    assert draft(helpdesk).intent.examples == {"en": ("my flurbostat fizzes", "the zonkulator sizzles.")}


def test_the_other_language_is_to_be_translated(helpdesk: Helpdesk) -> None:
    helped(helpdesk)
    made = draft(helpdesk, language="es")
    assert made.article.language == "es"
    assert made.article.body.startswith("[por escribir: traduce lo que sigue, que todavía está en inglés")
    assert "## Pasos" in made.article.body
    assert set(made.intent.examples) == {"en"}


def test_a_taken_id_is_not_taken_again(helpdesk: Helpdesk) -> None:
    helpdesk.library = with_article(
        helpdesk.library, Article("my-flurbostat-fizzes-since-monday", "It", "Text")
    )
    helped(helpdesk)
    assert draft(helpdesk).article.id == "my-flurbostat-fizzes-since-monday-2"


@pytest.mark.parametrize("state", ["claimed", "deleted"])
def test_no_draft_of_what_nobody_resolved_or_asked_any_more(helpdesk: Helpdesk, state: str) -> None:
    if state == "claimed":
        claimed(helpdesk, ASKED)
    else:
        helped(helpdesk)
        with helpdesk.begin() as work:
            ticket = work.tickets.get(1)
            assert ticket is not None
            work.texts.change(ticket.question_id, "")
    with pytest.raises(NothingToDraft, match="HELP-1001"):
        draft(helpdesk)


def test_the_card_of_a_resolved_ticket_makes_one(helpdesk: Helpdesk) -> None:
    ticket = claimed(helpdesk, ASKED)
    assert "draft" not in [button.action for button in card(helpdesk, ticket).menu]
    helpdesk.click("eva", helpdesk.button(card(helpdesk, ticket), "resolve"), inputs={"note": "Oiled it."})
    button = helpdesk.button(card(helpdesk, ticket), "draft")
    notice = helpdesk.click("eva", button).notice
    assert notice is not None
    told = text_of(notice)
    assert "Taken out: e-mail addresses (1), phone numbers (1), names (2)." in told
    assert "1. Oiled it." in told
    assert "intent: my-flurbostat-fizzes-since-monday" in told
    form = form_of(helpdesk.click("eva", button, inline=True))
    assert form.fields[0].copyable
    assert "Oiled it" in form.fields[0].initial


def test_nobody_but_engineers_makes_one(helpdesk: Helpdesk) -> None:
    ticket = helped(helpdesk)
    outcome = helpdesk.click("ana", helpdesk.button(card(helpdesk, ticket), "draft"))
    assert outcome.kind is OutcomeKind.REFUSED


def test_a_ticket_that_was_reopened_meanwhile_makes_none(helpdesk: Helpdesk) -> None:
    ticket = helped(helpdesk)
    button = helpdesk.button(card(helpdesk, ticket), "draft")
    helpdesk.say("ana", "it is back", thread="1.0")
    with helpdesk.begin() as work:
        found = work.tickets.get(1)
        assert found is not None
        work.tickets.apply(found, TicketAction.REOPEN, None, helpdesk.clock())
    notice = helpdesk.click("eva", button).notice
    assert notice is not None
    assert "No article can be made of HELP-1001" in text_of(notice)


def test_the_editor_is_linked_where_there_is_a_page_with_an_address(helpdesk: Helpdesk) -> None:
    page = replace(helpdesk, public_url="https://help.example.com", rooms=(ROOM, place_of("web", "room")))
    ticket = helped(page)
    others = replace(page, rooms=(ROOM,), first_key=1_000), replace(page, public_url="", first_key=2_000)
    for desk, links in ((page, 1), *((one, 0) for one in others)):
        outcome = desk.click("eva", desk.button(card(desk, ticket), "draft"))
        assert outcome.notice is not None
        found = [block.url for block in outcome.notice.blocks if isinstance(block, Link)]
        assert found == ["https://help.example.com/drafts?ticket=HELP-1001"] * links


def test_what_others_asked_of_the_same_become_examples_without_names(helpdesk: Helpdesk) -> None:
    helped(helpdesk)
    others = (
        "Hello, why does the flurbostat fizz at night? Regards, Ana",
        "ask Ana about the fizzing flurbostat please",
        "my flurbostat fizzes since Monday",
        "flurbostat",
        "the flurbostat is fizzing, mail bob@acme.example",
    )
    with helpdesk.begin.reading() as work:
        ticket = work.tickets.get(1)
        assert ticket is not None
        made = ArticleDrafting(helpdesk.words, helpdesk.library).draft(work, ticket, TODAY, others=others)
    assert made.intent.examples["en"][0] == "my flurbostat fizzes since Monday."
    assert set(made.intent.examples["en"][1:]) <= {
        "why does the flurbostat fizz at night?",
        "the flurbostat is fizzing, mail",
        "the flurbostat is fizzing",
    }
    assert "why does the flurbostat fizz at night?" in made.intent.examples["en"]
    for private in ("ana", "bob", "acme", "4512"):
        assert private not in written(made).casefold()


def test_a_gap_is_drafted_of_its_questions_alone(helpdesk: Helpdesk) -> None:
    for number, text in enumerate(("how do I calibrate the zonkulator", "zonkulator calibration, Olga says")):
        helpdesk.say(f"olga{number}", text, sender_name="Olga Perez")
    with helpdesk.begin.reading() as work:
        questions = work.missed.read(work.missed.newest(None, None, 10).ids[::-1])
        made = ArticleDrafting(helpdesk.words, helpdesk.library).draft_gap(work, questions, TODAY)
        erased = [replace(one, text="") for one in questions]
        with pytest.raises(NothingToDraft, match="deleted"):
            ArticleDrafting(helpdesk.words, helpdesk.library).draft_gap(work, erased, TODAY)
    assert made.article.title == "How do I calibrate the zonkulator"
    assert made.intent.examples["en"][0] == "how do I calibrate the zonkulator"
    assert "[to write: what helped" in made.article.body
    assert "olga" not in written(made).casefold()
