from collections import Counter

import numpy as np
import pytest

from bot.matching.index.inverted_index import Cosine, Counts, count_pairs
from bot.matching.scoring import classifier, tone
from bot.matching.scoring.calibrator import CalibrationSample, Calibrator, train
from bot.matching.text.language import LanguageGuess
from bot.matching.text.normalise import MOST_WORDS, fold, readings, words_of
from bot.matching.text.spelling import SpellingCorrector
from bot.matching.text.stems import Stems

GUESS = LanguageGuess({})


@pytest.mark.parametrize(
    ("text", "words", "codes"),
    [
        ("My PWD doesn't work w/ the VPN", "my password doesnt work with the vpn", ()),
        ("xq no me va la contraseña", "porque no me va la contrasena", ()),
        ("heeelp", "heelp", ()),
        ("error 0x80070057!", "error 0x80070057", ("0x80070057",)),
        ("ERR_CERT_DATE", "err certificate date", ("err_cert_date",)),
        ("vpn-gw-2", "vpn gw #", ("vpn-gw-2",)),
        ("at 5:30pm, 12 people, room 404", "at # # # people room 404", ()),
        ("l\u200bap\u00adtop ＶＰＮ", "laptop vpn", ()),
        ("😀 !!", "", ()),
    ],
)
def test_words(text: str, words: str, codes: tuple[str, ...]) -> None:
    found = words_of(text)
    assert (found.text, found.codes) == (words, codes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hi all, vpn down", "vpn down"),
        ("hola", "hola"),
        ("Good morning team", "good morning team"),
        ("> old text\nnew text", "new text"),
        ("> only a quote", "only a quote"),
        ("vpn down\nBest regards\nAnn", "vpn down"),
        ("see https://a.example/x?y or ann@b.example", "see or"),
        ("<@U1> vpn <#C2|general>", "vpn"),
        ("thanks", "thanks"),
    ],
)
def test_readings(text: str, words: str) -> None:
    assert readings(text)[0].text == words


def test_questions_are_bounded_and_keep_their_codes() -> None:
    found = readings("word " * 20_000 + "and then 0x80070057. How do I fix it?")[0]
    assert len(found.words) <= MOST_WORDS
    assert found.codes == ("0x80070057",)
    assert "fix" in found.words


def test_a_story_has_two_readings() -> None:
    story = "My laptop is new. " + "It was sunny all day and nobody was at home. " * 10 + "Now the vpn fails."
    assert [found.text for found in readings(story)] == [
        "now the vpn fails",
        "my laptop is new now the vpn fails",
    ]


def test_fold() -> None:
    assert fold("ÁÉÍÓÚÑ Straße ﬁ") == "aeioun strasse fi"


SPELLER = SpellingCorrector(
    Counter("password account screen printer movie train quit connection pero".split() * 3), lambda _: False
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pasword", "password"),
        ("passwrod", "password"),
        ("acount", "account"),
        ("scren", "screen"),
        ("rpinter", "printer"),
        ("conectoin", "connection"),
        ("passwordprinter", "password printer"),
        ("quiet", "quiet"),
        ("rain", "rain"),
        ("perro", "perro"),
        ("zebra", "zebra"),
        ("pass", "password"),
    ],
)
def test_spelling(typed: str, meant: str) -> None:
    assert SPELLER.repair(words_of(typed))[0].text == meant


def test_a_word_with_a_known_form_is_left_alone() -> None:
    assert (
        SpellingCorrector({"connection": 1}, lambda word: word == "connectoin").repair(
            words_of("connectoin")
        )[1]
        == {}
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "print printer printing printed prints"),
        ("en", "stop stopping stopped"),
        ("es", "impresora impresoras"),
        ("es", "conectar conectado conectan conecta"),
    ],
)
def test_stems_meet(language: str, words: str) -> None:
    stems = Stems()
    assert len({stems.learn(word, language) for word in words.split()}) == 1


def test_stems_leave_other_languages_alone() -> None:
    assert Stems().stem("anmeldungen", "de") == "anmeldungen"


ENGLISH = [
    "my laptop does not connect to the vpn",
    "outlook keeps crashing on me",
    "pls reset my pwd asap",
    "who can give me access to finance",
    "the printer on floor 2 is jammed",
    "cannot hear anybody in zoom calls",
    "I'd like a second screen",
    "where do i find my payslip",
]
SPANISH = [
    "mi portatil no se conecta a la vpn",
    "el outlook se me cierra solo",
    "necesito q me reinicien la clave",
    "quien me da acceso a finanzas",
    "la impresora de la planta 2 esta atascada",
    "no oigo a nadie en zoom",
    "donde encuentro mi nomina",
    "se me ha caído el café en el teclado",
]
OTHERS = [
    "mein laptop verbindet sich nicht mit dem vpn",
    "ich habe mein passwort vergessen",
    "mon ordinateur ne démarre plus depuis ce matin",
    "je n'arrive pas à me connecter au vpn",
    "não consigo entrar no meu computador",
    "esqueci a minha senha do e-mail",
    "il mio computer non si accende più",
    "mijn laptop start niet meer op",
    "мой ноутбук не включается",
    "電源が入りません",
    "12345",
    "vpn",
    "",
]


@pytest.mark.parametrize("text", ENGLISH)
def test_english(text: str) -> None:
    assert GUESS.guess(text) == "en"


@pytest.mark.parametrize("text", SPANISH)
def test_spanish(text: str) -> None:
    assert GUESS.guess(text) == "es"


@pytest.mark.parametrize("text", OTHERS)
def test_neither(text: str) -> None:
    assert GUESS.guess(text) is None


def test_words_of_the_content_help_to_tell() -> None:
    counts = {
        "en": Counter({"calendar": 30, "meeting": 30, "shared": 20, "laptop": 9}),
        "es": Counter({"calendario": 30, "reunion": 30, "compartido": 20, "laptop": 9}),
    }
    guess = LanguageGuess(counts)
    assert guess.guess("shared calendar meeting") == "en"
    assert guess.guess("calendario compartido reunion") == "es"
    assert guess.guess("laptop") is None


@pytest.mark.parametrize(
    "text",
    [
        "this is ridiculous",
        "THIRD TIME I ask for this",
        "fix it!!!",
        "MY LAPTOP STILL DOES NOT WORK",
        "wtf is wrong with the vpn",
        "i'm sick of this printer",
        "estoy harto de la vpn",
        "es la tercera vez que lo pido",
        "ya está bien, nadie me hace caso",
        "vaya mierda de portátil",
        "😡",
    ],
)
def test_angry(text: str) -> None:
    assert tone.angry(text)


@pytest.mark.parametrize(
    "text",
    [
        "hello, the vpn is down",
        "my VPN on the HP is slow",
        "ERR_CERT_DATE_INVALID",
        "thanks a lot!",
        "hola, ¿me ayudas?",
        "no funciona la impresora",
        "PC",
        "",
    ],
)
def test_calm(text: str) -> None:
    assert not tone.angry(text)


@pytest.mark.parametrize(
    "text",
    [
        "where is my payslip",
        "vpn down?",
        "how do i reset my password",
        "can someone look at the printer",
        "I need access to the share",
        "my laptop doesn't work",
        "i can't log in",
        "outlook won't open",
        "please unlock my account",
        "hi team, could you help",
        "necesito un monitor",
        "no puedo entrar",
        "no me deja instalar nada",
        "¿alguien sabe algo",
        "me sale un error raro",
        "hola, como cambio la clave",
        "se me ha bloqueado la cuenta",
        "keycard expired yesterday",
        "lift badge not opening",
        "outlook crashed twice since lunch",
        "someone stole my laptop",
        "la pantalla está estropeada",
        "me han robado el móvil",
    ],
)
def test_asks(text: str) -> None:
    assert tone.asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "lunch at 12",
        "great news everyone",
        "the release went out yesterday",
        "thanks, all good",
        "gracias a todos",
        "feliz cumpleaños",
        "mañana es fiesta en madrid",
        "lunch was nice today",
        "the build is green again",
        "we won the match yesterday",
        "qué buena la comida de hoy",
        "👍",
        "",
    ],
)
def test_does_not_ask(text: str) -> None:
    assert not tone.asks(text)


def cosine(texts: list[list[int]], features: int) -> Cosine:
    row = np.array([index for index, text in enumerate(texts) for _ in text], np.int64)
    feature = np.array([f for text in texts for f in text], np.int64)
    counts = Counts.from_entries(*count_pairs(feature, row, len(texts)), len(texts), features)
    return Cosine(counts, np.ones(features))


def test_similarity_is_a_cosine() -> None:
    index = cosine([[0, 1], [1, 2, 2]], 3)

    def to_all(text: list[int], unseen: float) -> list[float]:
        return [float(v) for v in index.postings.total(*index.vector(text, unseen))]

    assert to_all([0, 1], 0.0)[0] == pytest.approx(1)
    assert to_all([2], 0.0)[0] == 0
    assert to_all([0, 1], 1.0)[0] < 1
    assert to_all([], 0.0) == [0, 0]
    assert cosine([], 0).postings.total(np.zeros(0, np.int64), np.zeros(0)).tolist() == []


def test_work_for_one_question_is_bounded_by_its_rarest_features(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [[0, 1] if row == 5 else [0] for row in range(10)]
    postings = cosine(texts, 2).postings
    monkeypatch.setattr("bot.matching.index.inverted_index.MOST_ENTRIES", 10)
    _, _, rows = postings.rows_of(np.array([0, 1]))
    assert rows.tolist() == [5]


def test_the_classifier_learns_which_features_tell_targets_apart() -> None:
    # Feature 0 is in every row, features 1 to 3 in the rows of one target each.
    label = np.arange(30) % 3
    row = np.repeat(np.arange(30), 2)
    feature = np.ravel(np.column_stack([np.zeros(30, np.int64), label + 1]))
    weights = classifier.train(row, feature, np.full(60, 0.7), label, 4, 3)
    assert weights[1:].argmax(axis=1).tolist() == [0, 1, 2]
    assert abs(weights[0]).max() < weights[1:].max() / 5
    again = classifier.train(row, feature, np.full(60, 0.7), label, 4, 3)
    assert weights.tolist() == again.tolist(), "nothing is left to chance"


def test_a_classifier_is_only_made_where_it_is_worth_it() -> None:
    assert classifier.affordable(15_000, 150)
    assert not classifier.affordable(50_000, 10_000)
    assert not classifier.affordable(5, 1)


def test_the_layer_learns_what_tells_right_from_wrong() -> None:
    dice = np.random.default_rng(5)
    cases = []
    for number in range(300):
        right = -1 if number % 3 == 0 else int(dice.integers(4))
        signal = dice.normal(0, 0.3, size=(4, 2))
        if right >= 0:
            signal[right, 0] += 2
        cases.append(CalibrationSample(signal, np.array([1.0]), right))
    calibrator = train(cases, Calibrator(np.zeros(2), np.zeros(1)))
    assert calibrator.candidate_weights[0] > 2
    assert abs(calibrator.candidate_weights[1]) < 1
    sums = [calibrator.probabilities(t.features, t.none_features) for t in cases]
    hits = [int(p.argmax()) == t.right for p, t in zip(sums, cases, strict=True) if p.max() > 0.5]
    assert np.mean(hits) > 0.9
    claimed = np.mean([p.max() for p in sums if p.max() > 0.5])
    assert claimed == pytest.approx(np.mean(hits), abs=0.05)


def test_the_layer_stays_where_it_started_without_trials() -> None:
    start = Calibrator(np.array([1.0, 2.0]), np.array([3.0]))
    assert train([], start).candidate_weights.tolist() == [1.0, 2.0]


def test_a_word_is_not_taken_apart() -> None:
    speller = SpellingCorrector({"scan": 3, "desk": 1, "new": 1, "phone": 1}, lambda _: False)
    assert speller.repair(words_of("dias de descanso"))[1] == {}
    assert speller.repair(words_of("my newphone"))[1] == {"newphone": "new phone"}
