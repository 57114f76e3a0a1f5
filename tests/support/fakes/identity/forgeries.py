"""What no identity provider may get through with: each is its good answer with one thing changed."""

import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.fakes.identity.nasty import CLIENT, Nasty, new_key

Change = Callable[[Nasty], None]
OTHER = new_key()
SIGN_ID = "a key that is nobody's but the one who asks: long enough for HS256"


def claims(**changed: Any) -> Change:
    return lambda nasty: nasty.claims.update(changed)


def signs(sign: Callable[[Nasty, Mapping[str, Any]], str]) -> Change:
    def change(nasty: Nasty) -> None:
        nasty.sign = sign

    return change


def answers(path: str, answer: Callable[[web.Request], Any]) -> Change:
    return lambda nasty: nasty.answers.update({path: answer})


def by_another_key(nasty: Nasty, given: Mapping[str, Any]) -> str:
    return jwt.encode(dict(given), OTHER, "RS256", headers={"kid": "first"})


def by_an_unknown_key(nasty: Nasty, given: Mapping[str, Any]) -> str:
    return jwt.encode(dict(given), OTHER, "RS256", headers={"kid": "nobody's"})


def by_the_secret(nasty: Nasty, given: Mapping[str, Any]) -> str:
    return jwt.encode(
        dict(given), "a client secret of the tests, and then some", "HS256", headers={"kid": "first"}
    )


def by_the_public_key(nasty: Nasty, given: Mapping[str, Any]) -> str:
    """What is signed with the text of the public key as if it were a secret."""
    pem = nasty.keys["first"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _, body, _ = nasty.signed(given).split(".")
    header = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "kid": "first"}).encode()).decode()
    signature = hmac.digest(pem, f"{header}.{body}".encode(), "sha256")
    return f"{header}.{body}.{jwt.utils.base64url_encode(signature).decode()}"


def by_none(nasty: Nasty, given: Mapping[str, Any]) -> str:
    _, body, _ = nasty.signed(given).split(".")
    header = jwt.utils.base64url_encode(json.dumps({"alg": "none", "kid": "first"}).encode()).decode()
    return f"{header}.{body}."


def by_a_key_of_its_own(nasty: Nasty, given: Mapping[str, Any]) -> str:
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(OTHER.public_key(), as_dict=True)
    return jwt.encode(dict(given), OTHER, "RS256", headers={"kid": "mine", "jwk": jwk})


def with_crit(nasty: Nasty, given: Mapping[str, Any]) -> str:
    return nasty.signed(given, crit=["b64"], b64=True)


def altered(nasty: Nasty, given: Mapping[str, Any]) -> str:
    head, _, signature = nasty.signed(given).split(".")
    _, body, _ = nasty.signed({**given, "sub": "somebody else"}).split(".")
    return f"{head}.{body}.{signature}"


def secret_in_the_set(nasty: Nasty) -> None:
    """A set of keys with a secret in it, by which the token is signed."""
    key = {
        "kty": "oct",
        "kid": "oct",
        "k": jwt.utils.base64url_encode(SIGN_ID.encode()).decode(),
        "alg": "HS256",
    }
    nasty.answers["/keys"] = lambda _: web.json_response({"keys": [key]})
    nasty.sign = lambda _, given: jwt.encode(dict(given), SIGN_ID, "HS256", headers={"kid": "oct"})


NOW = int(time.time())
REFUSED: dict[str, tuple[str, Change]] = {
    "another key": ("wrong_signature", signs(by_another_key)),
    "an unknown key": ("unknown_key", signs(by_an_unknown_key)),
    "HS256 with the client's secret": ("wrong_algorithm", signs(by_the_secret)),
    "HS256 with the public key": ("wrong_algorithm", signs(by_the_public_key)),
    "HS256 with a key of the set": ("wrong_algorithm", secret_in_the_set),
    "alg none": ("wrong_algorithm", signs(by_none)),
    "a key in the header": ("unknown_key", signs(by_a_key_of_its_own)),
    "a critical header": ("unreadable_token", signs(with_crit)),
    "altered": ("wrong_signature", signs(altered)),
    "no token": ("unreadable_token", lambda nasty: nasty.token_answer.update(id_token="")),
    "no JWT": ("unreadable_token", lambda nasty: nasty.token_answer.update(id_token="a.b.c")),
    "five parts": ("unreadable_token", lambda nasty: nasty.token_answer.update(id_token="a.b.c.d.e")),
    "a huge token": ("too_long", lambda nasty: nasty.token_answer.update(id_token="a" * 70_000)),
    "another issuer": ("another_issuer", claims(iss="https://elsewhere.example")),
    "an issuer with a slash": ("another_issuer", lambda nasty: nasty.claims.update(iss=f"{nasty.issuer}/")),
    "no issuer": ("missing_claim", claims(iss=None)),
    "another audience": ("another_audience", claims(aud="somebody else's page")),
    "no audience": ("missing_claim", claims(aud=None)),
    "several audiences and no party": ("another_party", claims(aud=[CLIENT, "another"])),
    "several audiences and another party": ("another_party", claims(aud=[CLIENT, "another"], azp="another")),
    "another party": ("another_party", claims(azp="another")),
    "expired": ("expired", claims(exp=NOW - 3000)),
    "no expiry": ("no_expiry", claims(exp=None)),
    "an expiry in words": ("no_expiry", claims(exp="never")),
    "an expiry that is no number": ("no_expiry", claims(exp=float("nan"))),
    "an expiry beyond all time": ("no_expiry", claims(exp=float("inf"))),
    "issued at no time": ("wrong_time", claims(iat=float("nan"))),
    "issued in the future": ("wrong_time", claims(iat=NOW + 3000, exp=NOW + 6000)),
    "issued long ago": ("too_old", claims(iat=NOW - 3000)),
    "no time of issue": ("missing_claim", claims(iat=None)),
    "not valid yet": ("wrong_time", claims(nbf=NOW + 3000)),
    "another nonce": ("wrong_nonce", claims(nonce="another sign-in's")),
    "no nonce": ("wrong_nonce", claims(nonce=None)),
    "no subject": ("no_subject", claims(sub=None)),
    "an empty subject": ("no_subject", claims(sub="")),
    "a subject of 256 characters": ("no_subject", claims(sub="x" * 256)),
    "a subject that is a number": ("unreadable_token", claims(sub=1)),
    "another subject in the userinfo": (
        "another_subject",
        lambda nasty: (
            nasty.claims.update(email=None),
            nasty.userinfo.update(sub="somebody else"),
        )[0],
    ),
    "an error": ("provider:invalid_grant", lambda nasty: nasty.token_answer.update(error="invalid_grant")),
    "an error as Slack says it": (
        "provider:None",
        lambda nasty: nasty.token_answer.update(ok=False, id_token=""),
    ),
}
