"""Whatever people write or press: an outcome, something said, the card verbatim, never an exception."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import (
    Addressed,
    Behalf,
    Button,
    Click,
    ConversationRef,
    OutcomeKind,
    Quote,
    Reply,
)
from bot.domain.people import Identity
from bot.domain.secrets.masking import clean, mask, visible
from bot.domain.tickets.relay import is_note
from tests.support.desk.helpdesk import ROOM, Helpdesk, question_of
from tests.support.desk.temporary_desk import a_desk
from tests.support.unknown import UNKNOWN

PHASES = (Phase.explicit, Phase.generate)  # shrinking 40,000 characters takes longer than reading them
FEW = settings(
    max_examples=25,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
NASTY = (
    "",
    "   \n\t ",
    "x" * 40_000,
    "🔥 " * 20_000,
    "😀🧑‍💻🇪🇸",
    "مرحبا لا يعمل الحاسوب \u202e gnp.exe",
    "\u200b\u200d\ufeff",
    "\0\0",
    "\ud800 broken \udfff",
    "<!channel> <!here> <@UEVA> <https://evil.example|click>",
    "@everyone @here <at>Everyone</at>",
    "*bold* _it_ ~st~ `code` ```block``` > quote [a](javascript:alert(1)) ![x](http://evil.example/x.png)",
    "<script>alert(1)</script>&lt;b&gt;",
    "{ticket} {0} %s %(name)s ${name} {{7*7}}",
    "'; DROP TABLE tickets; --",
    "HELP-99999999999999999999",
    "cancel HELP-1001",
    "talk to a person",
    "my password is Hunter2secret!",
    "4111 1111 1111 1111",
    "\n".join(f"{n}. line" for n in range(500)),
)
TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=60),
    st.text(st.characters(categories=("Cs", "Cf", "Cc", "Mn", "So", "Lo")), max_size=30),
    st.builds(lambda a, b: f"{a} {b}", st.sampled_from(NASTY), st.text(max_size=20)),
)
NAMES = st.one_of(st.sampled_from(NASTY), st.text(max_size=40))
ACTIONS = st.one_of(
    st.sampled_from(["solved", "person", "choose", "none", "cancel", "claim", "release", "resolve"]), TEXTS
)
ADDRESSED = st.sampled_from([Addressed.DIRECT, Addressed.MENTION])
numbers = itertools.count()


@pytest.fixture
def desk(sqlite_template: Path, library: Library) -> Iterator[Helpdesk]:
    with a_desk(sqlite_template, library) as made:
        yield made


def somebody() -> str:
    """An employee who was never here before."""
    return f"p{next(numbers)}"


def said_to(desk: Helpdesk, person: str, before: int) -> list[Reply]:
    """What was posted since for this person, privately or in their conversation."""
    places = {f"D{person}", f"C{person}"}
    return [d.reply for d in desk.posts[before:] if d.conversation.space in places]


def quoted(reply: Reply) -> list[str]:
    """The words of people on a reply."""
    return [block.text for block in reply.blocks if isinstance(block, Quote)]


def assert_fit(reply: Reply) -> None:
    """A reply can be stored and sent: it says something, and holds nothing that UTF-8 does not."""
    assert visible(reply.summary)
    str(reply).encode()


@FEW
@given(text=TEXTS, name=NAMES, addressed=ADDRESSED, files=st.integers(0, 2))
def test_an_addressed_message_is_never_met_with_silence(
    desk: Helpdesk, text: str, name: str, addressed: Addressed, files: int
) -> None:
    person, before = somebody(), len(desk.posts)
    private = addressed is Addressed.DIRECT
    place = ConversationRef("slack", "T1", f"{'D' if private else 'C'}{person}", "1.0", private=private)
    outcome = desk.say(person, text, sender_name=name, conversation=place, addressed=addressed, files=files)
    assert outcome.kind not in (OutcomeKind.IGNORED, OutcomeKind.REFUSED, OutcomeKind.FORM)
    told = said_to(desk, person, before)
    assert told
    for delivery in desk.posts[before:]:
        assert_fit(delivery.reply)
    if outcome.kind is OutcomeKind.TICKET:
        assert outcome.ticket is not None
        assert_verbatim(desk, outcome.ticket, text, files)


def assert_verbatim(desk: Helpdesk, reference: str, text: str, files: int) -> None:
    card = desk.card(reference)
    expected = mask(clean(text))[0].strip()
    question = question_of(card)
    assert expected == (question.rpartition("\n📎")[0].strip() if files else question)


@FEW
@given(text=TEXTS)
def test_a_person_after_anything_gets_the_words_verbatim_on_the_card(desk: Helpdesk, text: str) -> None:
    person = somebody()
    words = f"zworkle {text}"
    desk.say(person, words, thread="1.0")
    outcome = desk.say(person, "talk to a person", thread="1.0")
    if outcome.ticket is None:
        raise AssertionError(f"a wish for a person opened no ticket: {outcome}")
    question = question_of(desk.card(outcome.ticket))
    assert question.startswith(mask(clean(words))[0].strip())


@FEW
@given(action=ACTIONS, token=TEXTS, argument=TEXTS, note=st.none() | TEXTS, inline=st.booleans())
def test_any_press_gets_a_sentence(
    desk: Helpdesk, action: str, token: str, argument: str, note: str | None, inline: bool
) -> None:
    person, before = somebody(), len(desk.posts)
    click = Click(clean(action), clean(token), clean(argument), None if note is None else {"note": note})
    outcome = desk.say(person, "", click=click, addressed=Addressed.CLICK, inline=inline)
    assert outcome.kind is OutcomeKind.REFUSED
    assert outcome.notice is not None
    assert_fit(outcome.notice)
    assert len(said_to(desk, person, before)) == (0 if inline else 1)


@FEW
@given(argument=TEXTS)
def test_a_choice_that_was_never_offered_changes_nothing(desk: Helpdesk, argument: str) -> None:
    person = somebody()
    assert desk.say(person, "vpn not working").kind is OutcomeKind.CHOICE
    offered = desk.last(person)
    button = desk.button(offered, "choose", "0")
    made = Button("choose", button.label, button.token, clean(argument))
    if made.argument not in [b.argument for b in offered.buttons]:
        assert desk.click(person, made).kind is OutcomeKind.REFUSED
    assert desk.click(person, button).kind in (OutcomeKind.ANSWERED, OutcomeKind.TICKET)


@FEW
@given(note=TEXTS, name=NAMES, more=TEXTS)
def test_notes_names_and_additions_reach_people_literally(
    desk: Helpdesk, note: str, name: str, more: str
) -> None:
    person = somebody()
    opened = desk.say(person, UNKNOWN, thread="1.0")
    claim = desk.button(desk.card(opened.ticket), "claim")
    desk.click("eva", claim, conversation=ROOM, sender_name=name)
    assert "Claimed" in desk.card(opened.ticket).summary
    before = len(desk.posts)
    desk.say(person, f"blue {more}", thread="1.0")
    passed_on = [q for d in desk.posts[before:] for q in quoted(d.reply) if q.startswith("blue")]
    assert passed_on
    resolve = desk.button(desk.card(opened.ticket), "resolve")
    outcome = desk.click("eva", resolve, conversation=ROOM, inputs={"note": note}, sender_name=name)
    kept, _ = mask(clean(note))
    if not visible(kept) or is_note(note):
        assert outcome.kind is OutcomeKind.REFUSED
        assert "Claimed" in desk.card(opened.ticket).summary
        return
    assert outcome.kind is OutcomeKind.DONE
    assert quoted(desk.last(person)) == [kept]
    assert quoted(desk.card(opened.ticket))[-1] == kept
    for delivery in desk.posts[before:]:
        assert_fit(delivery.reply)


@FEW
@given(text=TEXTS, name=NAMES)
def test_a_ticket_for_somebody_with_any_name(desk: Helpdesk, text: str, name: str) -> None:
    person = somebody()
    place = ConversationRef("slack", "T1", f"D{person}", f"new:{person}")
    behalf = Behalf(Identity("slack", "T1", person), name, place)
    outcome = desk.say("eva", text, behalf=behalf, inline=True)
    assert outcome.notice is not None
    assert_fit(outcome.notice)
    if not visible(mask(clean(text))[0]):
        assert outcome.kind is OutcomeKind.REFUSED
        return
    assert outcome.kind is OutcomeKind.TICKET
    assert outcome.ticket is not None
    assert question_of(desk.card(outcome.ticket)) == mask(clean(text))[0].strip()
    assert desk.in_space(f"D{person}")


@FEW
@given(text=TEXTS, name=NAMES, addressed=st.sampled_from([Addressed.HELP, Addressed.THREAD]))
def test_what_is_overheard_is_served_or_leaves_no_text(
    desk: Helpdesk, text: str, name: str, addressed: Addressed
) -> None:
    person, before = somebody(), len(desk.posts)
    place = ConversationRef("slack", "T1", f"C{person}", "1.0", private=False)
    with desk.begin() as work:
        marks = work.texts.add("mark")
    outcome = desk.say(person, text, sender_name=name, conversation=place, addressed=addressed)
    with desk.begin() as work:
        kept = work.texts.add("mark") - marks - 1
        known = work.people.known(Identity("slack", "T1", person))
    if outcome.kind is OutcomeKind.IGNORED:
        assert (kept, known, said_to(desk, person, before)) == (0, None, [])
    else:
        assert said_to(desk, person, before)
