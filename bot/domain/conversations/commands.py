"""Words that always mean the same, in English and Spanish: exact, before any matching."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.tickets.ticket import ticket_id_of


class Command(StrEnum):
    """What a fixed phrase asks for."""

    MY_TICKETS = "my_tickets"
    CANCEL = "cancel"
    PERSON = "person"
    OUTAGE = "outage"  # an engineer's only; from anybody else it is a question
    QUEUE = "queue"  # for engineers


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """A command with the ticket that it names, if it names one, and the language that its words are of."""

    command: Command
    ticket_id: int | None = None
    title: str = ""
    language: str | None = None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


_MY_TICKETS = _pattern(
    r"(?:(?:show|list|see|ver|mostrar|lista)\s+)? (?:my\s+tickets? | tickets | mis\s+tickets?)"
)
_QUEUE = _pattern(r"(?:(?:show|list|see|ver|mostrar|lista)\s+)? (?:(?:the|my|la|mi)\s+)? (?:queue|cola)")
_CANCEL = _pattern(
    r"""
    (?:please\s+ | por\s+favor\s+)?
    (?:cancel | withdraw | close | cancela | cancelar | anula | anular | retira | retirar | cerrar) \s+
    (?:(?:my | the | mi | el)\s+)? (?:ticket\s+)?
    (?P<number> (?:help[\s-]* | \#)? \d{4,12})
    (?:\s+please | \s+por\s+favor)?
    """
)
_OUTAGE = _pattern(
    r"(?:known\s+outage | outage | aver[ií]a\s+conocida | aver[ií]a) (?:\s*:\s*|\s+|$) (?P<title>[^\n]*)"
)
_PERSON = _pattern(
    r"""
    \b (?:
        (?:talk | speak | chat | escalate | (?:connect | transfer | pass | put) \s+ me (?:\s+through)?)
        (?:\s+this)? \s+ (?:to | with) \s+
        (?:(?:a | an | some | the) \s+)? (?:(?:real | actual | live) \s+)?
        (?:person | human | agent | engineer | technician | operator | someone | somebody | support\s+team)
      | (?:(?:get | give | find) \s+ me | get | need | want) \s+ an? \s+ (?:(?:real | actual | live) \s+)?
        (?:person | human (?:\s+being)?)
        (?= \s* (?:$ | [.,;:!?)] | please | pls | now | here | (?:for | on)\s+this))
      | (?:hablar | hable | chatear | comunicarme | contactar | p[aá]s[ae]me | conectarme | ponerme | ponme)
        \s+ con \s+ (?:(?:un | una | el | la) \s+)?
        (?:persona | human[oa] | agente | t[eé]cnic[oa] | ingenier[oa] | operador | operadora | alguien)
      | (?:quiero | necesito) \s+ (?:que\s+me\s+atienda\s+)? (?:a\s+)? una? \s+
        (?:persona | human[oa] | agente | t[eé]cnic[oa])
        (?= \s* (?:$ | [.,;:!?)] | ya\b | por\s+favor | porfa | que\s+me | para\s+esto | ahora | real
            | de\s+verdad))
    )
    """
)
_NOT = _pattern(
    r"\b (?:don'?t | do\s+not | no) \s+ (?:want | need | quiero | necesito | hace\s+falta) \b [^.!?]{0,20} $"
)


def spoken(text: str) -> ParsedCommand | None:
    """Read a command out of a whole message; a wish for a person may stand anywhere in it."""
    line = text.strip().strip("\"'.!?¡¿ ")
    if _MY_TICKETS.fullmatch(line):
        return ParsedCommand(Command.MY_TICKETS)
    if _QUEUE.fullmatch(line):
        return ParsedCommand(Command.QUEUE, language="es" if line.lower().endswith("cola") else None)
    cancel = _CANCEL.fullmatch(line)
    if cancel:
        return ParsedCommand(Command.CANCEL, ticket_id_of(cancel["number"]))
    outage = _OUTAGE.fullmatch(line)
    if outage:
        return ParsedCommand(Command.OUTAGE, title=outage["title"].strip())
    wish = _PERSON.search(text)
    if wish and not _NOT.search(text[: wish.start()]):
        return ParsedCommand(Command.PERSON)
    return None
