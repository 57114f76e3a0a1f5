"""Words that say that a trouble has come back, in English and Spanish: exact, before any matching."""

import re


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


_BACK = _pattern(
    r"""
    \b (?: it | this | that | they | problem | issue | error | fault | bug | (?:same\s+)?thing)
        (?: \s+ (?:has | have | had | just | is | keeps | all))? (?:['’]s)?
        (?: \s+ (?:now | already | just))? \s+
        (?:came | come | comes | coming) \s+ back \b
  | ^ (?:came | comes) \s+ back \b
  | \b (?: (?:it | this | that)['’]s | its | (?:it | this | problem | issue | error | fault | bug) \s+ is) \s+
        (?:all \s+)? back \b
        (?! \s+ (?:to \s+ (?:normal | work) | up | on(?:line)? | in | working))
  | \b happen(?:s | ed | ing)? \s+ (?:to\s+me\s+)? again \b
  | \b (?: broken | broke | fails | failing | failed | down | stuck | dead | crash(?:es | ed | ing)?
        | stopped (?:\s+working)? | not \s+ working | (?:does | did) \s* (?:n['’]?t | not) \s+ work
        | (?:won['’]?t | will\s+not | cannot | can['’]?t) \s+ \w+ ) \s+ again \b
  | \b still \s+ (?: broken | failing | fails | down | dead | happening | crashing | not \s+ (?!needed)\w+
        | the \s+ same | doing \s+ it | does \s* (?:n['’]?t | not) | there
        | (?:have | having | has | get | getting | see | seeing) \s+ (?:the | this | that) )
  | \b (?:the\s+)? same \s+ (?:problem | issue | error | thing | fault)
        \s+ (?:again | as\s+before | is\s+back) \b
  | \b (?: not | isn['’]?t | wasn['’]?t | never ) \s+ (?:really\s+)? (?:fixed | solved | resolved) \b
  | \b re-?open \b
    """
)
_VUELVE = _pattern(
    r"""
    \b (?: ha | han ) \s+ vuelto \b (?! \s+ (?:de | a \s+ (?:funcionar | ir | estar | la \s+ normalidad)))
  | \b (?: vuelve | vuelven | volvi[oó] | volvieron) \s+ a \s+
        (?! (?:funcionar | ir | estar) \b) \w+r (?:me|se)? \b
  | \b otra \s+ vez \s+
        (?: lo \s+ mismo | igual | mal | el \s+ mismo | la \s+ misma | roto | rota | ca[ií]d[oa])
  | \b (?: lo \s+ mismo | igual | mal | roto | rota | pasa | pas[oó] | ocurre | falla | fall[oó]

        | sucede | sale | no \s+ (?:funciona | va | arranca | enciende | conecta))
        \s+ (?: otra \s+ vez | de \s+ nuevo) \b
  | \b sigue \s+ (?: igual | fallando | rot[oa] | sin \s+ \w+ | mal | pasando | ocurriendo | dando | saliendo
        | estropead[oa] | ca[ií]d[oa] | (?:el | con \s+ el) \s+ (?:mismo \s+)? (?:error | problema | fallo))
  | \b (?:el\s+)? mismo \s+ (?:error | problema | fallo) \s+
        (?: otra \s+ vez | de \s+ nuevo | que \s+ antes) \b
  | \b no \s+ (?: est[aá] | se \s+ ha | ha \s+ quedado | qued[oó]) \s+ (?: arreglad[oa] | solucionad[oa]
        | resuelt[oa]) \b
  | \b reabr\w+ \b
    """
)
# What stands before it in the same clause and turns it around.
_UNLESS = _pattern(
    r"""
    (?: \b (?: if | in\s+case | unless | when | whenever | never | not | no | nunca | si | cuando | tampoco
        | en\s+caso\s+de) \b | n['’]t \b | \b (?: has | have | had | is | does) nt \b ) [^.!?,;\n]{0,30} $
    """
)


def came_back(text: str) -> bool:
    """Whether a message says that what was helped with is there again, or was never gone."""
    found = (*_BACK.finditer(text), *_VUELVE.finditer(text))
    return any(not _UNLESS.search(text[: match.start()]) for match in found)
