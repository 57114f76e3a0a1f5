"""A PgBouncer of this machine that gives a server's connections away after each transaction."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.support.e2e.relay import relay_before
from tests.support.e2e.running import free_port
from tests.support.patience import PATIENCE

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
# It does not run as root, and nobody else may look into root's folders: hence all on TCP.
AS_SOMEBODY = ["-u", "nobody"] if os.geteuid() == 0 else []


@contextmanager
def pooled(database_url: str, folder: Path, more: str = "") -> Iterator[str]:
    """The address of this database through a pooler with two connections for everybody."""
    port, name = free_port(), make_url(database_url).database
    with relay_before(database_url) as (relay, _):
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n{name} = host=127.0.0.1 port={relay.port} user=postgres\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n{more}\n"
        )
        for path in (folder, settings):
            path.chmod(0o755)
        with (folder / "pgbouncer.log").open("wb") as log:
            command = [str(PROGRAM), *AS_SOMEBODY, "/dev/stdin"]
            with settings.open("rb") as given:
                process = subprocess.Popen(command, stdin=given, stdout=log, stderr=log)
        try:
            _wait_for(port, process, folder / "pgbouncer.log")
            yield f"postgresql://somebody:any@127.0.0.1:{port}/{name}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
