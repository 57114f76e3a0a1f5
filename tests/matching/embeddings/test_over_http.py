"""A service of embeddings from the content to the answer: a limit, a breaker, and words alone meanwhile."""

from collections.abc import Iterator

import pytest

from bot.matching.embeddings.vector_store import VectorStore
from bot.matching.encoders import http as module
from bot.matching.encoders.http import HttpEncoder
from bot.matching.matcher import WordMatcher
from tests.support.matching.embedding_service import KEY, MODEL, Service, serving
from tests.support.matching.sleeping_clock import Hours
from tests.support.matching.tiny_model import UNHEARD, TinyEncoder, content
from tests.support.matching.words_alone import WORDS
from tests.support.patience import PATIENCE

TEXT, TOPIC = UNHEARD[0]


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as found:
        tiny = TinyEncoder()
        found.vectors = lambda texts: tiny.encode(texts).tolist()
        yield found


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def encoder(service: Service, hours: Hours) -> HttpEncoder:
    return HttpEncoder(service.url, MODEL, KEY, seconds=PATIENCE, clock=hours, sleep=hours.sleep)


@pytest.fixture
def matcher(encoder: HttpEncoder) -> WordMatcher:
    return WordMatcher(content(), embeddings=VectorStore(encoder, None))


def answers_from_meaning(matcher: WordMatcher) -> bool:
    result = matcher.find(TEXT)
    if result.words_alone:
        assert WORDS.find(TEXT).matches == result.matches, "as if there were no service"
        assert matcher.thresholds(0.05, words_alone=True) == WORDS.thresholds(0.05)
        return False
    assert result.best is not None
    return result.best.target == TOPIC


def test_what_shares_no_word_is_found_over_http(matcher: WordMatcher, service: Service) -> None:
    assert answers_from_meaning(matcher)
    assert service.batches[-1] == [TEXT]
    assert service.refused == []


@pytest.mark.parametrize("trouble", ["hangs", "drips", 500, "no data"])
def test_words_alone_answer_within_the_limit(
    matcher: WordMatcher, encoder: HttpEncoder, service: Service, trouble: int | str
) -> None:
    service.trouble = [trouble]
    encoder._seconds = 0.3
    assert not answers_from_meaning(matcher)
    encoder._seconds = PATIENCE
    assert not service.go_on.is_set(), "the service would have gone on"
    assert answers_from_meaning(matcher), "one failure changes nothing"


def test_a_service_that_is_down_is_not_asked_until_its_pause_is_over(
    matcher: WordMatcher, service: Service, hours: Hours
) -> None:
    before = len(service.paths)
    service.trouble = [503] * (module.FAILURES + 1)
    for _ in range(module.FAILURES + 4):
        assert not answers_from_meaning(matcher)
    assert len(service.paths) == before + module.FAILURES
    hours.now += module.PAUSE
    assert not answers_from_meaning(matcher), "still down"
    assert len(service.paths) == before + module.FAILURES + 1
    hours.now += module.PAUSE
    assert answers_from_meaning(matcher)
