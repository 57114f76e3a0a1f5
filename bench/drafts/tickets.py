"""Generates resolved tickets on a real desk, each with everything planted that no draft may say."""

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from bot.desk.knowledge.drafting import ArticleDrafting
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.people import Identity
from bot.domain.tickets.ticket import parse_ticket_id
from tests.support.desk.card_menu import do
from tests.support.desk.helpdesk import Helpdesk

TODAY = date(2027, 3, 1)
FIRST = (
    "Ana Bruno Carmen Dieter Eulalia Fátima Gonzalo Hye-jin Íñigo Jürgen Katarzyna Łukasz Mark Will Grace "
    "Noor Óscar Pilar Quique Rosa Sandeep Tomás Ursula Vera Wei Xavier Yolanda Zoë Bill May Sue Angel"
).split()
LAST = (
    "Abascal Björk Castaño De·la·Torre Echeverría Fernández Gutiérrez Hopper Ibarra Jansen Kowalski López "
    "Müller Núñez O'Brien Page Quiroga Ramírez Sørensen Takahashi Urrutia Van·den·Berg Wójcik Young Zabala "
    "Price"
).split()
STEPS = (
    "Open the settings of the program and choose the second page",
    "Sign out, wait for two minutes, and sign in again",
    "Restart the computer; the window comes up by itself",
    "Delete the old entry and add it once more",
    "Update the driver in the software centre",
)
FEWEST_STEPS = 3
PROBES = ("Which version do you have?", "Since when?", "Did it help?")
PARTICLES = frozenset("de la van den".split())  # by themselves they name nobody
# Parts that are words as well: in small letters they may be nobody's name.
BINDING = frozenset("will may mark grace page young price bill sue angel rosa vera".split())


@dataclass(frozen=True)
class Case:
    """What a ticket is made of: what is asked and helped, and how others ask the same of its `target`.

    `asked`: the first question, and those of tickets that are merged into it. `helped`: the steps that the
    engineer tells; without them it is any. `later`: what the employee adds; `alike`: what others of its gap
    asked.
    """

    target: str
    asked: tuple[str, ...]
    paraphrases: tuple[str, ...] = ()
    helped: tuple[str, ...] = ()
    later: str = ""
    alike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """A draft, what may not be in it as it stands, and names of which no part may be in it."""

    draft: ArticleDraft
    planted: tuple[str, ...]
    names: tuple[str, ...]

    def leaks(self, text: str) -> list[str]:
        """What of it is in the files of the draft."""
        plain, left = _plain(text), re.sub(r"\\\[[^\]]*\\\]", " ", text)
        found = [one for one in self.planted if _plain(one) in plain]
        parts = {part for name in self.names for part in re.findall(r"[^\W\d_]{2,}", name)}
        parts = {part for part in parts if part.lower() not in PARTICLES}
        for part in parts:
            binding = _plain(part) in BINDING
            where = left if binding else _plain(left)
            inside = rf"(?<=[a-z,] ){part}(?!\w)" if binding else rf"(?<!\w){_plain(part)}(?!\w)"
            if re.search(inside, where):
                found.append(part)
        return found


def people(rng: random.Random, number: int) -> list[str]:
    """Names of people, some with words for names."""
    return [f"{rng.choice(FIRST)} {rng.choice(LAST).replace('·', ' ')}" for _ in range(number)]


def meet(desk: Helpdesk, crowd: list[str]) -> None:
    """Let the desk know everybody, as it does of who has ever written to it."""
    with desk.begin() as work:
        for number, name in enumerate(crowd):
            work.people.meet(Identity("slack", "T1", f"c{number}"), name, None, desk.clock())


def make_ticket(
    desk: Helpdesk,
    number: int,
    case: Case,
    rng: random.Random,
    crowd: list[str],
) -> Made:
    """Ask, help and resolve; further questions come as tickets that are merged into the first one."""
    person, name, engineer = f"p{number}", rng.choice(crowd), rng.choice(crowd)
    other = rng.choice(crowd)
    planted = _planted(number, rng)
    asked = case.asked[0] if case.later else _around(case.asked[0], rng, name, other, planted)
    ticket = _opened(desk, person, name, asked)
    if case.later:
        desk.say(person, case.later, sender_name=name, thread=_thread(person))
    desk.click("eva", desk.button(desk.card(ticket), "claim"), sender_name=engineer)
    notes = [f"note{number}a {rng.choice(STEPS)}", f"note{number}b ask {other}", f"note{number}c"]
    desk.writes("eva", f"// {notes[0]}", ticket, sender_name=engineer)
    desk.writes("eric", notes[1], ticket, sender_name=rng.choice(crowd))
    chosen = list(case.helped) if len(case.helped) >= FEWEST_STEPS else rng.sample(STEPS, FEWEST_STEPS)
    steps = [f"{at}. {step}" for at, step in enumerate(chosen[:-1], 1)]
    messages = [
        f"Hi {name.split()[0]}, I'm looking into it.\n{rng.choice(PROBES)}",
        "\n".join([*steps[:-1], f"{steps[-1]} ({planted[0]})", f"- If not, ask {other} or {planted[1]}"]),
        f"> {notes[2]}\nSee {planted[2]}, then tell {engineer.split()[0]} on {planted[3]}.\n"
        f"Best regards,\n{engineer}",
    ]
    for message in messages:
        desk.writes("eva", message, ticket, sender_name=engineer)
    for at, question in enumerate(case.asked[1:]):
        merged = _opened(desk, f"m{number}x{at}", rng.choice(crowd), question)
        do(desk, "eva", "merge", merged, ticket=ticket)
    note = {"note": f"{chosen[-1].rstrip('.')}. {name.split()[0]} used {planted[4]}."}
    desk.click("eva", desk.button(desk.card(ticket), "resolve"), inputs=note, sender_name=engineer)
    with desk.begin.reading() as work:
        found = work.tickets.get(parse_ticket_id(ticket) or 0)
        assert found is not None
        draft = ArticleDrafting(desk.words, desk.library).draft(work, found, TODAY, others=case.alike)
    planted.append(planted[1].partition("@")[0])  # nor who has the address
    return Made(draft, (*planted, *(one.split()[0] for one in notes)), (name, engineer, other))


def _opened(desk: Helpdesk, person: str, name: str, text: str) -> str:
    thread = _thread(person)
    ticket = desk.say(person, text, sender_name=name, thread=thread).ticket
    if ticket is None:  # it was too vague, or there was an answer
        ticket = desk.say(person, "I want to talk to a person", sender_name=name, thread=thread).ticket
    assert ticket is not None, text
    return ticket


def _thread(person: str) -> str:
    return f"9{person[1:].replace('x', '9')}.0"


def written_cases() -> list[Case]:
    """Read the tickets that were written for the measurement."""
    read = yaml.safe_load((Path(__file__).parent / "tickets.yaml").read_text("utf-8"))
    return [
        Case(
            f"written-{at}",
            (one["asked"].strip(),),
            tuple(one["paraphrases"]),
            tuple(one["steps"]),
            one["later"],
        )
        for at, one in enumerate(read)
    ]


def _planted(number: int, rng: random.Random) -> list[str]:
    ip = ".".join(str(rng.randint(1, 254)) for _ in range(4))
    host = f"srv{number}.corp{rng.randint(1, 9)}.internal"
    return [
        rng.choice([ip, host, f"fe80::{number:x}:1", f"\\\\files{number}\\share"]),
        f"user{number}@{rng.choice(['acme.example', 'mail.acme.co.uk', 'corp.local'])}",
        f"https://wiki{number}.acme.example/pages/{number}",
        rng.choice(
            [
                f"+34 6{number % 90 + 10} {number % 900 + 100} 417",
                f"555-{number % 900 + 100}-{number % 9000 + 1000}",
            ]
        ),
        f"https://portal.acme.example/?token=tk{number}Ax9{rng.randint(1000, 9999)}Zq7",
        f"Hunter{number}z9",
    ]


def _around(question: str, rng: random.Random, name: str, other: str, planted: list[str]) -> str:
    before = rng.choice(("Hi, ", "Hello team! ", f"Hi, this is {name}. ", ""))
    after = rng.choice(
        (
            f" My password is {planted[5]}! Thanks, {name}",
            f"\nYou can call me on {planted[3]} or mail {planted[1]}.\nRegards,\n{name}",
            f" {other} has the same on {planted[0]}. Thanks",
            "",
        )
    )
    return f"{before}{question}{'' if question.endswith(('.', '?', '!')) else '.'}{after}"


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in folded if not unicodedata.combining(sign))
