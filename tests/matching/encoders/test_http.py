"""Embeddings of a service over HTTP: what is sent, what is refused, and how long anybody waits."""

import socket
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bot.domain.errors import EncoderUnavailable
from bot.matching.embeddings.factory import mistake
from bot.matching.encoders import http as module
from bot.matching.encoders.circuit_breaker import CircuitBreaker
from bot.matching.encoders.http import HttpEncoder, endpoint
from tests.support.matching.embedding_service import AZURE, DEPLOYMENT, KEY, MODEL, Service, serving
from tests.support.matching.sleeping_clock import Hours
from tests.support.patience import PATIENCE


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as found:
        yield found


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def encoder(service: Service, hours: Hours) -> HttpEncoder:
    return encoder_of(service, hours)


def encoder_of(service: Service, hours: Hours, seconds: float = PATIENCE, key: str = KEY) -> HttpEncoder:
    return HttpEncoder(service.url, MODEL, key, seconds=seconds, clock=hours, sleep=hours.sleep)


def test_texts_become_vectors_of_length_one_in_their_order(service: Service, encoder: HttpEncoder) -> None:
    service.trouble = ["backwards"]
    found = encoder.encode(["a", "bbbb"])
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert found[0, 0] < found[1, 0]
    assert (service.paths, service.refused) == (["/v1/embeddings"], [])


def test_content_goes_in_batches(service: Service, encoder: HttpEncoder) -> None:
    texts = [f"text {n}" for n in range(module.BATCH * 2 + 3)]
    assert encoder.encode(texts, patient=True).shape == (len(texts), 3)
    assert [len(batch) for batch in service.batches] == [module.BATCH, module.BATCH, 3]
    assert texts == [text for batch in service.batches for text in batch]


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (401, "401"),
        (429, "429"),
        (500, "500"),
        (307, "307"),
        ("not a number", "no_vectors"),
        ("unequal", "no_vectors"),
        ("zero", "no_vectors"),
        ("texts", "no_vectors"),
        ("too few", "not_understood"),
        ("no data", "not_understood"),
    ],
)
def test_whatever_goes_wrong_the_embeddings_are_not_available(
    service: Service, encoder: HttpEncoder, trouble: int | str, code: str
) -> None:
    service.trouble = [trouble]
    service.headers_of_trouble = {"Location": f"{service.url}/elsewhere"} if trouble == 307 else {}
    with pytest.raises(EncoderUnavailable, match=code) as caught:
        encoder.encode(["one", "two"])
    assert KEY not in str(caught.value)
    assert service.paths == ["/v1/embeddings"], "neither tried again nor followed elsewhere"
    assert len(encoder.encode(["one"])) == 1


@pytest.mark.parametrize("trouble", ["hangs", "drips"])
def test_an_answer_waits_no_longer_than_its_limit(service: Service, hours: Hours, trouble: str) -> None:
    service.trouble = [trouble]
    with pytest.raises(EncoderUnavailable, match="timeout"):
        encoder_of(service, hours, seconds=0.2).encode(["one"])
    assert not service.go_on.is_set(), "the service would have gone on"


def test_nobody_listens(hours: Hours) -> None:
    with serving() as gone:
        encoder = encoder_of(gone, hours)
    with pytest.raises(EncoderUnavailable):
        encoder.encode(["one"])
    with pytest.raises(EncoderUnavailable) as caught:
        encoder.encode(["one"], patient=True)
    assert caught.value.passing


def test_a_service_that_fails_is_left_alone_and_looked_at_again(
    service: Service, encoder: HttpEncoder, hours: Hours
) -> None:
    service.trouble = [500] * (module.FAILURES + 1)
    for _ in range(module.FAILURES + 5):
        with pytest.raises(EncoderUnavailable):
            encoder.encode(["one"])
    assert len(service.batches) == module.FAILURES
    hours.now += module.PAUSE
    with pytest.raises(EncoderUnavailable, match="500"):
        encoder.encode(["one"])
    with pytest.raises(EncoderUnavailable, match="left alone"):
        encoder.encode(["one"])
    hours.now += module.PAUSE
    assert len(encoder.encode(["one"])) == 1
    assert len(encoder.encode(["two"])) == 1


def test_content_is_tried_again_when_that_may_help(
    service: Service, encoder: HttpEncoder, hours: Hours
) -> None:
    service.trouble, service.headers_of_trouble = [429, 503], {"Retry-After": "7"}
    assert len(encoder.encode(["one"], patient=True)) == 1
    assert hours.slept == [7, 7]
    service.trouble, service.headers_of_trouble = [500] * module.TRIES, {"Retry-After": "Wed, 21 Oct 2026"}
    with pytest.raises(EncoderUnavailable) as caught:
        encoder.encode(["one"], patient=True)
    assert caught.value.passing
    assert hours.slept[2:] == [2, 4, 8]


def test_a_wrong_key_is_told_at_once(service: Service, hours: Hours) -> None:
    with pytest.raises(EncoderUnavailable, match="401") as caught:
        encoder_of(service, hours, key="another").encode(["one"], patient=True)
    assert not caught.value.passing
    assert hours.slept == []


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://gpu:11434", "http://gpu:11434/v1/embeddings"),
        ("http://gpu:11434/v1/", "http://gpu:11434/v1/embeddings"),
        ("https://api.example.com/v1/embeddings", "https://api.example.com/v1/embeddings"),
        ("https://x.openai.azure.com", "https://x.openai.azure.com/openai/v1/embeddings"),
        ("https://x.openai.azure.com/openai/v1/", "https://x.openai.azure.com/openai/v1/embeddings"),
        (
            "https://x.openai.azure.com/openai/deployments/x?api-version=2024-10-21",
            "https://x.openai.azure.com/openai/deployments/x/embeddings?api-version=2024-10-21",
        ),
        (
            "https://x.openai.azure.com/openai/deployments/x/embeddings?api-version=2024-10-21",
            "https://x.openai.azure.com/openai/deployments/x/embeddings?api-version=2024-10-21",
        ),
    ],
)
def test_the_address_of_the_embeddings(given: str, used: str) -> None:
    assert endpoint(given) == used


@pytest.fixture
def azure(service: Service, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server at Azure, whose name leads to the fake here."""
    real = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        return real("127.0.0.1" if host == AZURE else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    return f"http://{AZURE}:{service.server_address[1]}"


@pytest.mark.parametrize(
    "path", ["", "/openai/v1", f"{DEPLOYMENT}?api-version=2024-10-21", "/openai/deployments/x?api-version=1"]
)
def test_azure_gets_its_own_header_and_its_version(
    service: Service, hours: Hours, azure: str, path: str
) -> None:
    encoder = HttpEncoder(azure + path, MODEL, KEY, seconds=PATIENCE, clock=hours, sleep=hours.sleep)
    assert encoder.encode(["one", "two"]).shape == (2, 3)
    assert service.refused == []


def test_azure_refuses_a_wrong_key_and_an_address_without_a_version(
    service: Service, hours: Hours, azure: str
) -> None:
    for path, key, code in (("", "another", "401"), (DEPLOYMENT, KEY, "404"), ("", "", "401")):
        encoder = HttpEncoder(azure + path, MODEL, key, seconds=PATIENCE, clock=hours, sleep=hours.sleep)
        with pytest.raises(EncoderUnavailable, match=code):
            encoder.encode(["one"], patient=True)
    assert len(service.refused) == 3


def test_an_address_at_azure_without_its_version_is_a_mistake() -> None:
    address = f"https://{AZURE}{DEPLOYMENT}"
    assert "?api-version=" in (mistake(address, MODEL) or "")
    assert mistake(f"{address}?api-version=2024-10-21", MODEL) is None
    assert mistake(f"https://{AZURE}/openai/v1", MODEL) is None
    assert mistake("https://gpu/deployments/x", MODEL) is None


def test_a_breaker_lets_one_call_through_when_its_pause_is_over(hours: Hours) -> None:
    breaker = CircuitBreaker(2, 10, hours)
    assert not breaker.failed()
    assert breaker.allows()
    assert breaker.failed(), "this opens it"
    assert not breaker.allows()
    hours.now = 10
    assert [breaker.allows(), breaker.allows()] == [True, False]
    assert breaker.succeeded(), "the trouble is over"
    assert [breaker.allows(), breaker.allows()] == [True, True]
    assert not breaker.succeeded()
