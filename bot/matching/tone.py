"""How something is said: in anger, as a question, or without saying what it is about."""

import re

from bot.matching.documents import dull
from bot.matching.normalise import LONGEST, Words, fold

_ANGRY = re.compile(
    r"""\b(?:
    wtf | ffs | fuck\w* | shit\w* | bullshit | crap(?:py)? | damn\w* | bloody | stupid | idiot\w* | moron\w* | useless | pathetic
    | ridiculous | unacceptable | outrageous | disgrace\w* | joke\ of\ a | piss(?:ed|ing)\ \w+ | furious | fuming
    | angry | sick\ of | sick\ and\ tired | fed\ up | had\ enough | worst | waste\ of\ (?:my\ )?time | incompeten\w+
    | (?:third|3rd|fourth|4th|fifth|5th|tenth|10th|hundredth|100th|nth|millionth)\ time | for\ the\ last\ time
    | how\ many\ times | every\ (?:damn|single|bloody)\ (?:day|time|morning|week) | what\ the\ (?:hell|heck|fuck) | hell
    | still\ waiting | nobody\ (?:cares|answers|helps|replies) | no\ one\ (?:cares|answers|helps|replies) | i\ hate | hate\ this
    | mierda\w* | joder | jodid\w+ | cono | cabron\w* | put[ao]s? | gilipoll\w+ | idiotas? | imbecil\w* | inutil(?:es)? | estupid\w+
    | verguenza | ridicul[oa] | inaceptable | intolerable | indignante | increible\ que | lamentable | vergonzos\w+
    | hart[oa]s? | hasta\ (?:las\ narices|los\ cojones|el\ gorro|los\ huevos|la\ coronilla|el\ mono) | no\ aguanto
    | (?:tercera|cuarta|quinta|decima|enesima|3a|4a|5a)\ vez | cuantas\ veces | otra\ vez\ lo\ mismo | siempre\ (?:lo\ mismo|igual)
    | nadie\ (?:responde|contesta|ayuda|hace\ nada|me\ hace\ caso) | enfadad\w+ | cabread\w+ | furios[oa]s? | indignad\w+
    | una\ tomadura\ de\ pelo | perder\ el\ tiempo | de\ una\ vez | ya\ esta\ bien | pesimo | asco | basta\ ya | chingad\w+ | pinche
    )\b""",
    re.VERBOSE,
)
_ASKS = re.compile(
    r"""(?:^|[.!,;:\n]\s*|\b(?:and|but|so|then|y|pero|hola|hi|hello|hey|please|team|all|guys|buenas|dias|tardes)\s+)
    (?: how | what | whats | why | when | where | which | who | whose | can | could | would | will | is | are | do | does | did
      | should | may | has | have\ you | anyone | anybody | any\ (?:idea|way|chance|news)
      | como | que | por\ ?que | porque | cuando | donde | cual(?:es)? | quien | cuanto | puedo | puede\w* | podeis | podria\w*
      | hay | sabe\w* | se\ puede | es\ posible | teneis | tienen | me\ (?:puede|podria|ayuda)\w*
      | reset | install | give | show | tell | help | fix | send | add | remove | change | unlock | open | create | order | request
      | dame | dime | instala\w* | cambia\w* | arregla\w* | ayud\w+ | enviad?me | anad\w+ | desbloque\w+ | solicit\w+ | quita\w*
    )\b""",
    re.VERBOSE,
)
_WANTS = re.compile(
    r"""\b(?:
    how\ (?:do|can|to|should|does|is) | (?:can|could|would|will)\ (?:you|someone|anyone|somebody|anybody|i|we|u) | i\ (?:really\ )?(?:need|want|require)
    | we\ (?:need|want) | i(?:d|\ would)\ like | need\ (?:help|to|a|an|access|new) | help\ (?:me|us|with|please) | please | looking\ for
    | (?:cant|can\ not|cannot|couldnt|could\ not|unable\ to|wont|will\ not|doesnt|does\ not|dont|didnt|did\ not|isnt|is\ not|arent
      |are\ not|stopped|not)\ (?:\w+\ ){0,3}?(?:work\w* | log\w* | connect\w* | open\w* | load\w* | start\w* | turn\w* | get\w* | find | see
      | print\w* | access\w* | sign\w* | respond\w* | let | show\w* | sync\w* | send\w* | receiv\w* | hear\w* | join\w* | install\w* | update\w*
      | do | use | save | reach\w* | recogni\w+ | charg\w+ | boot\w* | sound\w*)
    | (?:cant|cannot|unable\ to|wont) | not\ working | (?:is|are|isnt|it|keeps|has|have|got|gone|went|my\ \w+|the\ \w+)\ (?:\w+\ )?(?:broken|down|stuck|frozen|freez\w+
      |crash\w+|fail\w+|slow|locked|blocked|missing|dead|lost|expired|stolen|disconnect\w+|offline) | locked\ out | forgot\w* | lost\ my
    | error | problems?\ with | trouble\ with | issues?\ with | having\ (?:an?\ )?(?:issue|problem|trouble)s? | any\ idea | stopped\ working
    | necesit\w+ | quier[oe]\w* | quisiera | me\ gustaria | no\ (?:me\ |se\ |nos\ |te\ |le\ |lo\ |la\ )*(?:puedo|podemos|puede\w*|funciona\w*|va|van|deja\w*|carga\w*|conecta\w*|abre\w*
      |arranca\w*|enciende\w*|imprime\w*|llega\w*|aparece\w*|encuentro|veo|recuerdo|acuerdo|consigo|responde\w*|inicia\w*|reconoce\w*|sale|oye\w*|oigo
      |entra\w*|sincroniza\w*|detecta\w*|suena\w*|guarda\w*|instala\w*|anda\w*|sirve\w*|hay)
    | como\ (?:puedo|hago|se|podemos|cambio|consigo) | podeis | podriais | podria\w* | pueden? (?:\ \w+)? ayudar\w* | alguien\ (?:puede|sabe|me|podria|que)
    | ayuda\w*\ (?:con|para|por|me|a) | ayudame | ayudenme | tengo\ (?:un|una|problemas?|dudas?) | me\ (?:sale|da|aparece|pide|dice|han|he) | se\ (?:me\ )?(?:ha|han|cae|cuelga|bloquea|corta|apaga|congela|queda)
      \w* | he\ (?:perdido|olvidado) | he\ olvidado | olvide | perdi | (?:esta|ha)\ (?:\w+\ )?(?:bloquead[oa]|rot[oa]|caid[oa]|colgad[oa]|lent[oa]) | por\ favor
      | va\ (?:muy\ )?(?:lent[oa]|mal|fatal) | falla\w*
    )\b""",
    re.VERBOSE,
)
_SHOUT = re.compile(r"\b[^\W\d_a-z]{4,}\b")


def angry(text: str) -> bool:
    """Whether somebody has lost patience: insults, set phrases, `!!!`, shouting."""
    text = text[:LONGEST]
    if "!!!" in text or re.search(r"[!?]*(?:!\?|\?!){2,}|[!¡]{3,}", text) or any(c in text for c in "😡🤬😠"):
        return True
    letters = [c for c in text if c.isalpha()]
    shouted = len(_SHOUT.findall(text))
    if shouted >= 3 and sum(c.isupper() for c in letters) > 0.7 * len(letters):
        return True
    return _ANGRY.search(_plain(text)) is not None


def asks(text: str) -> bool:
    """Whether it has the form of a question or a request."""
    text = text[:LONGEST]
    if "?" in text or "¿" in text:
        return True
    plain = _plain(text).strip()
    return _ASKS.search(plain) is not None or _WANTS.search(plain) is not None


def says_nothing(text: Words) -> bool:
    """Whether no word of it says what it is about."""
    return not text.codes and all(dull(word) for word in text.words)


def _plain(text: str) -> str:
    text = re.sub(r"https?://\S+", " ", fold(text))
    return re.sub(r"[ \t]+", " ", re.sub(r"['’´`]", "", text))
