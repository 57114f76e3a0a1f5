"""The pages of the named spaces of Confluence Cloud that everybody there may read."""

import asyncio
import re
from collections import ChainMap
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import date

from bot.domain.knowledge.content import Article
from bot.knowledge.confluence import NAME, Settings
from bot.knowledge.confluence.api import MOST, ConfluenceApi, Document, is_restricted
from bot.knowledge.confluence.storage import ACCOUNT, StorageFormat
from bot.knowledge.markup.tree import cleaned, one_line
from bot.knowledge.wiki.client import Failed, Pause, Refused, failures_as_unavailable, together
from bot.knowledge.wiki.documents import at, day_at, entries, text_at
from bot.knowledge.wiki.folder import KEY
from bot.knowledge.wiki.html import markdown
from bot.knowledge.wiki.port import Listing, PullHost, ReadPage, Reason

LOT = 25  # pages whose texts are asked for in one request
AT_ONCE = 3  # such requests under way, so that a slow answer costs less
FEW = 10  # changed pages up to which each is asked about by itself
MOST_MENTIONED = 100  # accounts of one request
AGAIN_SHARE = 8  # one of so many pages is asked about anew in each whole look, whatever the search tells
LABEL_OUT = "no-firstline"
_KEPT = ("id", "status", "spaceId", "parentId", "ownerId", "authorId", "version")  # of what is told of a page
_LANGUAGE = re.compile(r"lang-([a-z]{2,3})")
_REVIEW = re.compile(r"review-by-(\d{4}-\d{2}-\d{2})")
LONGEST_TITLE = 300
LONGEST_LABEL, MOST_LABELS = 60, 20


class ConfluenceWiki:
    """Wiki of the named spaces.

    Its first whole look takes two lists: of the pages, and of who may read them. Later ones take the second
    alone, and ask by the id for what it says otherwise than before.
    """

    def __init__(self, settings: Settings, host: PullHost, pause: Pause = asyncio.sleep) -> None:
        self._api = ConfluenceApi(settings, pause)
        self._host = host
        self._site = f"{settings.url.rstrip('/')}/wiki"
        self._spaces: dict[str, str] = {}  # keys by the id of the space
        self._pages: dict[str, Document] = {}  # as they were told last, by their ids
        self._marks: dict[str, str] = {}  # what the search said of them then
        self._turn = 0  # which of them are asked about anew
        # During one look:
        self._found: dict[str, str] = {}  # what the search says, as a mark
        self._space_of: dict[str, str] = {}  # the key of a page's space
        self._labels: dict[str, tuple[str, ...]] = {}
        self._restricted: dict[str, bool | None] = {}
        self._chains: dict[str, tuple[str, ...] | None] = {}  # what is above what is no page, by its id
        self._people: dict[str, tuple[str, str]] = {}

    async def close(self) -> None:
        """End the connections."""
        await self._api.close()

    def address(self, key: str) -> str:
        """Where people find a page; without its title, which not everybody may know."""
        return f"{self._site}/pages/viewpage.action?pageId={key}"

    # --- what there is -------------------------------------------------------------------------------------

    async def listed(self) -> Listing:
        """List the pages of all named spaces; of each, who may read it, and its labels."""
        with failures_as_unavailable():
            faults = await self._begin()
            if self._pages:
                await self._look_again()
            else:
                for space, key in self._spaces.items():
                    await together(self._note_all(key), self._take_all(self._pages, space))
            self._marks = self._found
            for key, page in self._pages.items():
                self._space_of[key] = self._spaces.get(text_at(page, "spaceId"), "")
            return await self._sorted(self._pages, self._pages, faults, whole=True)

    async def _look_again(self) -> None:
        # The search tells who may read what; what it says otherwise than before is asked for by its id.
        for key in self._spaces.values():
            await self._note_all(key)
        differ = [
            key for key in (*self._pages, *self._found) if self._marks.get(key) != self._found.get(key, "?")
        ]
        wanted = list(dict.fromkeys((*self._next_share(), *differ)))
        for start in range(0, len(wanted), MOST):
            lot = wanted[start : start + MOST]
            told = await self._told(lot)
            for key in lot:
                known, found = self._pages.pop(key, None), told.get(key)
                if isinstance(found, Mapping):
                    self._take(self._pages, found)
                elif found is Reason.FAILED and known is not None:
                    self._pages[key] = known
        self._pages = {
            key: page for key, page in self._pages.items() if text_at(page, "spaceId") in self._spaces
        }

    def _next_share(self) -> Sequence[str]:
        # What the search does not tell, such as another owner or folder, is asked of a share of the pages.
        known = sorted(self._pages)
        share = min(len(known), max(MOST, -(-len(known) // AGAIN_SHARE)))
        start, self._turn = self._turn, self._turn + share
        return [known[number % len(known)] for number in range(start, start + share)]

    async def newest(self, known: Mapping[str, str]) -> Listing | None:
        """List the pages that were written since; None where they are many."""
        with failures_as_unavailable():
            await self._begin()
            pages: dict[str, Document] = {}
            for space in self._spaces:
                async for page in self._api.pages(space, newest=True):
                    if known.get(text_at(page, "id"), "").partition(" ")[0] == _number(page):
                        break  # all that follow are older
                    self._take(pages, page)
                    if len(pages) > FEW:
                        return None
            for key in pages:
                self._labels[key] = await self._api.labels(key)
            self._pages |= pages
            return await self._sorted(pages, {}, (), whole=False)

    async def _begin(self) -> tuple[str, ...]:
        # -> faults. What was told in an earlier look may not hold any more, above all of who may read what.
        self._found, self._space_of, self._labels = {}, {}, {}
        self._restricted, self._chains, self._people = {}, {}, {}
        await self._api.account()
        found = await self._api.spaces()
        self._spaces = {space: key for key, space in found.items()}
        return tuple(
            f"there is no space '{key}' that our account may see"
            for key in self._api.keys
            if key not in found
        )

    async def _note_all(self, key: str) -> None:
        async for found in self._api.found(key):
            self._note(found)

    async def _take_all(self, pages: dict[str, Document], space: str) -> None:
        async for page in self._api.pages(space):
            self._take(pages, page)

    def _note(self, found: Document) -> None:
        page = text_at(found, "id")
        above = [text_at(one, "id") for one in entries(found, "ancestors")]
        self._found[page] = " ".join((_number(found), *above))
        restriction = at(found, "restrictions", "read")
        self._restricted[page] = is_restricted(restriction if isinstance(restriction, Mapping) else None)
        self._labels[page] = tuple(
            sorted(text_at(one, "name") for one in entries(found, "metadata", "labels", "results"))
        )

    def _take(self, pages: dict[str, Document], page: Document) -> None:
        key = text_at(page, "id")
        if KEY.fullmatch(key) and text_at(page, "status") == "current":
            pages[key] = {name: page.get(name) for name in _KEPT}
            self._space_of[key] = self._spaces.get(text_at(page, "spaceId"), "")

    async def _sorted(
        self,
        pages: Mapping[str, Document],
        tree: Mapping[str, Document],
        faults: tuple[str, ...],
        *,
        whole: bool,
    ) -> Listing:
        versions: dict[str, str] = {}
        left_out: dict[str, tuple[str, Reason]] = {}
        for key, page in pages.items():
            if key not in self._labels:  # the search does not know it yet
                self._labels[key] = await self._api.labels(key)
            version = _version(page, self._labels[key])
            reason = await self._reason(key, page, tree)
            if reason is None:
                versions[key] = version
            else:
                left_out[key] = (version, reason)
        return Listing(versions, left_out, whole, faults)

    async def _reason(self, key: str, page: Document, tree: Mapping[str, Document]) -> Reason | None:
        """Why a page is no article: one that somebody may not read, or of which that is not known."""
        if not self._space_of[key]:
            return Reason.GONE
        if LABEL_OUT in self._labels[key]:
            return Reason.LABEL
        chain = [key]
        while text_at(page, "parentId") in tree:
            if text_at(page, "parentId") in chain:
                return Reason.UNKNOWN
            chain.append(text_at(page, "parentId"))
            page = tree[chain[-1]]
        above = await self._above(chain[-1], text_at(page, "parentId"))
        if above is None:
            return Reason.UNKNOWN
        for one in (*chain, *above):
            restricted = await self._is_restricted(one)
            if restricted is None:
                return Reason.UNKNOWN
            if restricted:
                return Reason.RESTRICTED
        return None

    async def _above(self, key: str, parent: str) -> tuple[str, ...] | None:
        # What is above a page that no listed page is the parent of: a folder, for instance.
        if not parent:
            return ()
        if parent not in self._chains:
            self._chains[parent] = await self._api.above(key)
            told = self._chains[parent]
            if told is not None and parent not in told:
                self._chains[parent] = None
        return self._chains[parent]

    async def _is_restricted(self, content: str) -> bool | None:
        if self._restricted.get(content) is None:
            self._restricted[content] = await self._api.restricted(content)
        return self._restricted[content]

    # --- pages ---------------------------------------------------------------------------------------------

    async def read(self, keys: Sequence[str]) -> AsyncIterator[ReadPage]:
        """Read these pages, some at once; where that fails, it is found out at which."""
        for start in range(0, len(keys), LOT * AT_ONCE):
            some = keys[start : start + LOT * AT_ONCE]
            lots = [some[at : at + LOT] for at in range(0, len(some), LOT)]
            with failures_as_unavailable():
                told = await together(*(self._told(lot, texts=True) for lot in lots))
                bodies = dict(ChainMap(*told))
                await self._learn_people(bodies.values())
            for key in some:
                found = bodies.get(key, Reason.GONE)
                if isinstance(found, Reason):
                    yield ReadPage(key, None, found)
                else:
                    yield ReadPage(key, self._article(key, found))

    async def _told(self, keys: Sequence[str], *, texts: bool = False) -> dict[str, Document | Reason]:
        try:
            return {text_at(one, "id"): one async for one in self._api.these(keys, texts=texts)}
        except (Refused, Failed) as error:
            if len(keys) == 1:
                return {keys[0]: Reason.REFUSED if isinstance(error, Refused) else Reason.FAILED}
        middle = len(keys) // 2
        first, second = keys[:middle], keys[middle:]
        return {**await self._told(first, texts=texts), **await self._told(second, texts=texts)}

    async def _learn_people(self, pages: Iterable[Document | Reason]) -> None:
        wanted: dict[str, None] = {}
        for page in pages:
            if not isinstance(page, Reason):
                wanted |= dict.fromkeys((_owner(page), *ACCOUNT.findall(_storage(page))))
        unknown = [account for account in wanted if account and account not in self._people]
        for start in range(0, len(unknown), MOST_MENTIONED):
            lot = unknown[start : start + MOST_MENTIONED]
            self._people |= dict.fromkeys(lot, ("", ""))
            try:
                self._people |= await self._api.people(lot)
            except (Refused, Failed):
                continue  # an article without the name of its owner is one

    def _article(self, key: str, page: Document) -> Article | None:
        title = one_line(text_at(page, "title"))[:LONGEST_TITLE]
        if not title:
            return None
        space = self._space_of[key]
        address = f"{self._site}/spaces/{space}/pages/{key}"
        names = {account: name for account, (name, _) in self._people.items()}
        tree = StorageFormat(self._site, space, address, names).tree(cleaned(_storage(page)))
        labels = self._labels[key]
        name, mail = self._people.get(_owner(page), ("", ""))
        return Article(
            f"{NAME}-{key}",
            title,
            markdown(tree, address),
            self._language(labels, f"{title}. {tree.text}"),
            tuple(label[:LONGEST_LABEL] for label in labels if not _is_order(label))[:MOST_LABELS],
            url=address,
            owner=one_line(mail or name) or None,
            updated=day_at(page, "version", "createdAt"),
            review_by=_review_by(labels),
        )

    def _language(self, labels: Sequence[str], text: str) -> str:
        told = next((match[1] for label in labels if (match := _LANGUAGE.fullmatch(label))), None)
        return told or self._host.guess(text) or self._host.language


def _number(page: Document) -> str:
    return text_at(page, "version", "number")


def _owner(page: Document) -> str:
    return text_at(page, "ownerId") or text_at(page, "authorId")


def _version(page: Document, labels: Sequence[str]) -> str:
    # Neither a label nor another owner makes a new version there, and both are in the article.
    return " ".join((_number(page), _owner(page), text_at(page, "spaceId"), *labels))


def _storage(page: Document) -> str:
    return text_at(page, "body", "storage", "value")


def _is_order(label: str) -> bool:
    return bool(_LANGUAGE.fullmatch(label) or _REVIEW.fullmatch(label))


def _review_by(labels: Sequence[str]) -> date | None:
    for label in labels:
        if match := _REVIEW.fullmatch(label):
            try:
                return date.fromisoformat(match[1])
            except ValueError:
                continue
    return None
