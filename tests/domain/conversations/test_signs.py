"""Signs: codes become what they mean, and none of them is a word."""

import pytest

from bot.domain.conversations.signs import is_only_signs, toned, with_signs, without_signs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("my dock beeps :rage:!", "my dock beeps 😡!"),
        (":+1::raised_hands:", "👍🙌"),
        ("(:wave::skin-tone-5:)", "(👋🏾)"),
        ("ask :female-technologist::skin-tone-2:", "ask 👩🏻‍💻"),
        (":point_up_2::skin-tone-9: so", "👆:skin-tone-9: so"),
        ("a :parrot-of-ours: and :fire:", "a :parrot-of-ours: and 🔥"),
        (":skin-tone-2: alone", ":skin-tone-2: alone"),
        ("at 10:30:45 from 00:1a:2b:3c", "at 10:30:45 from 00:1a:2b:3c"),
        ("redis key user:key:7", "redis key user:key:7"),
        ("https://x.example:8080/:id", "https://x.example:8080/:id"),
    ],
)
def test_a_code_is_shown_as_its_sign(text: str, shown: str) -> None:
    assert with_signs(text) == shown


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("boom :tada: :our-own: here", "boom here"),
        ("wifi:fire::fire: slow, user:key:7, note:ours: x", "wifi slow, user:key:7, note:ours: x"),
        ("press 1️⃣ or *️⃣", "press or"),
        ("Acme™ ℹ️ desk 🆘", "Acme desk"),
        ("the port :443: and 10:30:45", "the port :443: and 10:30:45"),
    ],
)
def test_what_could_be_read_as_words_is_left_out(text: str, bare: str) -> None:
    assert without_signs(text).split() == bare.split()


@pytest.mark.parametrize("text", ["🎉", ":our-own:", "👍🏽 !!", "❤️\n🙏", "1️⃣", "🇪🇸", "👨‍👩‍👧"])
def test_signs_alone(text: str) -> None:
    assert is_only_signs(text)


@pytest.mark.parametrize("text", ["", " ", "?", "ok 👍", "...", "5", "¿? :tada: ya"])
def test_anything_else_is_not_signs_alone(text: str) -> None:
    assert not is_only_signs(text)


def test_a_tone_takes_the_place_of_the_mark_for_a_picture() -> None:
    assert toned("✌️", "skin-tone-6") == "✌🏿"
