"""Asks in the terminal what no flag has said."""

from collections.abc import Callable, Mapping
from enum import StrEnum

import typer

from bot.cli.operate.setup.answers import NAMES, Answers, Given, fault, usual
from bot.cli.operate.setup.choices import Channels, Languages
from bot.desk.ports.wording import Wording

CHOICES: Mapping[str, type[StrEnum]] = {"content": Languages, "channels": Channels}
Ask = Callable[[str, str], str]  # a question and what is usual


def answers(given: Given, wording: Wording, language: str, ask: Ask | None) -> Answers:
    """The answers: those that were given, then those that are asked for; without `ask` the usual ones."""
    found = {name: getattr(given, name) for name in NAMES}
    to_ask = [name for name in NAMES if found[name] is None]
    for number, name in enumerate(to_ask, start=1):
        default = str(getattr(usual(language, wording), name))
        if ask is None:
            found[name] = _made(name, default)
            continue
        question = wording.say(language, f"init.question.{name}")
        found[name] = _asked(ask, name, f"[{number}/{len(to_ask)}] {question}", default, wording, language)
    return Answers(**found)


def prompt(question: str, default: str) -> str:
    """Ask a person at the terminal."""
    answer: str = typer.prompt(question, default=default, show_default=bool(default), err=True)
    return answer


def _asked(ask: Ask, name: str, question: str, default: str, wording: Wording, language: str) -> object:
    while True:
        answer = ask(question, default).strip()
        choices = CHOICES.get(name)
        if choices is not None and answer.lower() not in tuple(choices):
            wrong = wording.say(language, "init.choose", options=wording.either(language, list(choices)))
        else:
            wrong = wording.say(language, f"init.wrong.{name}") if fault(name, answer) else ""
        if not wrong:
            return _made(name, answer)
        question = f"{wrong.rstrip('.')}.\n{question.rpartition(chr(10))[2]}"


def _made(name: str, answer: str) -> object:
    choices = CHOICES.get(name)
    return choices(answer.lower()) if choices is not None else answer
