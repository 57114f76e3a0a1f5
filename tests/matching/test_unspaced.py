"""Content in languages without spaces is matched; what it does not answer is not."""

import json
from functools import cache

import pytest

from bot.domain.knowledge.content import Article, Content, Intent
from bot.matching.index.corpus import CorpusReader
from bot.matching.matcher import WordMatcher
from bot.matching.scoring.engine import Engine
from tests.support.paths import ROOT

LANGUAGES = ("zh", "ja", "th")
MAX_WRONG = 0.05


@cache
def written(language: str) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Articles with the questions that they answer in other words, and questions that nothing answers."""
    path = ROOT / "tests" / "fixtures" / "unspaced" / f"{language}.json"
    read: dict[str, dict[str, dict[str, list[str]]]] = json.loads(path.read_text("utf-8"))
    return read


def content(*languages: str) -> Content:
    articles, intents = {}, {}
    for language in languages:
        for name, one in written(language)["articles"].items():
            key = f"{language}-{name}"
            title, body = str(one["title"]), str(one["body"])
            articles[key] = {language: Article(key, title, body, language)}
            intents[f"i-{key}"] = Intent(f"i-{key}", {language: tuple(one["examples"])}, article=key)
    return Content(articles, intents, "-".join(languages))


@cache
def matcher(language: str) -> WordMatcher:
    return WordMatcher(content(language))


def answers(language: str) -> list[tuple[str, str, bool]]:
    """What should answer each question, what is found first, and whether it is sure enough to answer."""
    threshold = matcher(language).thresholds(MAX_WRONG).answer
    found = []
    for name, one in written(language)["articles"].items():
        for question in one["asked"]:
            best = matcher(language).find(question).best
            sure = best is not None and best.confidence >= threshold
            found.append((f"{language}-{name}", best.target if best else "", sure))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_in_other_words_finds_its_article(language: str) -> None:
    found = answers(language)
    assert sum(first == right for right, first, _ in found) >= 0.95 * len(found)
    assert [one for one in found if one[2] and one[0] != one[1]] == []
    assert sum(sure for _, _, sure in found) >= 0.45 * len(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nothing_answers_is_not_answered(language: str) -> None:
    threshold = matcher(language).thresholds(MAX_WRONG).answer
    best = [matcher(language).find(text).best for text in written(language)["unanswered"]]
    assert [one for one in best if one is not None and one.confidence >= threshold] == []


def test_a_question_after_a_long_story_is_found() -> None:
    story = "今天早上我到了办公室,喝了一杯茶,然后和同事聊了一会儿天气。" * 10
    result = matcher("zh").find(f"{story}三楼的打印机又卡纸了。谢谢大家。")
    assert result.best is not None
    assert result.best.target == "zh-printer"


def test_a_question_is_read_in_the_language_of_the_content_that_has_its_words() -> None:
    everything = content(*LANGUAGES)
    engine = Engine.build(everything, "en", CorpusReader())
    for language in LANGUAGES:
        texts = written(language)["articles"]["printer"]["asked"]
        assert [engine.readings(text, "en")[0].language for text in texts] == [language] * len(texts)
    assert engine.readings("мой принтер не работает", "es")[0].language == ""
    assert engine.readings("printer", "es")[0].language == "es"
    assert engine.readings("VPN", None)[0].language == "en"


@pytest.mark.parametrize("text", ["打印机坏了吗？", "هل تعمل الطابعة؟"])
def test_question_marks_of_other_scripts_ask(text: str) -> None:
    assert matcher("zh").find(text).asks
