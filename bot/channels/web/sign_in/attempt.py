"""Binds a sign-in to the browser that began it, without keeping anything on the server meanwhile."""

import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

LASTS = timedelta(minutes=10)
SECRET = re.compile(r"[\w-]{43}")
OWN_PATH = re.compile(r"/(?:[\w.~%=&?-][\w.~%=&?/-]{0,500})?", re.ASCII)
LONGEST_STATE = 1500


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in on its way: what goes to the provider, and where the browser goes afterwards.

    All of it follows from the browser's secret and the state, so that any replica can go on with it.
    `renews` is the hash of the session that goes on with it: such an attempt shows nothing to the person.
    """

    state: str
    nonce: str
    verifier: str
    to: str
    at: datetime
    renews: str = ""

    @property
    def challenge(self) -> str:
        """The verifier as the provider is told it, by S256."""
        return _text(sha256(self.verifier.encode()).digest())


def new_secret() -> str:
    """A browser's secret: 256 random bits."""
    return secrets.token_urlsafe(32)


def begin(secret: str, now: datetime, to: str, renews: str = "") -> Attempt:
    """Begin a sign-in of the browser that holds this secret."""
    path = _text(own_path(to).encode())
    start = f"{secrets.token_urlsafe(16)}.{int(now.timestamp())}.{renews}.{path}"
    return _attempt(secret, f"{start}.{_mac(secret, 'state', start)}", now, own_path(to), renews)


def resume(secret: str, state: str, now: datetime) -> Attempt | None:
    """The sign-in that this browser began with this state; None where it did not, or long ago."""
    start, _, mac = state.rpartition(".")
    if not SECRET.fullmatch(secret) or len(state) > LONGEST_STATE:
        return None
    if not hmac.compare_digest(mac.encode(), _mac(secret, "state", start).encode()):
        return None
    _, at, renews, path = start.split(".")  # ours: nobody else could have signed it
    begun = datetime.fromtimestamp(int(at), now.tzinfo)
    if not timedelta(minutes=-1) <= now - begun <= LASTS:
        return None
    to = urlsafe_b64decode(path + "=" * (-len(path) % 4)).decode()
    return _attempt(secret, state, begun, to, renews)


def own_path(to: str) -> str:
    """A path of ours to go to, `/` in the place of anything else, and of what is no page."""
    return to if OWN_PATH.fullmatch(to) and not to.startswith("/web/") else "/"


def _attempt(secret: str, state: str, at: datetime, to: str, renews: str) -> Attempt:
    return Attempt(state, _mac(secret, "nonce", state), _mac(secret, "verifier", state), to, at, renews)


def _mac(secret: str, purpose: str, text: str) -> str:
    return _text(hmac.digest(secret.encode(), f"{purpose}:{text}".encode(), "sha256"))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
