"""A service of embeddings on this machine: as strict as the real ones, and as unreliable as it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-only-for-tests"
MODEL = "tiny-embed"
MOST_INPUTS = 2048


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
            self._send(200, _reply(texts, trouble))

    def _problem(self, body: bytes) -> tuple[int, str] | None:
        if self.path.split("?")[0] not in ("/v1/embeddings", "/openai/deployments/x/embeddings"):
            return 404, f"no such path: {self.path}"
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            return 401, "Incorrect API key provided"
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


def _reply(texts: list[str], trouble: str) -> Any:
    rows = [
        {"object": "embedding", "index": index, "embedding": [float(len(text)), 1.0, 2.0]}
        for index, text in enumerate(texts)
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
