"""A search engine that ranks worse must not be better at being sure."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from bench.matching.sets import figures_of, in_hindsight, plain_answers
from bot.domain.knowledge.content import Content
from bot.matching.embeddings.factory import store_of
from bot.runtime.resources import find
from bot.server.content import content_in

QUESTIONS = Path(__file__).parents[1] / "fixtures" / "questions.jsonl"


def without(content: Content, gone: set[str]) -> Content:
    articles = {name: versions for name, versions in content.articles.items() if name not in gone}
    intents = {key: intent for key, intent in content.intents.items() if intent.target not in gone}
    return Content(articles, intents, f"{content.hash}/{len(gone)}")


@pytest.mark.parametrize("share", [0.0, 0.5], ids=["whole", "half of the targets left out"])
def test_confidences_tell_right_from_wrong_at_least_as_well_as_plain_bm25(share: float) -> None:
    content = content_in(find("kb_articles"), find("intents"))
    targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
    gone = set(random.Random(3).sample(targets, int(share * len(targets))))  # noqa: S311
    questions: list[dict[str, Any]] = []
    for line in QUESTIONS.read_text("utf-8").splitlines():
        question = json.loads(line)
        questions.append(question | {"expected": None} if question["expected"] in gone else question)
    random.Random(3).shuffle(questions)  # noqa: S311
    left = without(content, gone)

    ours = figures_of(left, questions, store_of("", "", "", 1.0, None))
    _, answered, auroc = in_hindsight(plain_answers(left, questions))

    assert ours.auroc >= auroc
    assert ours.answered >= answered
