"""What is read of an article's pictures and tables: their words, and no address."""

from bot.domain.knowledge.content import Article, Content
from bot.matching.embeddings.chunks import beginning_of, passages_of
from bot.matching.matcher import WordMatcher

BODY = """\
See this.

![The turquoise dongle beside the keyboard](files/zxqv-17.png)

| Machine | Where |
|:--------|------:|
| Plotter | mezzanine |
"""
ARTICLE = Article("desk", "At the desk", BODY)
OTHERS = {
    name: {"en": Article(name, f"About {name}", f"1. Open the {name}.\n2. Close it.")}
    for name in ("window", "door", "drawer")
}


def test_words_of_pictures_and_cells_are_matched() -> None:
    matcher = WordMatcher(Content({"desk": {"en": ARTICLE}, **OTHERS}, {}, "x"), "en", at_once=True)
    for asked in ("where is the turquoise dongle", "plotter mezzanine"):
        assert matcher.find(asked).matches[0].target == "desk"
    assert "desk" not in [match.target for match in matcher.find("zxqv").matches if match.confidence > 0.3]


def test_embeddings_read_them_without_signs_and_addresses() -> None:
    for text in (beginning_of(ARTICLE), " ".join(passages_of(ARTICLE))):
        assert "The turquoise dongle beside the keyboard" in text
        assert "Plotter mezzanine" in text
        assert not any(sign in text for sign in ("|", "--", "![", "zxqv"))
