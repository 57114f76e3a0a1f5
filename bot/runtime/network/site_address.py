"""What may be wrong with the address of another system's site, and with a secret that is sent there."""

import re
from urllib.parse import urlsplit

from bot.runtime.network.loopback import is_loopback

_SAFE = re.compile(r"[\x21-\x7e]+")


def fault_in_site(name: str, url: str, example: str) -> list[str]:
    """What is wrong with the address in a setting: only a host may be named, and encrypted."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None or parts.port > 0 else ""
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or re.search(r"\s", url):
        return [f"{name}: this is no web address; write one such as {example}."]
    if parts.scheme == "http" and not is_loopback(host):
        return [f"{name}: what is sent would not be encrypted; write an address such as {example}."]
    rest = url.partition("//")[2].partition(parts.netloc)[2].removeprefix("/")
    if rest or "@" in parts.netloc:
        return [f"{name}: name the site alone, with nothing before or behind it, such as {example}."]
    return []


def fault_in_secret(name: str, secret: str) -> list[str]:
    """What is wrong with a secret that goes into a header."""
    if secret and not _SAFE.fullmatch(secret):
        return [f"{name}: has a character that no key of theirs has; copy it again."]
    return []
