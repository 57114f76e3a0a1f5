"""Finds the pictures of articles beside their files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from os.path import normpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.domain.knowledge.content import Article, Draft, Picture
from bot.domain.knowledge.markdown_blocks import MOST_PICTURES, Image, images_in
from bot.knowledge.files.picture_store import PictureStore
from bot.knowledge.files.text_files import plain
from bot.knowledge.yaml_reading import Page

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif")
MOVES = "it moves, and chats show pictures that do not: its first image is shown"


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """Article, the file that it is in, and the page on which problems are noted."""

    draft: Draft[Article]
    path: Path
    page: Page


def with_pictures(
    articles: Sequence[ArticleFile], folder: Path, store: PictureStore
) -> tuple[list[Draft[Article]], frozenset[str]]:
    """The articles with their pictures, and the real paths of the files that they name.

    What is wrong is noted on the pages, as warnings: without a picture an answer still helps, and its words
    stand there.
    """
    images = [(one, images_in(one.draft.value.body)) for one in articles]
    places = {
        (one.path, image.source): _place(image.source, one.path, folder)
        for one, found in images
        for image, _ in found
    }
    ready = store.ready(list(dict.fromkeys(place for place in places.values() if isinstance(place, Path))))
    drafts = []
    for one, found in images:
        pictures: dict[str, Picture] = {}
        first = one.draft.line("body")
        for image, line in found:
            place = places[one.path, image.source]
            result = ready[place] if isinstance(place, Path) else place
            if isinstance(result, Picture):
                pictures[image.source] = replace(result, source=image.source)
            for reason in _reasons(image, result):
                one.page.warn(first + line, f"the picture '{image.source}': {reason}")
        if len(found) > MOST_PICTURES:
            one.page.warn(
                first, f"there are {len(found)} pictures, and a chat shows {MOST_PICTURES}; leave out some"
            )
        article = replace(one.draft.value, pictures=tuple(pictures.values()))
        drafts.append(replace(one.draft, value=article))
    return drafts, frozenset(str(place) for place in places.values() if isinstance(place, Path))


def _reasons(image: Image, result: Picture | str) -> list[str]:
    reasons = []
    if not isinstance(result, Picture):
        reasons.append(result)
    elif result.moves:
        reasons.append(MOVES)
    if not image.alt:
        reasons.append(
            "nobody who does not see it learns what it shows; write that between the brackets: "
            f"![what is to be seen]({image.source})"
        )
    return reasons


def _place(source: str, article: Path, folder: Path) -> Path | str:
    """The real path of the file that an address names, else what is wrong with it."""
    try:
        parts = urlsplit(source)
    except ValueError:
        return "this is no name of a file; write that of one beside the article"
    if parts.scheme or parts.netloc:
        return (
            "it is at another address, so it is linked and not shown; save it beside the article and name "
            "that file"
        )
    name = unquote(parts.path)
    if not name or not plain(name):
        return "this is no name of a file; write that of one beside the article"
    if name.lower().endswith((".svg", ".svgz")):
        return "an SVG is a program, which no chat shows; export it as PNG"
    if not name.lower().endswith(ENDINGS):
        return f"pictures end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}; export it as one of them"
    outside = "it is not in the folder of the articles; copy it there"
    if not Path(normpath(article.parent / name)).is_relative_to(normpath(folder)):
        return outside
    try:
        real = (article.parent / name).resolve(strict=True)
    except (OSError, RuntimeError):
        return f"there is no such file beside the article; save it there{_nearest(name, article.parent)}"
    if not real.is_relative_to(folder.resolve()):
        return outside
    return real if real.is_file() else "this is no file; name a picture"


def _nearest(name: str, beside: Path) -> str:
    try:
        names = [path.name for path in beside.iterdir() if path.name.lower().endswith(ENDINGS)]
    except OSError:
        return ""
    close = get_close_matches(Path(name).name, names, n=1, cutoff=0.6)
    return f", or did you mean '{close[0]}'?" if close else " or correct the name"
