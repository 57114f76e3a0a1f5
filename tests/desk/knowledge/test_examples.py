"""Examples of what may be asked: from the content, asked most and answered well first, in a language."""

from datetime import timedelta

import pytest

from bot.desk.knowledge.examples import WINDOW, ExampleLearner, Examples
from bot.desk.knowledge.library import Library
from bot.domain.conversations.outcome import TargetFigures
from bot.domain.knowledge.content import Article, Content, Intent, ServiceRequest
from tests.support.desk.helpdesk import Given, Helpdesk
from tests.support.desk.outcomes import close_windows, press

BADGE = Article("badge", "The badge does not open", "Steps", questions=("My badge fails", "Red light"))
VPN = Article("vpn", "Fix the VPN", "Steps")
VPN_ES = Article("vpn", "Arreglar la VPN", "Pasos", "es", questions=("La VPN no conecta",))
LOST = Article("lost", "Lost laptop", "Steps")
ARTICLES = {"badge": {"en": BADGE}, "lost": {"en": LOST}, "vpn": {"en": VPN, "es": VPN_ES}}
URGENT = Intent("lost-it", {"en": ("I lost it",)}, article="lost", always_person=True)
CHAIR = Intent("chair", {}, opens=ServiceRequest({"en": "A new chair", "es": "Una silla nueva"}))
HOURS = Intent("hours", {"en": ("When are you there?",), "es": ("¿Cuándo estáis?",)}, reply={"en": "Always."})
HELLO = Intent("hello", {"en": ("hello",)}, action="greeting")
CONTENT = Content(ARTICLES, {one.id: one for one in (HELLO, HOURS, URGENT, CHAIR)}, "hash")


@pytest.fixture
def small(library: Library) -> Library:
    loaded = Library(Given(CONTENT), lambda *_: library.snapshot.matcher)
    assert loaded.load()
    return loaded


def texts(examples: Examples, language: str, most: int = 9) -> list[str]:
    return [one.text for one in examples.choose(language, most)]


def learned(library: Library, *figures: TargetFigures) -> Examples:
    examples = Examples(library)
    ExampleLearner(lambda: None, examples, lambda: None).learn(figures)  # type: ignore[arg-type, return-value]
    return examples


def test_before_anything_was_asked_the_content_speaks_in_the_readers_language(small: Library) -> None:
    english = ["My badge fails", "Fix the VPN", "A new chair", "When are you there?"]
    assert texts(Examples(small), "en") == english
    assert texts(Examples(small), "en", 2) == english[:2]
    assert texts(Examples(small), "es") == ["La VPN no conecta", "Una silla nueva", "¿Cuándo estáis?"]


def test_content_that_is_in_another_language_is_shown_rather_than_nothing(small: Library) -> None:
    found = Examples(small).choose("fr", 2)
    assert [(one.text, one.language) for one in found] == [("My badge fails", "en"), ("Fix the VPN", "en")]


def test_what_is_asked_most_and_answers_well_comes_first(small: Library) -> None:
    vpn = TargetFigures("vpn", shown=9, not_helpful=2, again=1)
    hours = TargetFigures("hours", shown=5)
    assert texts(learned(small, hours, vpn), "en", 3) == [
        "Fix the VPN",
        "When are you there?",
        "My badge fails",
    ]


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param(TargetFigures("vpn", shown=9, not_helpful=4), id="did not help"),
        pytest.param(TargetFigures("vpn", shown=9, not_helpful=2, again=2), id="came back"),
        pytest.param(TargetFigures("vpn", shown=2), id="hardly asked"),
        pytest.param(TargetFigures("vpn", named=9), id="named by engineers alone"),
        pytest.param(TargetFigures("lost", shown=9), id="needs a person"),
        pytest.param(TargetFigures("gone", shown=9), id="no longer there"),
        pytest.param(TargetFigures("hello", shown=9), id="no question"),
    ],
)
def test_what_is_no_good_example_stays_behind(small: Library, figures: TargetFigures) -> None:
    assert texts(learned(small, figures), "en") == texts(Examples(small), "en")


def test_figures_are_read_from_what_became_of_questions_in_the_last_months(helpdesk: Helpdesk) -> None:
    library = helpdesk.library
    examples = Examples(library)
    learner = ExampleLearner(helpdesk.begin, examples, helpdesk.clock)
    for person in ("a1", "a2", "a3"):
        helpdesk.say(person, "I forgot my password")
        helpdesk.say(person, "the printer does not print", thread="1.0")
    press(helpdesk, "a1", "solved")
    close_windows(helpdesk)
    learner.learn(learner.read())
    first = [one.target for one in examples.choose("es", 2)]
    assert first == ["password-reset", "printer"]
    assert all(one.language == "es" for one in examples.choose("es", 9))
    helpdesk.clock.move(seconds=(WINDOW + timedelta(days=1)).total_seconds())
    learner.learn(learner.read())
    assert examples.ranked == ()


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_example_of_our_own_content_finds_what_it_is_an_example_of(
    library: Library, language: str
) -> None:
    found = Examples(library).choose(language, 40)
    missed = [one.text for one in found if library.match(one.text).matches[0].target != one.target]
    assert missed == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("what can you do?", "You can ask, for example: “My account is locked, what can I do?”,"),
        ("¿qué puedes hacer?", "Puedes preguntar, por ejemplo: «Mi cuenta está bloqueada, ¿qué hago?»,"),
    ],
)
def test_what_the_desk_can_do_is_told_by_examples_from_the_content(
    helpdesk: Helpdesk, asked: str, told: str
) -> None:
    helpdesk.say("ana", asked)
    assert told in helpdesk.texts_in("Dana")[-1]
