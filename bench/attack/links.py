"""Opens signed links that were altered, are over, or are for something else, and files of others."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from bench.attack.attempts import Options, Row, row
from bench.attack.site import ARTICLE, PLANTED, Site, a_site, bearer, plant
from bot.server.signed_links import ALGORITHM, FILE_LIFETIME, FileLinks

ALTERED = "a link of which a character was altered"
UNSIGNED = "a link without a signature (alg none)"
OTHER_KEY = "a link signed with another key"
EXPIRED = "a link that has expired"
SWAPPED = "an article's link as a file's, and the other way round"
NUMBERED = "the file of somebody else by its number"
PATHS = "a path out of the folder of static files"
ATTACKS = (ALTERED, UNSIGNED, OTHER_KEY, EXPIRED, SWAPPED, NUMBERED, PATHS)
OUT = (
    "..%2f..%2fpyproject.toml",
    "..%2F__init__.py",
    "%2e%2e/%2e%2e/.env",
    "%2Fetc%2Fpasswd",
    "page.js%00.css",
    "....//....//.env",
)


async def attack(site: Site, altered: Sequence[str] | None = None) -> list[Row]:
    """Try every link; `altered` are paths to try in the place of the altered ones."""
    made = Links(site)
    groups = {
        ALTERED: made.altered() if altered is None else altered,
        UNSIGNED: made.unsigned(),
        OTHER_KEY: made.signed_with("another key that is as long as a key"),
        EXPIRED: made.expired(),
        SWAPPED: made.swapped(),
        PATHS: [f"/web/static/{path}" for path in OUT],
    }
    rows = [row(name, [await _opened(site, path) for path in paths]) for name, paths in groups.items()]
    numbers = [f"/web/files/{number}" for number in ("1", "2", "01", "-1", "1.0", "9" * 30, "1%00", "1/../1")]
    found = [await _opened(site, path, person) for path in numbers for person in ("tom", "una", "")]
    return [*rows, row(NUMBERED, found)]


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own."""
    async with a_site() as site:
        await plant(site)
        return await attack(site)


async def _opened(site: Site, path: str, person: str = "") -> str:
    status, said = await site.send("GET", path, bearer(person) if person else {})
    if status >= 500 or status == 200 or PLANTED in said:
        return f"{path[:60]} was answered {status} to {person or 'anybody'}"
    return ""


class Links:
    """Makes links of every kind; the genuine one is checked first, so that a refusal means something."""

    def __init__(self, site: Site) -> None:
        self._secret = site.stage.app.application._file_links._secret
        self._file = site.values("files", "id")[site.values("files", "body").index(PLANTED.encode())]
        links = FileLinks(
            "http://x", self._secret, site.stage.app.application.begin, lambda: datetime.now(UTC)
        )
        token = (links.link(self._file, to_employee=False) or "").rpartition("/")[2]
        if links.open(token) is None:
            raise LookupError("the file's own link does not open it: nothing would be proved")
        self.genuine = token

    def _claims(self, **changes: Any) -> dict[str, Any]:
        later = datetime.now(UTC) + FILE_LIFETIME
        return {"file": self._file, "for": "engineers", "exp": later, **changes}

    def altered(self) -> list[str]:
        """The genuine one with one character changed, at many places, cut short and lengthened."""
        token, found = self.genuine, [self.genuine[:-5], self.genuine + "A", self.genuine.rpartition(".")[0]]
        for at in range(0, len(token) - 1, 3):  # the last character has bits that say nothing
            other = "A" if token[at] != "A" else "B"
            found.append(token[:at] + other + token[at + 1 :])
        return [f"/files/{one}" for one in found]

    def unsigned(self) -> list[str]:
        """Tokens that say that they need no signature."""
        payload = jwt.encode(self._claims(), self._secret, ALGORITHM).split(".")[1]
        names = ("none", "None", "NONE", "nOnE", "")
        heads = [urlsafe_b64encode(f'{{"alg":"{name}","typ":"JWT"}}'.encode()).decode() for name in names]
        return [f"/files/{head.rstrip('=')}.{payload}." for head in heads]

    def signed_with(self, key: str) -> list[str]:
        """Tokens with another key, an empty one and another algorithm."""
        article = {"article": ARTICLE, "lang": "en", "exp": self._claims()["exp"]}
        found = [f"/files/{jwt.encode(self._claims(), one, ALGORITHM)}" for one in (key, "x" * 32)]
        found.append(f"/files/{jwt.encode(self._claims(), self._secret * 2, 'HS512')}")
        found.append(f"/pictures/{jwt.encode({'picture': 'screen-plugs.png'}, key, ALGORITHM)}")
        return [*found, f"/articles/{jwt.encode(article, key, ALGORITHM)}"]

    def expired(self) -> list[str]:
        """Tokens of our own key whose time is over, or that have none."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        timeless = {name: value for name, value in self._claims().items() if name != "exp"}
        article = {"article": ARTICLE, "lang": "en", "exp": past}
        return [
            f"/files/{self._signed(self._claims(exp=past))}",
            f"/files/{self._signed(timeless)}",
            f"/articles/{self._signed(article)}",
        ]

    def swapped(self) -> list[str]:
        """Tokens of the other kind, and of files that are not there."""
        article = {"article": ARTICLE, "lang": "en", "exp": self._claims()["exp"]}
        found = [f"/articles/{self.genuine}", f"/files/{self._signed(article)}"]
        found += [f"/pictures/{self.genuine}", f"/pictures/{self._signed({'picture': 'of no article'})}"]
        return [*found, f"/files/{self._signed(self._claims(file=10**9))}"]

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self._secret, ALGORITHM)
