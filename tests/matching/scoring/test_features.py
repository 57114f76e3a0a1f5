"""What a candidate's features say of a question."""

from itertools import pairwise

import pytest

from bot.domain.knowledge.content import Article, Content, Intent, ServiceRequest
from bot.matching.index.corpus import CorpusReader
from bot.matching.scoring.engine import Engine
from bot.matching.scoring.features import MOST, MOST_MISTYPED, NAMES, NONE_NAMES
from bot.matching.text.normalise import words_of

TELLING = "toner cartridge duplex tray roller paper jam spooler hinge firmware fuser drum".split()
AMOUNT = NAMES.index("amount")


def features_of(content: Content, text: str) -> dict[str, dict[str, float]]:
    """The features of each candidate by their names."""
    engine = Engine.build(content, "en", CorpusReader())
    found = engine.extractor.extract([words_of(text)], "en")[0]
    rows = zip(found.targets.tolist(), found.features.tolist(), strict=True)
    return {engine.targets[target]: dict(zip(NAMES, row, strict=True)) for target, row in rows}


CONTENT = Content(
    {
        "printer": {"en": Article("printer", "Repair a printer", " ".join(TELLING))},
        **{f"other{n}": {"en": Article(f"other{n}", f"Other matter {n}", "Ask.")} for n in range(6)},
    },
    {},
    "amount",
)


def amount(text: str) -> float:
    return features_of(CONTENT, text)["printer"]["amount"]


def test_the_amount_grows_with_how_much_telling_was_said() -> None:
    amounts = [amount(" ".join(TELLING[:number])) for number in range(1, 5)]
    assert amounts == sorted(amounts)
    assert all(more > 1.2 * less for less, more in pairwise(amounts))


def test_the_amount_has_a_bound() -> None:
    assert amount(" ".join(TELLING)) == MOST
    assert all(row["amount"] <= MOST for row in features_of(CONTENT, " ".join(TELLING)).values())


def test_what_says_nothing_and_what_is_said_of_something_else_is_no_amount() -> None:
    assert amount("it is the and of") < 0.2 * amount("toner")
    whole = features_of(CONTENT, " ".join(TELLING[:4]))
    assert all(row["amount"] == 0 for target, row in whole.items() if target != "printer")


def test_the_words_of_others_beside_its_own_take_nothing_away() -> None:
    assert amount("toner cartridge weather football") == pytest.approx(amount("toner cartridge"), rel=0.01)


def test_a_service_request_has_the_words_that_it_says_of_itself() -> None:
    laptop = Intent(
        "new-laptop",
        {"en": ("a machine for the new colleague",)},
        asks={"en": ("Which keyboard layout?",)},
        opens=ServiceRequest({"en": "New laptop"}, {"en": "The warehouse checks the stock."}),
    )
    told = Intent("told", {"en": ("a machine for the new colleague",)}, reply={"en": "The warehouse."})
    others = {name: Intent(name, {"en": (f"{name} is broken",)}, reply={"en": "Ask."}) for name in TELLING}
    content = Content({}, {**others, "new-laptop": laptop, "told": told}, "requests")
    for text in ("laptop", "warehouse stock", "keyboard layout"):
        found = features_of(content, text)
        assert found["new-laptop"]["article"] > 0
        assert found["new-laptop"]["coverage"] == 1
        assert found.get("told", {"article": 0.0})["article"] == 0, "what a reply says is no document"


def mistyped(text: str, content: Content = CONTENT) -> float:
    engine = Engine.build(content, "en", CorpusReader())
    return float(engine.score_text(text)[0].candidates.none_features[NONE_NAMES.index("mistyped")])


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("my toner cartridge leaks on the roller", 0.0),
        ("my toner cartrdige leaks on the roller", 1 / 7),  # corrected
        ("my toner cartridge leakz on teh roller", 2 / 7),  # not corrected
        ("mi impresora no imprime el papel", 0.0),  # of another language, and translated
        ("error 0x80070057 on floor 12 again", 0.0),
        ("", 0.0),
    ],
)
def test_what_is_mistyped_is_no_word_at_all(text: str, share: float) -> None:
    assert mistyped(text) == pytest.approx(share)


def test_a_text_full_of_what_is_no_word_is_not_typed_with_errors_alone() -> None:
    assert mistyped("wzrxt qplmn vbgtk hjkpl toner") == MOST_MISTYPED


def test_a_name_that_the_content_knows_is_not_mistyped() -> None:
    known = Article("brightmart", "Open Brightmart", "Brightmart opens in the browser.")
    content = Content({**CONTENT.articles, "brightmart": {"en": known}}, {}, "names")
    assert mistyped("brightmart does not open the paper") > 0
    assert mistyped("brightmart does not open the paper", content) == 0
