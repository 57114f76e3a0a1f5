"""Makes every client of HTTP, so that each call goes through the proxy that the environment names."""

import re
from base64 import b64encode
from functools import partial
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.runtime.network.loopback import is_loopback
from bot.runtime.secret_files import read_files

if TYPE_CHECKING:  # who calls nobody waits for none of them
    import aiohttp
    import requests
    import urllib3

LOGIN = "Proxy-Authorization"
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_ENCRYPTED = ("https", "wss")


def _named(name: str, *, repr: bool = False) -> Any:  # noqa: A002  # as pydantic calls it
    # As everywhere else the name in small letters wins over the one in capitals.
    return Field("", validation_alias=AliasChoices(name, name.upper()), repr=repr)


class Proxies(BaseSettings):
    """The proxies of the environment: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, and NO_PROXY, in either case."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        case_sensitive=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    https_proxy: str = _named("https_proxy")
    http_proxy: str = _named("http_proxy")
    all_proxy: str = _named("all_proxy")
    no_proxy: str = _named("no_proxy", repr=True)

    @classmethod
    def of_environment(cls) -> "Proxies":
        """Read them as they are, for `mistakes` were told at the start."""
        return cls(**read_files(cls, []))

    def proxy_for(self, url: str) -> str:
        """The address of the proxy for a URL; empty where the call goes straight there.

        This machine, and addresses of the link such as a cloud's metadata, are never behind a proxy.
        """
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        named = (self.https_proxy if parts.scheme in _ENCRYPTED else self.http_proxy) or self.all_proxy
        if not named.strip() or _is_near(host):
            return ""
        port = parts.port or _PORTS.get(parts.scheme, 0)
        direct = any(_covers(entry, host, port) for entry in re.split(r"[\s,]+", self.no_proxy) if entry)
        return "" if direct else _with_scheme(named)

    def mistakes(self) -> list[str]:
        """What is wrong with each proxy that is named; none shows a password."""
        named = {
            "HTTPS_PROXY": self.https_proxy,
            "HTTP_PROXY": self.http_proxy,
            "ALL_PROXY": self.all_proxy,
        }
        return [f"{name}: {fault}" for name, url in named.items() if (fault := _fault(url))]


def without_login(url: str) -> str:
    """The address of a proxy as it may be shown."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def open_session(seconds: float, *, connect: float | None = None) -> "aiohttp.ClientSession":
    """Open a session whose calls take at most so many seconds; it keeps no cookies."""
    import aiohttp

    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=seconds, connect=connect),
        cookie_jar=aiohttp.DummyCookieJar(),
        # Not `trust_env`: it takes the passwords of .netrc along, knows neither ALL_PROXY nor a proxy for
        # web sockets, and takes an address without a scheme for none.
        middlewares=(partial(_through, Proxies.of_environment()),),
    )


def open_pool(url: str, *, connections: int) -> "urllib3.PoolManager":
    """Open a pool of blocking connections to one URL, for threads; nothing is tried again by itself."""
    import urllib3

    proxy = urlsplit(Proxies.of_environment().proxy_for(url))
    if not proxy.hostname:
        return urllib3.PoolManager(num_pools=2, maxsize=connections, retries=False)
    headers = {LOGIN: login} if (login := login_of(proxy)) else None
    return urllib3.ProxyManager(
        without_login(proxy.geturl()), num_pools=2, maxsize=connections, retries=False, proxy_headers=headers
    )


def open_blocking_session(url: str) -> "requests.Session":
    """Open a session for blocking calls to one URL, for a library that wants one of `requests`."""
    import requests

    session = requests.Session()
    session.trust_env = False
    if proxy := Proxies.of_environment().proxy_for(url):
        session.proxies = {"http": proxy, "https": proxy}
    return session


def open_machine_session() -> "requests.Session":
    """Open a session to what a cloud serves on the machine itself, where no proxy reaches."""
    import requests

    session = requests.Session()
    session.trust_env = False
    return session


async def _through(
    proxies: Proxies, request: "aiohttp.ClientRequest", handler: "aiohttp.ClientHandlerType"
) -> "aiohttp.ClientResponse":
    from yarl import URL

    proxy = urlsplit(proxies.proxy_for(str(request.url)))
    if not proxy.hostname:
        request.update_proxy(None, None, None)
        return await handler(request)
    login = login_of(proxy)
    request.update_proxy(URL(proxy.geturl()).with_user(None), None, {LOGIN: login} if login else None)
    if login and request.url.scheme not in _ENCRYPTED:  # no CONNECT goes before it
        request.headers[LOGIN] = login
    return await handler(request)


def login_of(proxy: SplitResult) -> str:
    """The value of the header by which a proxy knows us; empty where its address names nobody."""
    if proxy.username is None:
        return ""
    return "Basic " + b64encode(unquote(f"{proxy.username}:{proxy.password or ''}").encode()).decode()


def _with_scheme(url: str) -> str:
    url = url.strip()
    return url if "://" in url else f"http://{url}"


def _fault(url: str) -> str:
    if not url.strip():
        return ""
    try:
        parts = urlsplit(_with_scheme(url))
        known = bool(parts.hostname) and not re.search(r"\s", url.strip()) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        return "this is no address of a proxy; write one such as http://proxy.example.com:3128."
    if parts.scheme not in ("http", "https"):
        return f"proxies of the kind {parts.scheme} are not supported; name one that begins with http://."
    return ""


def _is_near(host: str) -> bool:
    if is_loopback(host):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_link_local
    except ValueError:
        return False


def _covers(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY names a host: a name with all below it, an address, a network, or `*`."""
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass  # one of the two is a name, or the entry has a port
    try:
        named = urlsplit(f"//{entry}")
        if named.port not in (None, port):
            return False
    except ValueError:
        return False
    name = (named.hostname or "").removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
