"""Edits: only what changed is read, and the rest moves along."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.domain.knowledge.content import Article, Content, Intent
from bot.matching.array_file import ArrayFile
from bot.matching.index.corpus import CorpusReader
from bot.matching.index.inverted_index import Renumbering
from bot.matching.matcher import WordMatcher
from bot.matching.scoring.engine import Engine

VPN = Article("vpn", "Connect to the VPN", "Open the client and sign in. Error 0x80070057 means no network.")
WIFI = Article("wifi", "Join the Wi-Fi", "Choose the network of the office.", tags=("wireless",))
ES = Article("wifi", "Conectarse a la red wifi", "Elige la red de la oficina.", language="es")
BEFORE = Content(
    {"vpn": {"en": VPN}, "wifi": {"en": WIFI, "es": ES}},
    {
        "connect": Intent(
            "connect", {"en": ("vpn does not connect", "i cannot log in to the vpn")}, article="vpn"
        ),
        "toner": Intent("toner", {"en": ("the toner is empty",), "es": ("no queda tóner",)}, reply={}),
        "bye": Intent("bye", {"en": ("goodbye", "see you")}, action="bye"),
    },
    "before",
)
QUESTIONS = (
    "vpn does not connect 0x80070057",
    "how do i join the wireless network",
    "no queda tóner en la impresora",
    "cannot login to the vpn",
    "goodbye",
    "the fresh coffee machine leaks",
    "conectarse a la red",
)


def edit(**changes: object) -> Content:
    return replace(BEFORE, hash="after", **changes)  # type: ignore[arg-type]  # the fields of a content


EDITS = {
    "nothing": edit(),
    "an article says more": edit(
        articles={**BEFORE.articles, "vpn": {"en": replace(VPN, body=VPN.body + " Then restart the laptop.")}}
    ),
    "a version is gone": edit(articles={**BEFORE.articles, "wifi": {"en": WIFI}}),
    "an article is gone": edit(articles={"wifi": BEFORE.articles["wifi"]}),
    "an article is new": edit(
        articles={
            **BEFORE.articles,
            "coffee": {"en": Article("coffee", "Fresh coffee", "The machine leaks.")},
        }
    ),
    "an intent moves to another article": edit(
        intents={**BEFORE.intents, "connect": replace(BEFORE.intents["connect"], article="wifi")}
    ),
    "what was a pair of words is one word now": edit(
        intents={**BEFORE.intents, "toner": Intent("toner", {"en": ("login of the printer",)}, reply={})}
    ),
    "what is said to the desk changes": edit(
        intents={**BEFORE.intents, "bye": Intent("bye", {"en": ("farewell",)}, action="bye")}
    ),
    "no action is left": edit(intents={k: v for k, v in BEFORE.intents.items() if k != "bye"}),
    "nothing is left": Content({}, {}, "empty"),
}


def seen(engine: Engine, question: str) -> list[tuple[str, list[float]]]:
    candidates = engine.score_text(question)[0].candidates
    return sorted(
        (engine.targets[target], np.round(features, 4).tolist())
        for target, features in zip(candidates.targets, candidates.features, strict=True)
    )


def through_a_box(engine: Engine) -> Engine:
    arrays = ArrayFile()
    engine.save(arrays)
    return Engine.load(arrays, "en")


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("kept", [False, True], ids=["read", "from the cache"])
def test_an_edited_content_is_as_if_it_had_been_read_anew(name: str, kept: bool) -> None:
    after = EDITS[name]
    engine = Engine.build(BEFORE, "en", CorpusReader())
    edited = (through_a_box(engine) if kept else engine).edited(BEFORE, after)
    # The stems that words have hang on all that was read, so what is compared has read it too.
    reader = CorpusReader()
    reader.corpus(BEFORE)
    anew = Engine.build(after, "en", reader)
    assert anew.targets == edited.targets
    assert anew.action_targets == edited.action_targets
    assert anew.action_examples == edited.action_examples
    assert anew.word_counts == edited.word_counts
    for question in QUESTIONS:
        assert seen(anew, question) == seen(edited, question), question
    assert seen(engine, QUESTIONS[0]) == seen(Engine.build(BEFORE, "en", CorpusReader()), QUESTIONS[0])


def test_an_edit_undone_is_what_was_before() -> None:
    engine = Engine.build(BEFORE, "en", CorpusReader())
    for name, after in EDITS.items():
        if "pair" in name:  # that it is a word is remembered
            continue
        back = engine.edited(BEFORE, after).edited(after, BEFORE)
        for question in QUESTIONS:
            assert seen(engine, question) == seen(back, question), question


def test_a_matcher_from_the_cache_takes_an_edit_with_its_classifier(tmp_path: Path) -> None:
    WordMatcher(BEFORE, cache=tmp_path)
    loaded = WordMatcher(BEFORE, cache=tmp_path)
    edited = WordMatcher(EDITS["an article says more"], previous=loaded)
    classified = {row.target: row.evidence["classifier"] for row in edited.explain("vpn does not connect")}
    assert classified["vpn"] > classified["wifi"]


def test_rows_move_in_their_order() -> None:
    move = Renumbering.by_target(np.array([0, 0, -1, 3, 3]), np.array([1, 1, 2]))
    assert move.new_numbers.tolist() == [0, 1, -1, 5, 6]
    assert move.added.tolist() == [2, 3, 4]
    assert move.merged(np.arange(5), np.array([7, 8, 9])).tolist() == [0, 1, 7, 8, 9, 3, 4]
