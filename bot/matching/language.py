"""Guesses whether a text is English or Spanish; says nothing where it cannot tell."""

import math
import re
from collections import Counter
from collections.abc import Mapping

from bot.matching.normalise import LONGEST, fold
from bot.matching.wordlists import FOREIGN, FUNCTION, GENERIC

LANGUAGES = ("en", "es")
LEAD = 1.5  # by which the likelier one must lead
_SPANISH_LETTERS = re.compile(r"[ñ¿¡]|[áéíóú](?=[a-z]*\b)")
_FOREIGN_LETTERS = re.compile(
    r"[äöüßàèìòùâêîôûçãõåæøœëïğışłżźćń]|[^\W\d_a-zñáéíóúüçãõâêôàäöß]", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SPANISH_GENERIC = frozenset(
    word
    for word in GENERIC
    if word
    in frozenset(
        """
    ayuda ayudar ayudame ayudarme ayudenme ayudeis problema problemas incidencia incidencias fallo fallos falla
    fallan fallando fallado errores mal roto rota rotos funciona funcionan funcionaba funcionar funcionando van
    vais iba ir sirve sirven urgente urgentemente necesito necesita necesitamos socorro gracias porfa pasa
    pasado pasando ocurre sucede arreglar arreglo arregla arreglen solucion solucionar solucionen cosa cosas hoy
    ayer manana siempre nunca raro rara rapido pronto posible importante duda pregunta consulta sabe sabeis
    saber alguien equipo soporte intento intentado intentar probado probar sigue siguen continua deja dejado
    buenas buenos dias tardes noches podeis podriais puedas minutos bien ve vez veces
    """.split()
    )
)
_ENGLISH_GENERIC = (
    GENERIC - _SPANISH_GENERIC - {"error", "idea", "va", "urge", "dia", "hora", "minuto", "tema"}
)


class LanguageGuess:
    """Own word lists, letters, and the words of the content."""

    def __init__(self, by_language: Mapping[str, Counter[str]]) -> None:
        self._share: dict[str, float] = {}
        english, spanish = (by_language.get(lang, Counter()) for lang in LANGUAGES)
        totals = [sum(counts.values()) + 1 for counts in (english, spanish)]
        for word in english.keys() | spanish.keys():
            ratio = ((english[word] + 0.1) / totals[0]) / ((spanish[word] + 0.1) / totals[1])
            # Where only one language has content, its words do not tell the two apart.
            if english and spanish and len(word) > 2:
                self._share[word] = max(-1.0, min(1.0, math.log(ratio) / 3))

    def guess(self, text: str) -> str | None:
        """`en`, `es` or None."""
        raw = text[:LONGEST]
        words = [fold(word).replace("'", "").replace("’", "") for word in _WORD.findall(raw)]
        if not words:
            return None
        english = spanish = foreign = 0.0
        for word in words:
            in_english = word in FUNCTION["en"] or word in _ENGLISH_GENERIC
            in_spanish = word in FUNCTION["es"] or word in _SPANISH_GENERIC
            in_foreign = word in FOREIGN
            shared = in_english + in_spanish + in_foreign
            if shared:
                english += in_english / shared
                spanish += in_spanish / shared
                foreign += in_foreign / shared
            else:
                lean = self._share.get(word, 0.0)
                english += max(lean, 0.0) * 0.5
                spanish += max(-lean, 0.0) * 0.5
        spanish += 1.5 * len(set(re.findall(r"[ñ¿¡]", raw.lower()))) + 0.3 * len(
            re.findall(r"[áíó]", raw.lower())
        )
        foreign += 0.8 * len(_FOREIGN_LETTERS.findall(raw))
        best, other = max(english, spanish), min(english, spanish)
        if best < 0.9 or best < LEAD * other or best <= foreign:
            return None
        return "en" if english > spanish else "es"
