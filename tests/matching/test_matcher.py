from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.knowledge.content import Article, Content, Intent
from bot.domain.knowledge.decision import Answer, AskBack, Choose, Escalate, MatchResult, Thresholds, decide
from bot.matching.matcher import WordMatcher


def article(name: str, title: str, body: str, language: str = "en") -> Article:
    return Article(id=name, title=title, body=body, language=language)


def examples(english: str, spanish: str = "") -> dict[str, tuple[str, ...]]:
    split = {"en": english.split(" | "), "es": spanish.split(" | ") if spanish else []}
    return {language: tuple(texts) for language, texts in split.items() if texts}


ARTICLES = [
    article(
        "password",
        "Reset a forgotten password",
        "Open the portal and choose Forgot password. Check your phone.",
    ),
    article("password", "Restablecer una contraseña olvidada", "Abre el portal y elige la opción.", "es"),
    article(
        "vpn-windows",
        "Connect to the VPN on Windows",
        "Open Settings and connect. Error 809 means a firewall.",
    ),
    article(
        "vpn-macos", "Connect to the VPN on a Mac", "Open System Settings and connect. Check the keychain."
    ),
    article(
        "printer", "Fix a printer that does not print", "Check paper and toner. Remove the jam, try again."
    ),
    article(
        "payslip", "Consultar la nómina en el portal", "Entra en el portal de nóminas y descárgala.", "es"
    ),
    article("certificate", "A certificate warning", "ERR_CERT_DATE_INVALID shows when the clock is wrong."),
    article(
        "updates", "Windows updates fail", "Error 0x80070643 means that an update is damaged. Ask vpn-gw-2."
    ),
]
INTENTS = [
    Intent(
        "forgot",
        examples(
            "forgot my password | i cant remember my pw | need a new password | reset pls",
            "olvide mi contraseña | no recuerdo la clave | restablecer la clave porfa",
        ),
        article="password",
    ),
    Intent(
        "windows-vpn",
        examples(
            "vpn on windows wont connect | windows laptop vpn drops | vpn error 809",
            "la vpn de windows no conecta",
        ),
        article="vpn-windows",
    ),
    Intent(
        "mac-vpn",
        examples("vpn on my mac wont connect | macbook vpn drops", "la vpn del mac no conecta"),
        article="vpn-macos",
    ),
    Intent(
        "print",
        examples(
            "printer is jammed | nothing comes out of the printer | printing is broken | toner empty",
            "la impresora no imprime | atasco de papel en la impresora | no sale nada por la impresora",
        ),
        article="printer",
    ),
    Intent(
        "hello",
        examples("hi | hello | good morning", "hola | buenos días | hola, ¿hay alguien?"),
        action="greeting",
    ),
    Intent("bye", examples("bye | see you later | have a nice day", "adiós | hasta luego"), action="goodbye"),
    Intent(
        "worse",
        examples(
            "it does not help | still broken | same error after all steps", "sigue igual | no me ha servido"
        ),
        action="not_solved",
    ),
    Intent(
        "human",
        examples("talk to a person | i want a human | get me an engineer", "quiero hablar con una persona"),
        action="person",
    ),
]


def content(articles: list[Article], intents: list[Intent]) -> Content:
    versions: dict[str, dict[str, Article]] = {}
    for one in articles:
        versions.setdefault(one.id, {})[one.language] = one
    return Content(versions, {intent.id: intent for intent in intents}, "hash")


MATCHER = WordMatcher(content(ARTICLES, INTENTS))


def best(text: str, language: str | None = None) -> str:
    match = MATCHER.find(text, language).best
    assert match is not None
    return match.target


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("I forgot my password", "password"),
        ("forgot my pasword", "password"),
        ("my passwrod is gone, need a new one", "password"),
        ("FORGOT MY PASSWORD", "password"),
        ("forgotmypassword", "password"),
        ("pwd reset pls", "password"),
        ("pass word reset", "password"),
        ("olvidé mi contraseña", "password"),
        ("olvide mi contrasena", "password"),
        ("xq no me acuerdo de la contraseña??", "password"),
        ("the prnter is jamed again", "printer"),
        ("la inpresora no imprime", "printer"),
        ("printer 🖨️ jammed 😀", "printer"),
        ("0x80070643", "updates"),
        ("what is ERR_CERT_DATE_INVALID", "certificate"),
        ("err_cert_date_invalid", "certificate"),
        ("vpn-gw-2", "updates"),
        ("how do I download my nomina", "payslip"),
        ("hola", "hello"),
        ("good morning", "hello"),
        ("quiero hablar con una persona por favor", "human"),
        ("vpn windows", "vpn-windows"),
        ("la vpn de mi mac no va", "vpn-macos"),
    ],
)
def test_finds(text: str, target: str) -> None:
    assert best(text) == target


@pytest.mark.parametrize(
    "around",
    [
        "Hi team, {}",
        "hola buenas, {}",
        "{}\n\nThanks a lot\nBob Smith\nSales printer department",
        "{}\n-- \nThe vpn windows printer company",
        "> is the printer jammed\n{}",
        "On Monday Ann wrote:\n> printer toner empty\n{}",
        "{} https://intranet.example/printer/vpn/windows",
        "<@U123> {}",
        "We had a long day at the fair. The weather was fine and we met many people. "
        "Then we took the train home, which was late. It was dark when I came back. "
        "My dog was happy to see me after all that time. I sat down at the desk with a cup of tea. "
        "Then I wanted to read what my colleagues had written during the week, as one does. {}",
    ],
)
def test_looks_at_what_is_asked(around: str) -> None:
    text = around.format("how can I reset my password?")
    assert best(text) == "password"
    assert not MATCHER.find(text).vague


def test_a_sure_match_is_sure_and_says_why() -> None:
    match = MATCHER.find("forgot my passwrod").best
    assert match is not None
    assert match.confidence > 0.75
    assert match.why == "forgot, passwrod→password"


def test_articles_in_one_language_are_found_from_the_other() -> None:
    result = MATCHER.find("where do I get my nomina from the portal")
    assert (result.language, best("where do I get my nomina from the portal")) == ("en", "payslip")


def test_near_ties_become_a_choice() -> None:
    result = MATCHER.find("the vpn wont connect")
    assert {match.target for match in result.matches[:2]} == {"vpn-windows", "vpn-macos"}
    assert result.matches[0].confidence < 0.75
    assert not isinstance(decide(result, Thresholds()), Answer)


@pytest.mark.parametrize("text", ["forgot my password", "printer is jammed", "la impresora no imprime"])
def test_decides_to_answer(text: str) -> None:
    assert isinstance(decide(MATCHER.find(text), Thresholds()), Answer)


@pytest.mark.parametrize(
    "text",
    [
        "my flurbostat is on fire",
        "when does the canteen open on sunday",
        "necesito una plaza de aparcamiento para el coche",
        "who won the football match yesterday evening",
    ],
)
def test_decides_to_escalate(text: str) -> None:
    result = MATCHER.find(text)
    assert not result.vague
    assert decide(result, Thresholds()) == Escalate()


@pytest.mark.parametrize(
    "text",
    [
        "it does not work",
        "help",
        "no me funciona",
        "tengo un problema",
        "something is broken",
        "urgent!!",
        "ayuda por favor",
        "hello can you help me",
        "hola, necesito ayuda",
        "it doesnt wrok",
        "i need some help asap",
        "no va",
        "",
        "😀",
        "???",
    ],
)
def test_vague(text: str) -> None:
    result = MATCHER.find(text)
    assert result.vague
    assert decide(result, Thresholds()) == AskBack()


@pytest.mark.parametrize(
    "text",
    ["hi", "hola, ¿hay alguien?", "it does not help", "still broken", "printer", "sigue igual", "0x80070643"],
)
def test_not_vague(text: str) -> None:
    assert not MATCHER.find(text).vague


def test_matches_are_ranked_at_least_ten_where_there_are() -> None:
    targets = len({*(a.id for a in ARTICLES), *(i.target for i in INTENTS)})
    matches = MATCHER.find("printer").matches
    assert len(matches) >= min(10, targets)
    assert len({match.target for match in matches}) == len(matches)


def test_what_is_said_to_the_desk_leaves_little_unsaid() -> None:
    for text, action in (("have a nice day", "bye"), ("see you later!", "bye"), ("good morning", "hello")):
        best_match = MATCHER.find(text).best
        assert best_match is not None
        assert (best_match.target, best_match.confidence > 0.6) == (action, True)
    for text in ("the lunch was nice on this sunny day", "what a nice flurbostat today"):
        confidence = {match.target: match.confidence for match in MATCHER.find(text).matches}
        assert confidence.get("bye", 0.0) < 0.4


def test_an_intent_and_its_article_are_one_target() -> None:
    assert "forgot" not in {match.target for match in MATCHER.find("forgot my password").matches}


def test_explains_itself() -> None:
    rows = MATCHER.explain("forgot my passwrod")
    assert rows[0].target == "password"
    assert rows[0].matched == ("forgot", "password", "my")  # the rarest first
    assert rows[0].repaired == {"passwrod": "password"}
    assert rows[0].evidence.keys() == rows[0].gave.keys()
    assert rows[-1].target is None
    assert sum(row.confidence for row in rows) == pytest.approx(1)
    result = MATCHER.find("forgot my passwrod")
    assert result.matches[0].why == "forgot, passwrod→password"
    assert MATCHER.find("forgotmypassword").matches[0].why == "forgotmypassword→forgot my password"
    assert [row.target for row in rows[:-1]] == [match.target for match in result.matches]


def test_what_is_mistyped_is_no_sign_that_nothing_fits() -> None:
    well, badly = MATCHER.explain("i forgot the password"), MATCHER.explain("i forgto teh passwrod")
    assert well[-1].gave["mistyped"] == 0
    assert badly[-1].gave["mistyped"] < 0
    assert badly[0].target == "password"


def test_the_order_of_the_content_does_not_matter_and_nothing_is_left_to_chance() -> None:
    again = WordMatcher(content(ARTICLES[::-1], INTENTS[::-1]))
    for text in ("forgot my passwrod", "vpn", "la impresora", "who knows"):
        assert MATCHER.find(text) == again.find(text)
    assert MATCHER.version == again.version


def test_threads_do_not_disturb_each_other() -> None:
    texts = ["forgot my passwrod", "vpn on mac", "la inpresora no imprime", "0x80070643", "zzz qqq"] * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(MATCHER.find, texts))
    assert found == [MATCHER.find(text) for text in texts]


@pytest.mark.parametrize(
    "little",
    [
        content([], []),
        content([article("a", "One", "")], []),
        content([], [Intent("a", {}, action="greeting")]),
        content([], [Intent("a", {"en": ("hi",)}, action="greeting")]),
        content([article("a", "?!", "...")], [Intent("b", {"fr": ("salut toi",)}, reply={"en": "x"})]),
    ],
)
def test_hardly_any_content(little: Content) -> None:
    matcher = WordMatcher(little)
    story = "It rained all day. Nobody was in the office. " * 10
    for text in ("", "hi", "salut toi", "one", "something else entirely", story):
        assert well_formed(matcher.find(text))


def well_formed(result: MatchResult) -> bool:
    confidences = [match.confidence for match in result.matches]
    return (
        confidences == sorted(confidences, reverse=True)
        and all(0.0 <= confidence <= 1.0 for confidence in confidences)
        and sum(confidences) <= 1.000001
        and all("\n" not in match.why for match in result.matches)
    )


WORDS = st.sampled_from(
    "forgot password vpn windows printer la no hola 0x80070643 pls > \n ? ! 😀 \0 \u200b é ß".split(" ")
)


@settings(max_examples=200, deadline=None)
@given(
    text=st.one_of(
        st.text(), st.lists(WORDS, max_size=80).map(" ".join), st.characters(codec=None).map(lambda c: c * 50)
    ),
    language=st.sampled_from([None, "en", "es", "de", ""]),
)
def test_any_text_is_matched(text: str, language: str | None) -> None:
    result = MATCHER.find(text, language)
    assert well_formed(result)
    assert result.language in (None, "en", "es")
    assert MATCHER.explain(text, language)[-1].target is None


@pytest.mark.parametrize(
    "text", ["a" * 40_000, "a b " * 10_000, "1-" * 20_000, "no funciona la vpn. " * 2_000, "\u202e" * 40_000]
)
def test_long_texts_are_bounded(text: str) -> None:
    assert well_formed(MATCHER.find(text))


def test_a_choice_has_two_or_more() -> None:
    decision = decide(MATCHER.find("vpn"), Thresholds(answer=0.95, choose=0.1))
    assert isinstance(decision, Choose)
    assert len(decision.matches) >= 2


def test_versions_of_one_thing_are_equally_likely_until_a_word_tells_them_apart() -> None:
    body = (
        "Open the client and connect. If it drops, ask for help. It also works beside Windows and on a Mac."
    )
    titles = {
        "w": "Fix the VPN on Windows",
        "m": "Fix the VPN on a Mac",
        "p": "Fix a printer",
        "s": "A new screen",
    }
    articles = [article(name, title, body * (1 + len(name))) for name, title in titles.items()]
    said = Intent(
        "more", examples("vpn on windows drops | windows vpn slow | the windows vpn is dead"), article="w"
    )
    matcher = WordMatcher(content(articles, [said]))
    first, second = matcher.find("the vpn drops").matches[:2]
    assert {first.target, second.target} == {"w", "m"}
    assert first.confidence == second.confidence
    assert isinstance(decide(matcher.find("the vpn drops"), Thresholds(0.5, 0.1)), Choose)
    assert matcher.find("the vpn drops on my mac").matches[0].target == "m"
    assert matcher.find("the vpn drops on windws").matches[0].target == "w"
    exact = matcher.find("the windows vpn is dead").matches
    assert exact[0].confidence > exact[1].confidence
