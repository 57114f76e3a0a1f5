"""Seals a provider's tokens with the key that only the browser of the session holds."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12  # bytes


def seal(key: str, tokens: Mapping[str, str]) -> str:
    """Encrypt tokens under a session's key, which the database does not know."""
    nonce = secrets.token_bytes(NONCE)
    return urlsafe_b64encode(
        nonce + _cipher(key).encrypt(nonce, json.dumps(dict(tokens)).encode(), None)
    ).decode()


def unseal(key: str, sealed: str) -> dict[str, str]:
    """The tokens again; none where they were sealed under another key, or not at all."""
    try:
        raw = urlsafe_b64decode(sealed)
        found: dict[str, str] = json.loads(_cipher(key).decrypt(raw[:NONCE], raw[NONCE:], None))
    except (InvalidTag, ValueError):
        return {}
    return found


def _cipher(key: str) -> AESGCM:
    # The key is random by itself; another hash of it than the one that the database holds.
    return AESGCM(sha256(f"sealing with {key}".encode()).digest())
