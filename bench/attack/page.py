"""Asks the page's routes with odd words in the address, from another site, and as who may not see figures."""

from collections.abc import Iterable
from urllib.parse import quote

from yarl import URL

from bench.attack.attempts import Options, Row, row
from bench.attack.routes import FILLED, OPEN, session_of
from bench.attack.site import PLANTED, Site, a_site, bearer, plant

ODD = "odd words in the address"
FOREIGN = "what another site's page sends with somebody's session (CSRF)"
KEPT = "private pages that a browser or a proxy may keep"
FIGURES = "figures, by who may not see them"
ATTACKS = (ODD, FOREIGN, KEPT, FIGURES)
ELSEWHERE = "https://elsewhere.example"
LIST = {"figure": "questions", "since": "2026-01-01", "until": "2026-12-31"}
# What each page reads in its address, and what is fine there.
READ = {
    "/": dict.fromkeys("lang as desk ticket view queue priority late q renewed".split(), ""),
    "/web/conversation": {"zone": ""},
    "/web/tickets": {"zone": ""},
    "/web/room": dict.fromkeys("view queue priority late q after known".split(), ""),
    "/web/ticket": {"ticket": "HELP-1001", "before": ""},
    "/web/replies": {"ticket": "HELP-1001"},
    "/gaps/progress": {"name": ""},
    "/drafts": {"ticket": "", "gap": "1", "lang": "en", "version": ""},
    "/drafts/replayed": {"name": ""},
    "/insights": {"weeks": "12", "by": "queue", "queue": ""},
    "/insights/list": LIST | {"by": "whole", "value": "", "age": "", "overdue": "", "queue": ""},
}
WORDS = (
    *("", "-1", "999999999999", "9" * 400, "\0", "\ud800", "../../etc/passwd", "a\r\nX: y"),
    *("0001-01-01", "9999-12-31", "%' OR 1=1 --", "<script>alert(1)</script>"),
)
PAGES = ("/web/", "/gaps", "/drafts")
NOT_ASKED = 429  # nothing was tried: the limits of one person


async def attack(site: Site, manager: str = "max", stranger: str = "tom") -> list[Row]:
    """Try each; a row for each kind."""
    return [
        row(ODD, [await _odd(site, who, path) for who in ("wes", manager, "tom") for path in _odd_paths()]),
        row(FOREIGN, [await foreign(site, path, ELSEWHERE) for path in _sent(site)]),
        row(KEPT, [await _kept(site, who, path) for who in ("wes", manager) for path in _read(site)]),
        row(
            FIGURES,
            [await _figures(site, who, path) for who in (stranger, "wes", "una") for path in _FIGURES],
        ),
    ]


async def run(_options: Options) -> list[Row]:
    """Attack a site of its own."""
    async with a_site() as site:
        await plant(site)
        return await attack(site)


def _odd_paths() -> Iterable[str]:
    for path, fine in READ.items():
        for name in fine:
            for word in WORDS:
                yield f"{path}?{_query(fine | {name: word})}"


def _query(given: dict[str, str]) -> str:
    return "&".join(f"{name}={quote(word.encode('utf-8', 'surrogatepass'))}" for name, word in given.items())


async def _odd(site: Site, person: str, path: str) -> str:
    status, said = await site.send("GET", path, bearer(person))
    shows = person == "tom" and PLANTED in said
    if status >= 500 or status == NOT_ASKED or shows or "<script>alert" in said:
        return f"GET {path[:120]} by {person} was answered {status}"
    return ""


def _sent(site: Site) -> list[str]:
    return sorted(
        {path for method, path in site.stage.app.routes if method == "POST" and path.startswith(PAGES)}
    )


async def foreign(site: Site, path: str, origin: str) -> str:
    """Whatever a route takes, with the session of an engineer, as a page of elsewhere sends it."""
    token, before = site.values("tickets", "token")[0], site.state()
    body: dict[str, object] = {
        "pane": "room",
        "key": f"foreign-{site.number():08d}",
        "text": "forged",
        "ticket": "HELP-1001",
    }
    body |= {
        "numbers": site.values("learned_examples", "id")[:1],
        "action": "claim",
        "token": token,
        "under": token,
        "change": "deleted",
        "message": "planted-question",
    }
    cookie = await session_of(site, "wes")
    headers = {"Cookie": cookie, "Origin": origin}
    status, _ = await site.send("POST", path, headers, json=body)
    still, _ = await site.send("GET", "/web/room", {"Cookie": cookie})
    changed = site.changed(before)
    if not 400 <= status < 500 or changed or still != 200:
        return f"POST {path} from {origin} was answered {status} and changed {changed or 'the session'}"
    return ""


def _read(site: Site) -> list[str]:
    paths = sorted({path for method, path in site.stage.app.routes if method == "GET"})
    private = [path for path in paths if path not in OPEN and path not in ("/web/events", "/metrics")]
    return [_filled(path) for path in private]


def _filled(path: str) -> str:
    for part, filled in FILLED.items():
        path = path.replace(part, filled)
    return f"{path}?{_query(LIST)}" if path == "/insights/list" else path


async def _kept(site: Site, person: str, path: str) -> str:
    address, headers = URL(site.url + path, encoded=True), {**bearer(person), **site.elsewhere()}
    async with site.http.get(address, headers=headers, allow_redirects=False) as answer:
        await answer.read()
        control = answer.headers.get("Cache-Control", "")
        return "" if "no-store" in control else f"GET {path} by {person}: {answer.status}, {control!r}"


_FIGURES = ("/insights", f"/insights/list?{_query(LIST)}")


async def _figures(site: Site, person: str, path: str) -> str:
    status, _ = await site.send("GET", path, bearer(person))
    return "" if status == 403 else f"GET {path} by {person} was answered {status}"
