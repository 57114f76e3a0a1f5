"""Seals tokens, and signs attempts to install, with a key that the database does not know."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.domain.errors import FirstlineError

_STATE = b"an attempt to install"


class TokensUnreadable(FirstlineError):
    """Tokens were sealed with a key that is not in FIRSTLINE_SLACK_TOKEN_KEY.

    Put that key behind the present one, or install the app there again.
    """


class Seal:
    """Encrypts with the first key, and decrypts with any: so a key is replaced without a new installation."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = MultiFernet([Fernet(_derived(key)) for key in keys])

    def close(self, tenant: str, tokens: Mapping[str, str | None]) -> str:
        """Encrypt the tokens of a workspace."""
        plain = json.dumps({"tenant": tenant, "tokens": dict(tokens)})
        return self._keys.encrypt(plain.encode()).decode()

    def state(self, now: int) -> str:
        """Make the state of an attempt to install: nobody else can, and none is like another."""
        return self._keys.encrypt_at_time(_STATE, now).decode()

    def is_state(self, text: str, now: int, life: int) -> bool:
        """Tell whether a text is a state of ours that is at most so many seconds old."""
        try:
            return self._keys.decrypt_at_time(text.encode(), life, now) == _STATE
        except InvalidToken:
            return False

    def open(self, tenant: str, sealed: str) -> dict[str, str | None]:
        """The tokens again; raise `TokensUnreadable` where the key or the workspace is another one."""
        try:
            found = json.loads(self._keys.decrypt(sealed.encode()))
        except InvalidToken:
            raise TokensUnreadable from None
        if found["tenant"] != tenant:
            raise TokensUnreadable
        tokens: dict[str, str | None] = found["tokens"]
        return tokens


def _derived(key: str) -> bytes:
    # Long and random by itself: see the settings.
    return urlsafe_b64encode(sha256(f"tokens of Slack with {key}".encode()).digest())
