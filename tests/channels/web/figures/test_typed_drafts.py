"""What was typed into a draft is there again for whoever typed it, and for nobody else."""

from bot.channels.web.insights.typed_drafts import LONGEST, TypedDrafts, digest_of
from bot.desk.ports.content import (
    DraftTexts,
)
from bot.domain.people import Identity
from tests.support.channels.page_site import Serve, Site
from tests.support.clock import Clock
from tests.support.fakes.authoring import TEXTS, Typed, got, page, sent


async def editor_of(site: Site, who: str = "maya") -> tuple[str, str]:
    """The editor's page, and what tells the draft in it."""
    shown = (await got(site, "/drafts?gap=7", who))[1]
    return shown, shown.split('data-base="')[1].split('"')[0]


async def test_what_was_typed_is_there_again_for_whoever_typed_it(served: Serve) -> None:
    site, written = await page(served)
    _, base = await editor_of(site)
    typed = {"source": "gap:7:en", "base": base, "article": "# Typed", "intent": "intent: typed"}
    assert (await sent(site, "/drafts/shown", body=typed))[0] == 200
    shown, same = await editor_of(site)
    assert ("# Typed" in shown, "intent: typed" in shown, "as you left it" in shown) == (True, True, True)
    assert same == base
    assert "# Typed" not in (await editor_of(site, "nora"))[0], "it is not another's"
    await sent(site, "/drafts/forget")
    assert "# Typed" not in (await editor_of(site))[0]

    await sent(site, "/drafts/shown", body=typed)
    await sent(site, "/drafts/approve", body={"source": "gap:7:en", **TEXTS})
    assert "# Typed" not in (await editor_of(site))[0], "it is in the content now"

    await sent(site, "/drafts/shown", body=typed)
    written.draft = "<p>without what was erased</p>"
    assert "# Typed" not in (await editor_of(site))[0], "the draft is another one"
    for wrong in ({"source": ""}, {"source": "x" * 101}, {"base": 3}):
        assert (await sent(site, "/drafts/shown", body={**typed, **wrong}))[0] == 400


def test_what_was_typed_is_forgotten_in_the_end() -> None:
    clock, ana = Clock(), Identity("web", "", "ana")
    typed, made = TypedDrafts(Typed(), clock), DraftTexts("made")
    base = digest_of(made)
    typed.keep(ana, "a", base, DraftTexts("x" * LONGEST + "x"))
    assert typed.find(ana, "a", made) is None
    typed.keep(ana, "a", base, DraftTexts("typed"))
    assert typed.find(ana, "a", made) is not None
    typed.keep(ana, "a", base, DraftTexts("no\0thing", "half a \ud83d sign"))
    found = typed.find(ana, "a", made)
    assert found is not None
    assert (found.article, found.intent) == ("nothing", "half a ? sign"), "a database takes it"
    typed.keep(ana, "a", base, made)
    assert typed.find(ana, "a", made) is None, "nothing is typed any more"
    typed.keep(ana, "a", base, DraftTexts("typed"))
    clock.move(hours=25)
    assert typed.find(ana, "a", made) is None
