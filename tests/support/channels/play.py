"""Serve the page over the desk in memory: `python -m tests.support.channels.play [port]`."""

import sys

from aiohttp import web

from bot.channels.web.channel import WebChannel
from tests.support.channels.page_host import Desk, make_host


def main() -> None:
    """Serve on loopback until interrupted."""
    app = web.Application()
    WebChannel((), make_host(Desk())).mount(app)
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 3999
    web.run_app(app, host="127.0.0.1", port=port)


if __name__ == "__main__":
    main()
