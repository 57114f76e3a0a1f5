"""The table of words that mean alike: what it knows, and what it does with what it does not know."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.content import Article, Content, Intent
from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders.builtin import BuiltinEncoder
from bot.matching.matcher import WordMatcher
from bot.matching.text.word_table import word_table
from tests.support.matching.tiny_model import content

ENCODER = BuiltinEncoder()


def alike(one: str, other: str) -> float:
    first, second = ENCODER.encode([one, other])
    return float(first @ second)


@pytest.mark.parametrize(
    ("one", "alike_to", "other"),
    [
        ("laptop", "computer", "holiday"),
        ("my display is broken", "the monitor is damaged", "the invoice is wrong"),
        ("vacaciones", "permiso de descanso", "impresora"),
        ("he olvidado mi contraseña", "forgot my password", "book a meeting room"),
        ("la pantalla parpadea", "the screen flickers", "pedir vacaciones"),
    ],
)
def test_words_that_mean_alike_are_near(one: str, alike_to: str, other: str) -> None:
    assert alike(one, alike_to) > alike(one, other) + 0.1


def test_accents_and_case_do_not_matter() -> None:
    assert alike("Contraseña OLVIDADA", "contrasena olvidada") == pytest.approx(1.0, abs=1e-5)


def test_a_word_is_read_beside_its_neighbours() -> None:
    assert alike("turn the lights on", "lights on turn the") < 0.99
    # The same words: who does it to what.
    assert alike("the charge for my phone", "the price of my phone") > alike(
        "my phone does not charge", "the price of my phone"
    )
    assert alike("book a table", "reserve a table") > alike("table of a book", "reserve a table")


def test_words_of_one_text_are_no_neighbours_of_another_text() -> None:
    texts = ["reset", "password", "", "my new laptop", "77 99"]
    together = ENCODER.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        assert ENCODER.encode([text])[0] == pytest.approx(vector, abs=1e-5)


def test_parts_of_one_text_are_read_together_as_each_alone() -> None:
    parts = ["the projector in the hall stays dark", "our guests arrive at nine", "and the hall stays dark"]
    texts = [*parts, " ".join(parts[:2]), " ".join(parts[1:]), " ".join(parts)]
    encoder = BuiltinEncoder()
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert encoder.encode(texts) == pytest.approx(alone, abs=1e-5)


def test_a_word_of_both_languages_is_read_in_the_texts_own() -> None:
    # "red" is a colour in English and a network in Spanish.
    assert alike("no hay red en la oficina", "network") > alike("the red light on the door", "network")
    assert alike("the red light on the door", "blue and green") > alike("la red no va", "blue and green")


def test_a_misspelt_word_and_another_form_are_the_word() -> None:
    words = word_table()
    right = words.rows(["password", "vacation", "printers"])
    assert None not in right
    assert words.rows(["pasword", "vacaton"]) == right[:2]
    assert words.rows(["unpasswording"]) == [None]
    assert "drips" in words  # by its other form
    assert "pasword" not in words


def test_a_name_that_nobody_knows_meets_itself_only() -> None:
    assert alike("Zorbloxia", "zorbloxia") == pytest.approx(1.0, abs=1e-5)
    assert alike("Zorbloxia", "Quuxnarf") < 0.5
    assert alike("open Zorbloxia", "start zorbloxia") > alike("open Zorbloxia", "start quuxnarf")


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_has_a_direction(texts: list[str]) -> None:
    found = ENCODER.encode(texts)
    assert found.shape == (len(texts), ENCODER.encode([""]).shape[1])
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(texts, found, strict=True):  # the same alone as among others
        assert np.allclose(ENCODER.encode([text])[0], vector, atol=1e-5)


def test_of_a_large_content_words_alone_are_asked() -> None:
    store = VectorStore(ENCODER, None)
    many = tuple(f"text {number}" for number in range(ENCODER.max_examples))
    article = Article("a", "Title", "Body", questions=many[1:])
    assert store.suits(Content({"a": {"en": article}}, {}, ""))
    assert store.suits(Content({}, {"many": Intent("many", {"en": many})}, ""))
    assert not store.suits(Content({"a": {"en": article}}, {"more": Intent("more", {"en": ("text",)})}, ""))


def test_a_large_edit_is_read_at_once() -> None:
    store = VectorStore(ENCODER, None)
    first = WordMatcher(content(), embeddings=store)
    printer = content().intents["printer"]
    many = tuple(f"our plotter {number} prints posters" for number in range(300))
    more = replace(printer, examples={"en": (*printer.examples["en"], *many)})
    intents = {**content().intents, "printer": more}
    edited = WordMatcher(Content({}, intents, "edited"), previous=first, embeddings=store)
    assert edited.provisional
    assert not edited.lacking
    assert store.missing(many) == 0
