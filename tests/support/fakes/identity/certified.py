"""The certified provider `oidc-provider` for Node.js, on loopback, and people who sign in there."""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
import pytest

HERE = Path(__file__).parent
FILES = ("server.mjs", "package.json", "package-lock.json")
INSTALL = "npm ci --ignore-scripts --no-audit --no-fund --silent".split()
INSTALL_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Certified:
    """The running provider; everybody's password there is any text."""

    issuer: str

    async def tell(self, people: Mapping[str, Mapping[str, Any] | None]) -> None:
        """Say who there is, with their claims; None removes somebody."""
        async with aiohttp.ClientSession() as http, http.post(f"{self.issuer}/people", json=people) as answer:
            assert answer.status == 200

    async def register(self, base: str, **metadata: Any) -> dict[str, Any]:
        """Register the page at this address; the client's id and secret are in the answer."""
        wanted = {
            "redirect_uris": [f"{base}/web/oidc/callback"],
            "post_logout_redirect_uris": [f"{base}/"],
            "grant_types": ["authorization_code", "refresh_token"],
            **metadata,
        }
        async with aiohttp.ClientSession() as http, http.post(f"{self.issuer}/reg", json=wanted) as answer:
            found: dict[str, Any] = await answer.json()
            assert answer.status == 201, found
        return found


@contextmanager
def certified() -> Iterator[Certified]:
    """The provider as a process of its own; skips where there is no Node.js, or no registry."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        pytest.skip("no Node.js: the certified identity provider cannot run")
    folder = _installed()
    process = subprocess.Popen(
        [node, "server.mjs"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        if not issuer.startswith("http"):
            pytest.skip("this Node.js is too old for the certified identity provider")
        yield Certified(issuer)
    finally:
        process.terminate()
        process.communicate()


def _installed() -> Path:
    """The folder in the environment where it is installed, once for each set of locked versions."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    folder = Path(sys.prefix) / "identity-provider" / digest
    if (folder / "ready").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in FILES:
        shutil.copy(HERE / name, folder)
    try:
        subprocess.run(INSTALL, cwd=folder, check=True, capture_output=True, timeout=INSTALL_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"no package registry: the certified identity provider could not be installed ({error})")
    (folder / "ready").touch()
    return folder


@dataclass
class Browser:
    """As much of a browser as a sign-in needs: cookies, redirects, and forms that somebody fills in."""

    http: aiohttp.ClientSession

    async def sign_in(self, address: str, login: str) -> tuple[int, str, str]:
        """Go to an address and sign in where the provider asks; the last status, address and page."""
        status, at, page = await self.go(address)
        while "/interaction/" in at and status == 200:
            action = urljoin(at, unescape(_found(r'<form[^>]* action="([^"]+)"', page)))
            prompt = _found(r'name="prompt" value="([^"]+)"', page)
            status, at, page = await self._read(
                "POST", action, data={"prompt": prompt, "login": login, "password": "any"}
            )
        return status, at, page

    async def go(self, address: str) -> tuple[int, str, str]:
        """Go to an address; the last status, address and page."""
        return await self._read("GET", address)

    async def confirm(self, address: str) -> str:
        """Sign out at the provider, which asks whether that is meant; where the browser is then."""
        _, at, page = await self.go(address)
        action = urljoin(at, unescape(_found(r'<form[^>]* action="([^"]+)"', page)))
        form = {"xsrf": _found(r'name="xsrf" value="([^"]+)"', page), "logout": "yes"}
        _, at, _ = await self._read("POST", action, data=form)
        return at

    async def _read(self, method: str, address: str, **body: Any) -> tuple[int, str, str]:
        async with self.http.request(method, address, **body) as answer:
            return answer.status, str(answer.url), await answer.text()


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    """A browser with no cookies yet."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Browser(http)


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, page
    return found[1]
