"""Words, codes and readings of what people type."""

import pytest

from bot.matching.text.normalise import MOST_WORDS, fold, readings, words_of


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


@pytest.mark.parametrize(
    "ending",
    [
        " Legal department",
        "\nLegal department",
        " Many thanks",
        " Many thanks. Legal department",
        "\n\nGracias. Asesoría jurídica",
    ],
)
def test_who_wrote_a_story_is_not_what_it_asks(ending: str) -> None:
    story = "My laptop is new. " + "It was sunny all day and nobody was at home. " * 10 + "Now the vpn fails."
    assert readings(story + ending) == readings(story)


@pytest.mark.parametrize("last", ["The screen is black", "vpn still dead", "Any idea?", "Screen black."])
def test_what_a_story_tells_at_its_end_is_asked(last: str) -> None:
    story = "My laptop is new. " + "It was sunny all day and nobody was at home. " * 10 + last
    assert readings(story)[0].words == words_of(last).words


def test_fold() -> None:
    assert fold("ÁÉÍÓÚÑ Straße ﬁ") == "aeioun strasse fi"
