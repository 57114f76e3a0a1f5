"""How soon a new ticket must be looked at: its intent, its words, and how many ask the same."""

import re
import unicodedata
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from bot.domain.tickets.ticket import Priority

ALIKE_WITHIN = timedelta(hours=2)  # how far back tickets about the same target are counted
ALIKE = 3  # so many of them, the new one included, raise it by a step
MANY_ALIKE = 10  # so many raise it by two
MOST_STEPS = 2  # several reasons together: only an intent or security makes more than that
LONGEST = 4_000  # characters that are read


class Reason(StrEnum):
    """What a ticket's priority comes from."""

    INTENT = "intent"
    ANGRY = "angry"
    BLOCKED = "blocked"
    DEADLINE = "deadline"
    MANY = "many"
    SECURITY = "security"
    ALIKE = "alike"  # several ask the same
    ENGINEER = "engineer"  # somebody set it


def _any(text: str) -> re.Pattern[str]:
    # Alternatives, one a line or between " | "; they see lower case without accents and apostrophes.
    parts = [part.strip() for part in text.replace("\n", " | ").split(" | ")]
    return re.compile(rf"\b(?:{'|'.join(part for part in parts if part)})\b")


_WORDS = {
    Reason.BLOCKED: _any(
        r"""
        (?:im|i am|we are|were|am) (?:\w+ )?(?:completely |totally )?(?:blocked|stuck)
        (?:completely|totally) (?:blocked|stuck) | (?:cant|cannot|can not|unable to) (?:do my |do any )?work
        (?:cant|cannot|can not) do (?:my job|anything|any work) | blocks? (?:me|us) | blocking (?:me|us)
        blocker | show ?stopper | at a standstill | dead in the water | nothing works
        (?:estoy|estamos) (?:\w+ )?(?:bloquead[oa]s?|parad[oa]s?|atascad[oa]s?)
        no (?:puedo|podemos) (?:trabajar|hacer nada|seguir|avanzar) | (?:me|nos) (?:bloquea|tiene parad[oa]s?)
        (?:me|nos) impide trabajar | nada funciona | no funciona nada
        """
    ),
    Reason.DEADLINE: _any(
        r"""
        deadlines? | asap | as soon as possible | urgent(?:ly)? | right now | immediately
        due (?:today|tomorrow)
        (?:in|within) (?:an hour|half an hour|\d{1,2} ?(?:min|mins|minutes|hours?))
        by (?:today|tonight|tomorrow|noon|end of (?:the )?day|eod|cob|\d{1,2}(?::\d\d)? ?(?:am|pm))
        before (?:my|the|a|our) (?:\w+ )?(?:meeting|call|demo|presentation|interview|flight|client)
        urgente(?:mente)? | lo antes posible | cuanto antes | fecha limite | ahora mismo
        vence (?:hoy|manana)
        (?:en|dentro de) (?:una|media) hora | (?:en|dentro de) \d{1,2} (?:min|minutos|horas?)
        antes de (?:las|la|mi|el|una) (?:\w+ )?(?:\d{1,2}|reunion|llamada|demo|presentacion|entrevista|vuelo)
        para (?:hoy|manana|esta tarde|esta noche) (?:mismo|sin falta) | para hoy | es para ya
        """
    ),
    Reason.MANY: _any(
        r"""
        (?:whole|entire) (?:team|office|department|floor|company|building|store|site)
        everybody | everyone (?:here|in|on|is|has|cant|cannot) | all of us | none of us | nobody (?:here )?can
        no one (?:here )?can | (?:many|several|lots) (?:of )?(?:people|colleagues|users|customers|teams)
        (?:\d{2,}|ten|twenty|fifty|hundred) (?:people|colleagues|users|customers|employees)
        all (?:the )?(?:users|colleagues|people|customers|employees)
        tod[oa] (?:el|la) (?:equipo|oficina|departamento|planta|empresa|edificio|tienda|sede)
        a todo el mundo | todo el mundo | a todos nos | ninguno (?:de nosotros )?puede | nadie (?:aqui )?puede
        (?:muchas|varias) (?:personas|companeras) | (?:muchos|varios) (?:companeros|usuarios|clientes|equipos)
        (?:\d{2,}|diez|veinte|cincuenta|cien) (?:personas|companeros|usuarios|clientes|empleados)
        todos (?:los )?(?:usuarios|companeros|clientes|empleados)
        """
    ),
    Reason.SECURITY: _any(
        r"""
        hack(?:ed|er|ers|ing) | phish(?:ing|ed)? | malware | ransomware | spyware | trojan | keylogger
        data breach | data (?:leak|was leaked|is leaking)
        (?:account|password|laptop|computer) (?:\w+ )?compromised
        security (?:incident|breach) | stolen (?:laptop|phone|badge|password|account|computer)
        (?:laptop|phone|badge|computer) (?:was |is |got |has been )?stolen | got a virus | has a virus
        (?:suspicious|strange|fake) (?:login|sign in|link|attachment)
        clicked (?:on )?(?:a|the|this) (?:\w+ )?link | somebody else (?:is )?(?:in|using) my account
        hackead[oa]s? | pirate(?:ado|ada|o) | virus informatico | tiene (?:un )?virus | troyano
        filtracion de datos | datos filtrados | suplantad[oa] | suplantacion
        (?:portatil|movil|tarjeta|ordenador) (?:\w+ )?robad[oa] | (?:me|nos) han robado
        incidente de seguridad | brecha de seguridad | (?:enlace|correo|adjunto|acceso) sospechos[oa]
        (?:he pinchado|pinche|he hecho clic|hice clic) en (?:un|el) enlace
        """
    ),
}


def reasons(text: str) -> frozenset[Reason]:
    """What in these words makes them urgent, in English or Spanish, whatever the content."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST].casefold())
    plain = re.sub(r"[\u0300-\u036f'’´`]", "", plain)
    plain = re.sub(r"\s+", " ", plain)
    return frozenset(reason for reason, pattern in _WORDS.items() if pattern.search(plain))


def start(
    intent: Priority | None, found: Collection[Reason], alike: int
) -> tuple[Priority, tuple[Reason, ...]]:
    """The priority that a ticket starts with, and why; `alike` counts it and others like it.

    The intent says where it begins. Each reason in the words is a step up, two steps at most, and security
    is high at least. Several tickets about the same are a step, many are two.
    """
    why: list[Reason] = [] if intent is None else [Reason.INTENT]
    priority = intent or Priority.NORMAL
    steps = [
        reason for reason in (Reason.ANGRY, Reason.BLOCKED, Reason.DEADLINE, Reason.MANY) if reason in found
    ]
    for _ in steps[:MOST_STEPS]:
        priority = priority.raised()
    why += steps
    if Reason.SECURITY in found:
        priority = max(priority, Priority.HIGH)
        why.append(Reason.SECURITY)
    if alike >= ALIKE:
        priority = priority.raised().raised() if alike >= MANY_ALIKE else priority.raised()
        why.append(Reason.ALIKE)
    return priority, tuple(why)
