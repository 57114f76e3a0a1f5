"""Short replies: assent, that it did not help, and nothing at all."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.short_replies import OWN_LISTS, ShortReplies, ShortReply
from bot.domain.errors import WordsInvalid
from bot.domain.words.loader import all_words, any_of

KNOWN = ShortReplies()
PLACE = "words.toml"


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ok",
            "OK!",
            "okkkk",
            "got it",
            "let me try",
            "I'll try that and let you know",
            "Perfect, thanks :)",
        ),
        *("👍", "👍🏽", "🙏🙏", ":+1:", ":+1::skin-tone-3:", ":thumbsup: thanks", "ok 👍", "❤️", "👌"),
        *("vale, lo pruebo", "¡Perfecto!", "de acuerdo, muchas gracias", "ahora lo pruebo y te digo", "Sí"),
        *("giving it a go", "va, lo pruebo", "oído cocina"),
        *("no thanks", "no problem", "no, gracias", "no hay problema"),
        *("i will try tomorrow", "I'll try it when I get home", "ok, will check after lunch"),
        *("lo pruebo mañana", "lo haré cuando llegue a casa", "vale, el lunes lo miro"),
    ],
)
def test_assent(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.ASSENT


@pytest.mark.parametrize(
    "text",
    [
        *(
            "still not",
            "Same error.",
            "nope",
            "no",
            "No, still the same!",
            "it didn’t work",
            "👎",
            ":-1:",
            "❌",
        ),
        *("sigue igual", "no funciona", "nada", "no, sigue fallando", "el mismo error", "no me ha servido"),
    ],
)
def test_it_did_not_help(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.UNSOLVED


@pytest.mark.parametrize(
    "text",
    [
        *("works now thanks!", "fixed, thank you 🙏", "ok it works", "thanks that worked", "all good now"),
        *("ya funciona, gracias", "ya va, gracias", "perfecto, ya va, mil gracias"),
    ],
)
def test_it_helped(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.SOLVED


@pytest.mark.parametrize(
    "text", ["nvm", "ok never mind", "forget it, it works now", "olvídalo", "ya no hace falta"]
)
def test_it_is_not_needed_any_more(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.DROPPED


@pytest.mark.parametrize(
    "text", ["still locked", "nope, still locked out", "sigue bloqueada", "no, sigue sin ir"]
)
def test_a_short_still_did_not_help(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.UNSOLVED


@pytest.mark.parametrize(
    "text", ["hmm", "Hmmmm...", "mmm", "🤔", "😭😭", "it", "ehh", "dunno", "not sure", "no sé"]
)
def test_it_says_nothing(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.HESITATION


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "...", "?", "my laptop", "ok my laptop is dead", "let me try, but the printer is broken"),
        *(
            "yes, and the screen is black",
            "vale pero sigue sin ir la impresora",
            "no puedo entrar",
            "no internet",
        ),
        *("I got it from my manager", "error", "the same error as Tom", "thanks to the update it is slow"),
        *("from home", "desde casa", "tomorrow", "el lunes", "can I work from home tomorrow", "no, mañana"),
        "ok " * 40,
    ],
)
def test_anything_else_is_no_short_reply(text: str) -> None:
    assert KNOWN.read(text) is None


@pytest.mark.parametrize("name", ["assent", "assent_signs"])
def test_every_entry_of_assent_is_assent(name: str) -> None:
    for entry in all_words("follow_ups", name):
        assert KNOWN.read(entry) is ShortReply.ASSENT, entry
        assert KNOWN.read(f"{entry.upper()}!!") is ShortReply.ASSENT, entry


@pytest.mark.parametrize("name", ["unsolved", "unsolved_signs"])
def test_every_entry_of_unsolved_is_unsolved(name: str) -> None:
    for entry in all_words("follow_ups", name):
        assert KNOWN.read(entry) is ShortReply.UNSOLVED, entry


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    assert KNOWN.read(text) in (None, *ShortReply)


def test_an_operator_adds_words_of_their_own() -> None:
    own = ShortReplies.with_own(
        "[assent]\nwords = ''':party-blob: jawohl'''\n[unsolved]\nphrases = '''computer says no'''", PLACE
    )
    assert own.read("Jawohl :party-blob:") is ShortReply.ASSENT
    assert own.read("jawohl, thanks") is ShortReply.ASSENT
    assert own.read("Computer says no!") is ShortReply.UNSOLVED
    assert KNOWN.read("Jawohl") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[assents]\nwords = 'x'", "[assents] is no list that may be added to: write one of [assent]"),
        ("[assent]\npatterns = 'x+'", "[assent] takes words and phrases alone"),
        ("[assent]\nphrases = '''\n!!!\n'''", "has '!!!', which has neither a word nor a sign"),
        ("[assent]\nword = 'x'", "[assent] has word"),
        ("assent", "is not valid TOML"),
        (
            "[assent]\nwords = 'Jawohl'\n[unsolved]\nwords = 'jawohl'",
            "'jawohl' stands in [assent] and in [unsolved]; take it out of one of them.",
        ),
    ],
)
def test_what_is_wrong_with_them_is_named(text: str, said: str) -> None:
    with pytest.raises(WordsInvalid) as raised:
        ShortReplies.with_own(text, PLACE)
    assert PLACE in str(raised.value)
    assert said in str(raised.value)
    assert set(OWN_LISTS) == {"assent", "solved", "dropped", "unsolved", "hesitation"}


@pytest.mark.parametrize("text", ["it works, can you close it?", "¿me lo cierras? ya funciona", "fixed?"])
def test_success_is_told_within_more(text: str) -> None:
    assert KNOWN.tells_success(text)
    assert not KNOWN.tells_success("can you repair it?")
    assert not KNOWN.tells_success("¿podéis arreglarlo?")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ok that fixed it, appreciate it",
            "all sorted, you can close this",
            "woohoo works",
            "I'm in! thanks",
        ),
        *(
            "fixed, was the cable",
            "oh wow that actually worked",
            "ah it was caps lock, sorry!",
            "restarting did it",
        ),
        *("arreglado, crack", "ya puedo entrar, un saludo", "pues era eso jaja gracias", "ya quedó, gracias"),
        *("era el cable jajaja perdón", "olvídalo, ya se arregló solo", "funciona perfecto, majo"),
    ],
)
def test_sentences_that_say_that_it_helped(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.SOLVED


@pytest.mark.parametrize(
    "text",
    [
        *(
            "nah still dead",
            "great, still broken 🙄",
            "thanks for nothing",
            "wow super helpful... not",
            "yeah no",
        ),
        *(
            "spoke too soon, it's broken again",
            "step 3 doesn't work",
            "can't find that menu",
            "that made it worse",
        ),
        *("I followed every step and it's still not going", "nothing happens when I do that", "thanks 🙄"),
        *("ya lo había probado", "ni por esas", "gracias por nada", "sí claro, muy útil 🙄", "pues no"),
        *("el enlace no abre", "me sale el mismo error", "se ha vuelto a caer", "no me aparece esa opción"),
    ],
)
def test_sentences_that_say_that_it_did_not_help(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.UNSOLVED


@pytest.mark.parametrize(
    "text",
    [
        *("alright let me give that a go", "gotcha, brb", "rebooting...", "you're a lifesaver", "okey dokey"),
        *("perfecto, ahora te digo", "eres un máquina", "okis", "estoy en una reunión, luego lo pruebo"),
    ],
)
def test_sentences_of_assent(text: str) -> None:
    assert KNOWN.read(text) is ShortReply.ASSENT


@pytest.mark.parametrize(
    "text",
    [
        *(
            "la MIRO en sap me da saldo distinto de cero",
            "let me know when my laptop arrives",
            "was it the cable?",
        ),
        *(
            "it works on my phone but not on my laptop",
            "the printer does not work",
            "ya va siendo hora de un ratón",
        ),
        *("still waiting, and my chair is broken, too", "no funciona la impresora", "the page is down"),
    ],
)
def test_sentences_with_a_matter_of_their_own_are_no_short_replies(text: str) -> None:
    assert KNOWN.read(text) is None


def test_a_long_part_costs_no_more_than_its_words() -> None:
    """Sentences are read in parts of a few words: whatever is repeated, nothing is tried again and again."""
    words = {word for name in ("unsolved", "solved") for word in _words_of(f"{name}_sentences")}
    steps = [KNOWN.read(" ".join([word] * 11 + ["zzz"])) for word in sorted(words)]
    assert set(steps) <= {None, *ShortReply}


def _words_of(name: str) -> set[str]:
    return set(re.findall(r"[a-z]{2,}", any_of("follow_ups", name)))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I'll try that but it is still broken", ShortReply.UNSOLVED),
        ("will do when I'm home but it still fails", ShortReply.UNSOLVED),
        ("lo pruebo luego pero sigue igual", ShortReply.UNSOLVED),
        ("I will try it, but no", ShortReply.UNSOLVED),
        ("I'll try that but I have another question about my badge", None),
        ("I'll try it tomorrow though", ShortReply.ASSENT),
    ],
)
def test_what_follows_a_contrast_counts(text: str, kind: ShortReply | None) -> None:
    assert ShortReplies().read(text) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("will do when I'm at my desk", ShortReply.ASSENT),
        ("no further questions, thank you", ShortReply.ASSENT),
        ("no problem, I can wait", ShortReply.ASSENT),
        ("vale, en cuanto llegue a casa lo miro", ShortReply.ASSENT),
        ("no pasa nada, espero un rato", ShortReply.ASSENT),
        ("no tengo más dudas, gracias", ShortReply.ASSENT),
        ("never mind, it started working by itself", ShortReply.SOLVED),
        ("looks fine from here", ShortReply.SOLVED),
        ("ya ha vuelto a funcionar", ShortReply.SOLVED),
        ("back to square one", ShortReply.UNSOLVED),
        ("nah not that", ShortReply.UNSOLVED),
        ("qué va, eso no", ShortReply.UNSOLVED),
        ("I restarted twice, zero change", ShortReply.UNSOLVED),
        ("there is no such menu on my machine", ShortReply.UNSOLVED),
        ("funcionó un rato y se cayó otra vez", ShortReply.UNSOLVED),
        ("espero una respuesta desde ayer", None),
        ("nothing else works on my laptop", None),
        ("nada más enciende se apaga", None),
    ],
)
def test_how_people_put_it(text: str, kind: ShortReply | None) -> None:
    assert ShortReplies().read(text) is kind


@pytest.mark.parametrize(
    "text",
    ["hiya, quick one", "I have a question", "got a sec?", "buenas, una cosilla", "hola, tengo una duda"],
)
def test_that_a_question_comes_is_no_question_yet(text: str) -> None:
    assert KNOWN.small_talk(text) == "greeting"


@pytest.mark.parametrize("text", ["a question about my badge", "una duda sobre la nómina", "got a virus"])
def test_a_question_that_names_its_matter_is_one(text: str) -> None:
    assert KNOWN.small_talk(text) is None
