"""What embeddings add to the words, how far they are trusted, and what happens without them."""

from pathlib import Path

import numpy as np
import pytest

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Article, Content
from bot.matching.embeddings.chunks import content_texts
from bot.matching.embeddings.vector_store import PROBE, VectorStore
from bot.matching.encoders.base import LONGEST, checked, clipped
from bot.matching.matcher import WordMatcher
from tests.support.matching.tiny_model import HEARD, SPANISH, UNHEARD, TinyEncoder, content
from tests.support.matching.words_alone import WORDS


def sensed(encoder: TinyEncoder, folder: Path | None = None, **options: object) -> WordMatcher:
    store = VectorStore(encoder, folder)
    made = options.pop("content", None) or content()
    return WordMatcher(made, cache=folder, embeddings=store, **options)  # type: ignore[arg-type]  # passed on


def sure(matcher: WordMatcher, text: str, target: str) -> float:
    return {match.target: match.confidence for match in matcher.find(text).matches}.get(target, 0.0)


def test_what_shares_no_word_with_the_content_is_found_by_its_meaning() -> None:
    matcher = sensed(TinyEncoder())

    found = [matcher.find(text).best for text, _ in UNHEARD]

    assert [topic for _, topic in UNHEARD] == [best.target if best else None for best in found]
    assert all(
        best.confidence > 2 * sure(WORDS, *one) for best, one in zip(found, UNHEARD, strict=True) if best
    )
    assert not matcher.lacking
    assert matcher.version != WORDS.version


def test_a_model_that_knows_only_english_does_no_harm_in_spanish() -> None:
    both = content(spanish=True, name="both")
    matcher, plain = sensed(TinyEncoder(), content=both), WordMatcher(both)
    spanish = [f"el {words[0]} no tiene {words[3]}" for words in SPANISH.values()]

    for text in spanish:
        before, after = plain.find(text).matches[0], matcher.find(text).matches[0]
        assert before.target == after.target
        assert after.confidence > before.confidence - 0.02
    for text in ("la luna no tiene queso", "quiero unas vacaciones en la playa"):
        assert max(found.find(text).matches[0].confidence for found in (plain, matcher)) < 0.2
    assert not any(matcher.find(text).words_alone for text in spanish)
    assert [matcher.find(text).matches[0].target for text, _ in UNHEARD] == [name for _, name in UNHEARD]


def test_without_the_model_words_alone_answer_at_their_own_confidences() -> None:
    encoder = TinyEncoder(remote=True)
    matcher = sensed(encoder)
    encoder.broken = True

    for text in (HEARD[0][0], UNHEARD[0][0], HEARD[3][0]):
        assert WORDS.find(text).matches == matcher.find(text).matches
        assert matcher.find(text).words_alone
    assert WORDS.thresholds(0.05) == matcher.thresholds(0.05, words_alone=True)
    # Of three words of a trial that nothing answers two are a topic's: nothing is sure enough for 5 %.
    assert matcher.thresholds(0.1).answer < matcher.thresholds(0.1, words_alone=True).answer
    encoder.broken = False
    assert not matcher.find(HEARD[0][0]).words_alone


def test_inside_a_transaction_no_service_is_asked() -> None:
    encoder = TinyEncoder(remote=True)
    matcher = sensed(encoder)
    encoder.asked.clear()

    assert WORDS.find(HEARD[0][0]).matches == matcher.find(HEARD[0][0], here=True).matches
    assert encoder.asked == []
    near = sensed(TinyEncoder())
    assert not near.find(HEARD[0][0], here=True).words_alone, "a model in the process may be asked"


def test_who_measures_gets_no_answer_from_words_alone() -> None:
    encoder = TinyEncoder()
    matcher = sensed(encoder, strict=True)
    encoder.broken = True
    with pytest.raises(EncoderUnavailable):
        matcher.find(HEARD[0][0])
    with pytest.raises(EncoderUnavailable):
        sensed(encoder, strict=True)


def test_a_service_that_is_away_at_the_start_is_made_up_for_later() -> None:
    encoder = TinyEncoder(remote=True)
    encoder.broken = True
    matcher = sensed(encoder)
    assert matcher.lacking
    assert not matcher.provisional, "of words it has learned"
    assert WORDS.find(UNHEARD[0][0]).matches == matcher.find(UNHEARD[0][0]).matches
    assert WORDS.thresholds(0.05) == matcher.thresholds(0.05)
    encoder.broken = False
    renewed = sensed(encoder)
    assert not renewed.lacking
    assert WORDS.find(UNHEARD[0][0]).matches != renewed.find(UNHEARD[0][0]).matches


def test_a_start_from_the_cache_encodes_nothing_and_finds_the_same(tmp_path: Path) -> None:
    first, second = TinyEncoder(), TinyEncoder()
    made = sensed(first, tmp_path)
    kept = sensed(second, tmp_path, at_once=True)
    assert second.asked == []
    assert not kept.lacking
    for text, _ in UNHEARD:
        before, after = made.find(text).matches[0], kept.find(text).matches[0]
        assert before.target == after.target
        assert before.confidence == pytest.approx(after.confidence, abs=0.01)
    assert made.thresholds(0.05) == kept.thresholds(0.05)


def test_at_once_without_a_cache_it_answers_from_words_until_it_has_learned(tmp_path: Path) -> None:
    server = sensed(TinyEncoder(), tmp_path, at_once=True)
    assert server.provisional
    assert server.lacking
    sensed(TinyEncoder(), tmp_path)  # the learner, with a store of its own
    again = TinyEncoder()
    renewed = sensed(again, tmp_path, at_once=True)
    assert (renewed.provisional, renewed.lacking, again.asked) == (False, False, [])


def test_a_store_sees_what_another_process_has_kept_since(tmp_path: Path) -> None:
    ours, theirs = TinyEncoder(), TinyEncoder()
    store, learner = VectorStore(ours, tmp_path), VectorStore(theirs, tmp_path)
    assert store.missing(["one", "two"]) == 2
    learner.vectors(["one", "two"])
    learner.save(["one", "two"])
    assert store.missing(["one", "two"]) == 0
    assert np.allclose(store.vectors(["two"]), learner.vectors(["two"]))
    assert ours.asked == []


def test_an_edit_encodes_only_what_is_new(tmp_path: Path) -> None:
    encoder = TinyEncoder()
    first = sensed(encoder, tmp_path)
    encoder.asked.clear()
    edited = sensed_again(first, content(name="edited", more="our plotter prints posters"))
    assert encoder.asked == ["our plotter prints posters"]
    assert not edited.lacking
    assert edited.find("plotter posters").matches[0].target == "printer"
    assert edited.thresholds(0.05) == first.thresholds(0.05), "the calibration of before holds"


def sensed_again(previous: WordMatcher, edited: Content) -> WordMatcher:
    return WordMatcher(edited, previous=previous, embeddings=previous._store)


def test_an_edit_that_is_large_waits_for_the_learner() -> None:
    first = sensed(TinyEncoder(max_edit_texts=0))
    edited = sensed_again(first, content(name="edited", more="our plotter prints posters"))
    assert edited.lacking
    assert edited.find(UNHEARD[0][0]).matches[0].confidence < 0.5


def test_another_model_under_the_old_name_is_noticed(tmp_path: Path) -> None:
    sensed(TinyEncoder(), tmp_path)
    other = TinyEncoder(turned=7)
    store = VectorStore(other, tmp_path)
    store.vectors(["something quite new"])
    assert store.missing([HEARD[0][0]]) == 1, "what was kept is worth nothing"
    assert store.missing([PROBE, "something quite new"]) == 0


def test_a_damaged_file_of_vectors_is_made_anew(tmp_path: Path) -> None:
    sensed(TinyEncoder(), tmp_path)
    for file in (tmp_path / "vectors").glob("*.npz"):
        file.write_bytes(b"no zip at all")
    encoder = TinyEncoder()
    matcher = sensed(encoder, tmp_path)
    assert encoder.asked
    assert not matcher.lacking


def test_a_vector_of_another_length_is_refused() -> None:
    class Growing(TinyEncoder):
        def encode(self, texts: object, *, patient: bool = False) -> np.ndarray:
            vectors = super().encode(texts, patient=patient)  # type: ignore[arg-type]  # as above
            return vectors if len(self.asked) < 3 else vectors[:, :-1]

    store = VectorStore(Growing(), None)
    store.vectors(["one"])
    with pytest.raises(EncoderUnavailable, match="23 numbers"):
        store.vectors(["two", "three"])


@pytest.mark.parametrize(
    "vectors",
    [[[1.0, 2.0]], [[1.0, float("nan")], [1.0, 0.0]], [[0.0, 0.0], [1.0, 0.0]], [1.0, 2.0], [[], []]],
)
def test_what_is_no_vector_is_refused(vectors: list[list[float]]) -> None:
    with pytest.raises(EncoderUnavailable):
        checked(vectors, 2)


def test_texts_are_encoded_as_one_line_of_bounded_length() -> None:
    assert clipped(" a \n b ") == "a b"
    assert clipped("\n ") == "-", "services refuse an empty text"
    assert len(clipped("long " * 1000)) <= LONGEST


def test_an_article_is_encoded_in_passages_under_its_title() -> None:
    body = " ".join(f"Sentence number {n} says something about toner." for n in range(60))
    said = content_texts(Content({"toner": {"en": Article("toner", "Change the toner", body)}}, {}, "one"))
    assert said.examples == ("Change the toner",)
    assert len(said.beginnings) == 1
    assert 1 < len(said.passages) <= 8
    assert all(text.startswith("Change the toner. ") for text in (*said.beginnings, *said.passages))


def test_the_parts_of_the_meaning_are_explained() -> None:
    best = sensed(TinyEncoder()).explain(UNHEARD[0][0])[0]
    assert best.evidence.keys() == best.gave.keys()
    assert {"nearest", "meaning_nearest", "meaning_classifier"} <= best.evidence.keys()


def test_the_text_is_encoded_without_greeting_and_with_its_words_repaired() -> None:
    encoder = TinyEncoder()
    matcher = sensed(encoder)
    encoder.asked.clear()
    word = HEARD[0][0].split()[0]
    matcher.find(f"Hi team, the {word[:-2].upper()}{word[-1].upper()} of mine")
    assert encoder.asked == [f"the {word} of mine"]
