"""The encoder that asks an OpenAI-compatible `/v1/embeddings` service; the texts leave this process."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
import urllib3

from bot.domain.errors import EncoderUnavailable
from bot.matching.encoders.base import Vectors, checked
from bot.matching.encoders.circuit_breaker import CircuitBreaker
from bot.runtime.network.outgoing import open_pool

BATCH = 64  # texts of one request
AT_ONCE = 8  # requests on their way
FAILURES, PAUSE = 3, 30.0  # in a row, until the service is left alone for so many seconds
PATIENT_SECONDS = 30.0  # for a batch of content
TRIES = 4  # of a batch of content
LONGEST_WAIT = 20.0  # seconds between two tries
LARGEST = 32 * 1024**2  # bytes of one reply
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})  # what may go well the next time
AZURE = (".azure.com", ".azure.us", ".azure.cn")
log = structlog.get_logger()


class _Refused(Exception):  # never leaves this module
    """The service did not give vectors; `passing`: trying again may help, after `wait` seconds if known."""

    def __init__(self, code: str, *, passing: bool, wait: float | None = None) -> None:
        super().__init__(code)
        self.code, self.passing, self.wait = code, passing, wait


class HttpEncoder:
    """Asks a service within a time limit, whatever it does; a circuit breaker spares it when it fails."""

    remote = True
    max_examples = None
    max_edit_texts = 100
    min_standard_errors = 1.0

    def __init__(
        self,
        url: str,
        model: str,
        key: str = "",
        *,
        seconds: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`seconds`: how long an answer waits for the service at most."""
        self._url, self._model, self._seconds, self._sleep = endpoint(url), model, seconds, sleep
        self.identity = f"service\0{self._url}\0{model}"
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if key and at_azure(self._url):  # beside a key that is no token of Entra's, gateways refuse the key
            self._headers["api-key"] = key
        elif key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._http = open_pool(self._url, connections=AT_ONCE)
        # A thread of its own for each request: neither a slow resolver nor a reply that drips in byte by byte
        # can hold an answer for longer than its limit.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="embeddings")
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._breaker = CircuitBreaker(FAILURES, PAUSE, clock)

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        """The vectors of the texts, of length one; raises `EncoderUnavailable`."""
        rows: list[Any] = []
        for first in range(0, len(texts), BATCH):
            batch = list(texts[first : first + BATCH])
            rows += self._with_retries(batch) if patient else self._once(batch)
        return checked_rows(rows, len(texts))

    def _once(self, texts: list[str]) -> list[Any]:
        if not self._breaker.allows():
            raise EncoderUnavailable("The service of embeddings failed lately and is left alone for a while.")
        try:
            rows = self._ask(texts, self._seconds)
            checked_rows(rows, len(texts))
        except (_Refused, EncoderUnavailable) as error:
            reason = error.code if isinstance(error, _Refused) else "no_vectors"
            if self._breaker.failed():
                log.warning("embeddings_unavailable", code=reason, next_step="words alone answer meanwhile")
            raise EncoderUnavailable(f"The service of embeddings gave no answer ({reason}).") from error
        if self._breaker.succeeded():
            log.info("embeddings_back")
        return rows

    def _with_retries(self, texts: list[str]) -> list[Any]:
        for tried in range(1, TRIES + 1):
            try:
                return self._ask(texts, PATIENT_SECONDS)
            except _Refused as refused:
                if not refused.passing or tried == TRIES:
                    raise EncoderUnavailable(
                        f"FIRSTLINE_EMBEDDINGS: the service of embeddings gave no answer ({refused.code}).",
                        passing=refused.passing,
                    ) from refused
                self._sleep(min(refused.wait if refused.wait is not None else 2.0**tried, LONGEST_WAIT))
        raise AssertionError("the last try returns or raises")

    def _ask(self, texts: list[str], seconds: float) -> list[Any]:
        if not self._free.acquire(timeout=seconds):
            raise _Refused("busy", passing=True)
        body = json.dumps({"model": self._model, "input": texts, "encoding_format": "float"}).encode()
        future = self._threads.submit(self._post, body, seconds)
        future.add_done_callback(lambda _: self._free.release())
        try:
            status, headers, data = future.result(timeout=seconds)
        except (TookTooLong, urllib3.exceptions.TimeoutError) as error:
            raise _Refused("timeout", passing=True) from error
        except urllib3.exceptions.HTTPError as error:
            raise _Refused(type(error).__name__, passing=True) from error
        if status != 200:
            raise _Refused(str(status), passing=status in AGAIN, wait=_wait(headers.get("Retry-After")))
        return _rows(data, len(texts))

    def _post(self, body: bytes, seconds: float) -> tuple[int, Any, bytes]:
        reply = self._http.request(
            "POST",
            self._url,
            body=body,
            headers=self._headers,
            timeout=urllib3.Timeout(total=seconds),
            redirect=False,  # the key and the texts go where the operator said, and nowhere else
            preload_content=False,
        )
        ends = time.monotonic() + seconds
        parts, size = [], 0
        try:
            while part := reply.read1(65_536):
                parts.append(part)
                size += len(part)
                if size > LARGEST or time.monotonic() > ends:
                    raise urllib3.exceptions.HTTPError("The reply is too long.")
        except BaseException:
            reply.close()
            raise
        reply.release_conn()
        return reply.status, reply.headers, b"".join(parts)


def at_azure(url: str) -> bool:
    """Whether a service is one of Microsoft's, which has its own header for the key and its own paths."""
    return (urlsplit(url.strip()).hostname or "").endswith(AZURE)


def endpoint(url: str) -> str:
    """The URL of the embeddings, from that of a server, of its `/v1`, or of the embeddings themselves."""
    parts = urlsplit(url.strip())
    path = parts.path.rstrip("/")
    if not path.endswith("/embeddings"):
        first = "/openai/v1" if at_azure(url) else "/v1"
        path = f"{path or first}/embeddings"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def checked_rows(rows: list[Any], number: int) -> Vectors:
    """The vectors that lists of numbers are, scaled to length one; raises `EncoderUnavailable`."""
    try:
        return checked(rows, number)
    except (TypeError, ValueError) as error:
        raise EncoderUnavailable("The service of embeddings gave no vectors of equal length.") from error


def _rows(data: bytes, number: int) -> list[Any]:
    try:
        found = {int(one["index"]): one["embedding"] for one in json.loads(data)["data"]}
        return [found[index] for index in range(number)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _Refused("not_understood", passing=False) from error


def _wait(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value is not None else None
    except ValueError:  # a date: the usual pause will do
        return None
