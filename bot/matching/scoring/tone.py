"""How something is said: in anger, as a question, or without saying what it is about."""

import re

from bot.matching.index.vocabulary import dull
from bot.matching.text.normalise import LONGEST, Words, fold


def _phrases(text: str) -> str:
    # Alternatives, one a line or between " | "; they see lower case without accents and apostrophes.
    return "|".join(part.strip() for part in text.replace("\n", " | ").split(" | ") if part.strip())


_ANGRY = re.compile(
    r"\b(?:"
    + _phrases(
        r"""
        wtf | ffs | fuck\w* | shit\w* | bullshit | crap(?:py)? | damn\w* | bloody | stupid | idiot\w*
        moron\w* | useless | pathetic | ridiculous | unacceptable | outrageous | disgrace\w*
        furious | fuming | angry
        joke of a | piss(?:ed|ing) \w+ | sick of | sick and tired | fed up | had enough | worst
        incompeten\w+
        waste of (?:my )?time | (?:third|3rd|fourth|4th|fifth|5th|tenth|10th|hundredth|100th|nth) time
        for the last time | how many times | every (?:damn|single|bloody) (?:day|time|morning|week)
        what the (?:hell|heck|fuck) | hell | i hate | hate this | driving me (?:crazy|mad|nuts|insane)
        (?:nobody|no one) (?:cares|answers|helps|replies)
        mierda\w* | joder | jodid\w+ | cono | cabron\w* | put[ao]s? | gilipoll\w+ | idiotas? | imbecil\w*
        inutil(?:es)? | estupid\w+ | verguenza | ridicul[oa] | inaceptable | intolerable | indignante
        lamentable | vergonzos\w+ | hart[oa]s? | no aguanto | enfadad\w+ | cabread\w+ | furios[oa]s?
        hasta (?:las narices|los cojones|el gorro|los huevos|la coronilla|el mono) | indignad\w+ | pesimo
        (?:tercera|cuarta|quinta|decima|enesima|3a|4a|5a) vez | cuantas veces | otra vez lo mismo
        siempre (?:lo mismo|igual) | nadie (?:responde|contesta|ayuda|hace nada|me hace caso)
        tomadura de pelo | perder el tiempo | de una vez | ya esta bien | asco | basta ya
        chingad\w+ | pinche
        """
    )
    + r")\b"
)
_BEGINS_AS_QUESTION = re.compile(
    r"(?:^|[.!,;:\n]\s*|\b(?:and|but|so|then|y|pero|please|team|all|guys|dias|tardes|h[ei]y?|hello|hola)\s+)(?:"
    + _phrases(
        r"""
        how | what | whats | why | when | where | which | who | whose | can | could | would | will | is | are
        do | does | did | should | may | has | have you | anyone | anybody | any (?:idea|way|chance|news)
        reset | install | give | show | tell | help | fix | send | add | remove | change | unlock | open
        create | order | request
        como | que(?! (?:buen|bonit|bien|ric|lind|pena|suerte|guay|risa))
        por ?que | porque | cuando | donde | cual(?:es)? | quien | cuanto | puedo | puede\w*
        podeis | podria\w* | hay | sabe\w* | se puede | es posible | teneis | tienen
        me (?:puede|podria|ayuda|podeis)\w* | dame | dime | instala\w* | cambia\w* | arregla\w* | ayud\w+
        enviad?me | anad\w+ | desbloque\w+ | solicit\w+ | quita\w*
        """
    )
    + r")\b"
)
_NOT_EN = (
    r"(?:cant|can not|cannot|could ?nt|could not|wont|will not|doesnt|does not|dont|do not|didnt|did not"
)
_NOT_EN += r"|isnt|is not|arent|are not|wasnt|stopped|stops|refuses to|fails to|not)"
_NOT_ES = r"no (?:me |se |nos |te |le |lo |la )*"
_WANTS = re.compile(
    r"\b(?:"
    + _phrases(
        rf"""
        (?:can|could|would|will) (?:you|someone|anyone|somebody|anybody|i|we|u) | how (?:do|can|to|should)
        (?:i|we) (?:really |also |still )?(?:need|want|require) | i(?:d| would) like
        need \w+ | help (?:me|us|with|please) | please | looking for
        any idea | unable to | {_NOT_EN} (?:work|accept)\w*
        {_NOT_EN} (?:\w+ ){{0,3}}?(?:log|connect|open|load|start|turn|get|find|see|print|access|sign)\w*
        {_NOT_EN} (?:\w+ ){{0,3}}?respond\w*
        {_NOT_EN} (?:\w+ ){{0,3}}?(?:let|show|sync|send|receiv|hear|join|install|updat|charg|boot)\w*
        {_NOT_EN} (?:\w+ ){{0,3}}?(?:recogni|reach)\w*
        (?:is|are|isnt|it|keeps|has|have|got|gone|went|my \w+|the \w+) (?:\w+ )?(?:broken|down|stuck|frozen)
        (?:is|are|so|very|too|super) slow
        (?:is|are|it|keeps|has|got|gone|went|my \w+|the \w+) (?:\w+ )?(?:locked|blocked|missing|dead)
        (?:is|are|has|have|got|my \w+) (?:\w+ )?(?:lost|expired)
        expired | expires (?:today|tomorrow|soon) | crash(?:ed|es|ing) | frozen | jammed | unresponsive
        malfunction\w* | glitch\w* | disconnect(?:s|ed|ing)
        (?:access|permission|request) denied | denied access
        corrupt(?:ed)? | flicker\w* | overheat\w*
        (?:was|were|been|got|someone|somebody|they) (?:stolen|stole|robbed)
        stole (?:my|our|the|a) | (?:broke|dropped|spilled|spilt|cracked|damaged) (?:\w+ )?(?:my|our|the)
        (?:laptop|screen|phone|mouse|keyboard|computer|monitor|headset|badge) (?:\w+ )?(?:broke|died|cracked)
        (?:not|never|stops) (?:\w+ly )?(?:opening|working|loading|printing|charging|connecting|responding)
        (?:not|never) (?:\w+ly )?(?:syncing|showing|starting|receiving|sending|turning|recogni[sz]ed|accepted)
        keeps (?:\w+ )?\w+ing | locked out | forgot\w* | lost my | stopped working | error
        (?:problems?|trouble|issues?) with | having (?:an? )?(?:issue|problem|trouble)s?
        necesit\w+ | quier[oe]\w* | quisiera | me gustaria | por favor | error
        {_NOT_ES}(?:puedo|podemos|puede|funciona|va|van|deja|carga|conecta|abre|arranca|enciende|imprime)\w*
        {_NOT_ES}(?:llega|aparece|encuentro|veo|recuerdo|acuerdo|consigo|responde|inicia|reconoce|sale|oye)\w*
        {_NOT_ES}(?:oigo|entra|sincroniza|detecta|suena|guarda|instala|anda|sirve|hay)\w*
        como (?:puedo|hago|se|podemos|cambio|consigo) | podeis | podriais | podria\w* | pued\w+ ayudar\w*
        alguien (?:puede|sabe|me|podria|que) | ayuda\w* (?:con|para|por|me|a) | ayudame | ayudenme
        tengo (?:un|una|problemas?|dudas?) | me (?:sale|da|aparece|pide|dice)
        se (?:me )?(?:ha|han|cae|cuelga|bloquea|corta|apaga|congela|queda) | he (?:perdido|olvidado) | olvide
        perdi | (?:esta|ha) (?:\w+ )?(?:bloquead|rot|caid|colgad|lent)[oa]
        va (?:muy )?(?:lent[oa]|mal|fatal)
        falla\w* | caducad[oa]s? | (?:ha|han|me) caduc\w+ | expirad[oa]s? | averiad[oa]s? | estropead[oa]s?
        (?:me|nos) (?:han|ha) (?:robado|quitado|mangado|desaparecido) | me (?:robaron|quitaron)
        (?:acceso|permiso) denegado | (?:atascad|congelad|desconectad|bloquead|colgad)[oa]s?
        """
    )
    + r")\b"
)
_SHOUTED = re.compile(r"\b[^\W\d_a-z]{4,}\b")
_FURY = re.compile(r"[!¡]{3,}|(?:!\?|\?!){2,}|[😡🤬😠]")


def angry(text: str) -> bool:
    """Whether somebody has lost patience: insults, set phrases, `!!!`, shouting."""
    text = text[:LONGEST]
    if _FURY.search(text):
        return True
    letters = [c for c in text if c.isalpha()]
    if len(_SHOUTED.findall(text)) >= 3 and sum(c.isupper() for c in letters) > 0.7 * len(letters):
        return True
    return _ANGRY.search(_plain(text)) is not None


def asks(text: str) -> bool:
    """Whether it has the form of a question or a request."""
    text = text[:LONGEST]
    if "?" in text or "¿" in text:
        return True
    plain = _plain(text).strip()
    return _BEGINS_AS_QUESTION.search(plain) is not None or _WANTS.search(plain) is not None


def says_nothing(text: Words) -> bool:
    """Whether no word of it says what it is about."""
    return not text.codes and all(dull(word) for word in text.words)


def _plain(text: str) -> str:
    text = re.sub(r"https?://\S+", " ", fold(text))
    return re.sub(r"[ \t]+", " ", re.sub(r"['’´`]", "", text))
