"""A service of embeddings on this machine: as strict as the real ones, and as unreliable as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-only-for-tests"
MODEL = "tiny-embed"
MOST_INPUTS = 2048
AZURE = "x.openai.azure.com"
DEPLOYMENT = "/openai/deployments/x/embeddings"


class Service(ThreadingHTTPServer):
    """Vectors of three numbers; what goes wrong next is `trouble`: a status, or a name of `_Handler`'s."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.trouble: list[int | str] = []
        self.headers_of_trouble: dict[str, str] = {}
        self.batches: list[list[str]] = []
        self.paths: list[str] = []
        self.refused: list[str] = []
        self.go_on = threading.Event()
        self.vectors: Callable[[list[str]], list[list[float]]] = _by_length

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Service
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.paths.append(self.path)
        problem = self._problem(body)
        if problem is not None:
            self.server.refused.append(problem[1])
            self._send(problem[0], {"error": {"message": problem[1], "type": "invalid_request_error"}})
            return
        texts = json.loads(body)["input"]
        self.server.batches.append(texts)
        trouble = self.server.trouble.pop(0) if self.server.trouble else ""
        if isinstance(trouble, int):
            self._send(trouble, {"error": {"message": "trouble"}}, self.server.headers_of_trouble)
        elif trouble == "hangs":
            self.server.go_on.wait(30)
        elif trouble == "drips":
            self._drip()
        else:
            self._send(200, _reply(self.server.vectors(texts), trouble))

    def _problem(self, body: bytes) -> tuple[int, str] | None:
        problem = self._not_found() or self._not_allowed()
        if problem is not None:
            return problem
        if self.headers.get("Content-Type") != "application/json":
            return 415, "not JSON"
        asked = json.loads(body)
        if asked.keys() - {"model", "input", "encoding_format", "dimensions", "user"}:
            return 400, "Unrecognized request argument supplied"
        if asked.get("model") != MODEL:
            return 404, "The model does not exist"
        texts = asked.get("input")
        if not isinstance(texts, list) or not texts or len(texts) > MOST_INPUTS:
            return 400, "'$.input' is invalid"
        if any(not isinstance(text, str) or not text for text in texts):
            return 400, "'$.input' is invalid: empty strings"
        return None

    def _not_found(self) -> tuple[int, str] | None:
        path, _, query = self.path.partition("?")
        if self._is_azure:
            found = path == "/openai/v1/embeddings" or (path == DEPLOYMENT and "api-version=" in query)
        else:
            found = path == "/v1/embeddings"
        return None if found else (404, f"no such path: {self.path}")

    def _not_allowed(self) -> tuple[int, str] | None:
        bearer, key = self.headers.get("Authorization"), self.headers.get("api-key")
        if not self._is_azure:
            return None if bearer == f"Bearer {KEY}" else (401, "Incorrect API key provided")
        if bearer is not None:  # a token of Entra's is expected there
            return 401, "Access token is missing, invalid, audience is incorrect or have expired"
        return None if key == KEY else (401, "Access denied due to invalid subscription key")

    @property
    def _is_azure(self) -> bool:
        return AZURE in self.headers["Host"]

    def _send(self, status: int, data: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drip(self) -> None:
        # Byte by byte, each in time for a limit between two bytes; never a whole line.
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.go_on.wait(0.02):
            try:
                self.wfile.write(b".")
            except OSError:
                return

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        return


def _by_length(texts: list[str]) -> list[list[float]]:
    return [[float(len(text)), 1.0, 2.0] for text in texts]


def _reply(vectors: list[list[float]], trouble: str) -> Any:
    rows = [
        {"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)
    ]
    if trouble == "backwards":
        rows.reverse()
    elif trouble == "not a number":
        rows[-1]["embedding"] = [float("nan"), 1.0, 2.0]
    elif trouble == "unequal":
        rows[-1]["embedding"] = [1.0, 2.0]
    elif trouble == "too few":
        rows.pop()
    elif trouble == "zero":
        rows[-1]["embedding"] = [0.0, 0.0, 0.0]
    elif trouble == "texts":
        rows[-1]["embedding"] = ["a", "b", "c"]
    elif trouble == "no data":
        return {"object": "list"}
    return {"object": "list", "data": rows, "model": MODEL, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


@contextmanager
def serving() -> Iterator[Service]:
    """A service that listens until the end."""
    service = Service()
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.go_on.set()
        service.shutdown()
        service.server_close()
        thread.join(5)
