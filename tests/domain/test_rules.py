"""Tickets, commands, cuts and articles: the pure rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.commands import Command, parse_command
from bot.domain.conversations.messages import Field, Option
from bot.domain.errors import DeliveryFailed, FirstlineError
from bot.domain.knowledge.content import (
    Answer,
    Article,
    AskBack,
    Choose,
    Escalate,
    Match,
    MatchResult,
    Thresholds,
    decide,
)
from bot.domain.people import Identity
from bot.domain.tickets.ticket import RULES, Priority, Status, TicketAction, format_reference, parse_ticket_id

CUTS = Thresholds(answer=0.8, choose=0.4, margin=0.1)


@pytest.mark.parametrize(
    ("text", "command", "number"),
    [
        ("my tickets", Command.MY_TICKETS, None),
        ("Mis tickets", Command.MY_TICKETS, None),
        ("show my tickets!", Command.MY_TICKETS, None),
        ("cancel HELP-1042", Command.CANCEL, 42),
        ("please cancel ticket help 1042", Command.CANCEL, 42),
        ("cancelar #1042 por favor", Command.CANCEL, 42),
        ("the vpn is down. can I talk to someone?", Command.PERSON, None),
        ("necesito hablar con alguien de soporte", Command.PERSON, None),
        ("get me a real person now", Command.PERSON, None),
        ("I need a human", Command.PERSON, None),
        ("quiero una persona, por favor", Command.PERSON, None),
    ],
)
def test_commands_are_read(text: str, command: Command, number: int | None) -> None:
    said = parse_command(text)
    assert said is not None
    assert (command, number) == (said.command, said.ticket_id)


@pytest.mark.parametrize(
    "text",
    [
        "how do I cancel my subscription",
        "cancel HELP",
        "I don't want to talk to a person",
        "no quiero hablar con nadie",
        "my tickets for the concert are lost",
        "how do I give a person access to a shared mailbox",
        "I can't find a person in the address book",
        "I need a human resources form",
        "necesito una persona autorizada para la sala",
        "necesito un agente de VPN",
        "a person took my laptop",
        "",
    ],
)
def test_other_words_are_no_command(text: str) -> None:
    assert parse_command(text) is None


@given(st.integers(min_value=1, max_value=10**9))
def test_numbers_are_read_as_they_are_written(ticket_id: int) -> None:
    assert ticket_id == parse_ticket_id(format_reference(ticket_id))


@given(st.text(max_size=40))
def test_anything_may_be_read_as_a_number(text: str) -> None:
    found = parse_ticket_id(text)
    assert found is None or found > 0


def result(*confidences: float, vague: bool = False) -> MatchResult:
    return MatchResult(tuple(Match(f"t{i}", value) for i, value in enumerate(confidences)), vague=vague)


def test_decisions_follow_the_cuts() -> None:
    assert isinstance(decide(result(0.9, 0.2), CUTS), Answer)
    assert isinstance(decide(result(0.9, 0.85), CUTS), Choose)
    assert isinstance(decide(result(0.5, 0.3, 0.1), CUTS), Choose)
    near = Thresholds(answer=0.5, choose=0.4, margin=0.1)
    assert isinstance(decide(result(0.6, 0.4), near), Choose)
    assert isinstance(decide(result(0.6, 0.25), near), Answer)
    assert isinstance(decide(result(0.5, 0.49), Thresholds(0.5, 0.5, 0.0), may_ask=False), Answer)
    assert isinstance(decide(result(0.3), CUTS), Escalate)
    assert decide(result(0.25, 0.2, 0.05), CUTS) == Choose(result(0.25, 0.2).matches)
    assert isinstance(decide(result(0.19, 0.19, 0.19), CUTS), Escalate)
    assert isinstance(decide(result(), CUTS), Escalate)
    assert isinstance(decide(result(0.9, vague=True), CUTS), AskBack)
    assert isinstance(decide(result(0.9, vague=True), CUTS, may_ask=False), Escalate)
    assert isinstance(decide(result(0.5), CUTS, may_ask=False), Escalate)


@given(st.lists(st.floats(0, 1), max_size=6), st.booleans())
def test_without_a_question_left_it_is_an_answer_or_a_person(values: list[float], vague: bool) -> None:
    decision = decide(result(*sorted(values, reverse=True), vague=vague), CUTS, may_ask=False)
    assert isinstance(decision, Answer | Escalate)


@given(st.lists(st.text(alphabet="ab c\n-1.#", min_size=1, max_size=60), max_size=40), st.integers(20, 400))
def test_a_cut_article_loses_nothing(parts: list[str], limit: int) -> None:
    body = "\n".join(parts)
    head, rest = Article("a", "A", body).split(limit)
    assert "".join(body.split()) == "".join((head + rest).split())


def test_an_article_is_cut_at_a_whole_step() -> None:
    steps = "\n".join(f"{n}. Do step number {n} with care.\n   Then look." for n in range(1, 30))
    head, rest = Article("a", "A", f"Intro.\n\n## Steps\n\n{steps}").split(300)
    assert len(head) <= 300
    assert head.endswith("Then look.")
    assert rest[0].isdigit()


def test_a_heading_stays_with_what_follows_it() -> None:
    body = "Intro.\n\n## Steps\n\n1. Restart.\n\n## If it does not help\n\n- Call us, at any time of the day."
    head, rest = Article("a", "A", body).split(len(body) - 10)
    assert head.endswith("1. Restart.")
    assert rest.startswith("## If it does not help")


def test_every_move_leads_somewhere_else() -> None:
    assert set(TicketAction) == set(RULES)
    # These two may stay where they are: who comes first is known by the assignee or queue that they saw.
    for move in set(TicketAction) - {TicketAction.ASSIGN, TicketAction.TRANSFER}:
        assert RULES[move].target not in RULES[move].sources
    assert {Status.OPEN} == set(RULES[TicketAction.CLAIM].sources)


def test_priorities_rise_to_urgent_and_no_further() -> None:
    assert Priority.NORMAL.raised() == Priority.HIGH
    assert Priority.URGENT.raised() == Priority.URGENT
    assert Priority.parse(None) == Priority.NORMAL


@pytest.mark.parametrize(
    ("entry", "matches"),
    [("U1", True), ("slack:T1/U1", True), ("slack:T2/U1", False), ("teams:T1/U1", False), ("U2", False)],
)
def test_an_engineers_entry_means_what_it_says(entry: str, matches: bool) -> None:
    assert matches is Identity.parse(entry).same_as(Identity("slack", "T1", "U1"))


def test_an_errors_docstring_is_its_message() -> None:
    kinds = [kind for kind in FirstlineError.__subclasses__() if kind.__module__ == FirstlineError.__module__]
    assert len(kinds) > 5
    for kind in kinds:
        if kind is not DeliveryFailed:
            assert str(kind()) == (kind.__doc__ or "").strip()


def test_an_option_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a value"):
        Option("", "Nobody")


@given(st.lists(st.integers(0, 20)), st.integers(1, 9), st.integers(0, 25))
def test_offered_options_are_distinct_and_hold_the_initial_one(
    numbers: list[int], most: int, initial: int
) -> None:
    field = Field(
        "f", "F", options=tuple(Option(str(n), f"label {n}") for n in numbers), initial=str(initial)
    )
    values = [option.value for option in field.limited_options(most)]
    assert len(values) == len(set(values)) == min(len(set(numbers)), most)
    assert str(initial) in values or initial not in numbers
    assert values[:-1] == [str(n) for n in dict.fromkeys(numbers)][: len(values)][:-1]
