"""Which words are a command."""

import pytest

from bot.domain.conversations.commands import Command, parse_command


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
