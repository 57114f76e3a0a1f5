"""Asks the server of this container whether it is well: `python -m bot.runtime.health_check [PATH]`.

PATH is `/healthz`, or `/readyz`. Ends with 0 where the answer is 200, else with 1 and a sentence. It imports
nothing of the server's: it runs every half minute.
"""

import os
import socket
import sys

SECONDS = 4.0
LONGEST_LINE = 1024
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what is listened on, and where to ask then


def main(path: str = "/healthz") -> int:
    """Ask; return the exit code."""
    host = os.environ.get("FIRSTLINE_HOST", "").strip().strip("[]") or "127.0.0.1"
    port = os.environ.get("FIRSTLINE_PORT", "") or "3978"
    try:
        status = _status(_EVERYWHERE.get(host, host), int(port), path)
    except (OSError, ValueError) as error:
        status = str(error)
    if status == "200":
        return 0
    sys.stderr.write(f"firstline: {path} on port {port} does not say 200: {status or 'nothing'}\n")
    return 1


def _status(host: str, port: int, path: str) -> str:
    with socket.create_connection((host, port), timeout=SECONDS) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        line = connection.makefile("rb").readline(LONGEST_LINE).split()
    return line[1].decode("ascii", "replace") if len(line) > 1 else ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
