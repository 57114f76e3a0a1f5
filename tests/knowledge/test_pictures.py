"""The pictures of articles: found beside them, made ready in a process of its own, told about by the line."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms

from bot.domain.knowledge.content import Article, Problem, SourceContent
from bot.knowledge.files.picture_encoder import LARGEST, LONGEST
from bot.knowledge.files.source import FileSource
from tests.support.patience import PATIENCE

HEAD = "---\ntitle: The VPN\n---\n\n"


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    written = BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


def plain(colour: Any = "red", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    return Image.effect_noise(size, 90).convert(mode)


def with_exif() -> bytes:
    """A red field that stands on its side, with a place, and much more that nobody needs."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x9286] = 6, "Calle Mayor 1, Madrid", "secret" * 9_000
    return saved(plain(size=(80, 40)), "JPEG", exif=exif)


def moving(kind: str) -> bytes:
    return saved(plain(), kind, save_all=True, append_images=[plain("blue")], duration=100)


def in_another_profile() -> bytes:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return saved(plain("#336699"), "PNG", icc_profile=lab)


# What can be shown: the file, and the size that it has then.
SHOWN: dict[str, tuple[bytes, tuple[int, int]]] = {
    "small.png": (saved(plain(), "PNG"), (60, 40)),
    "seen-through.png": (saved(plain((1, 2, 3, 90), mode="RGBA"), "PNG"), (60, 40)),
    "grey.png": (saved(plain(90, mode="L"), "PNG"), (60, 40)),
    "deep.png": (saved(plain(40_000, mode="I;16"), "PNG"), (60, 40)),
    "palette.gif": (saved(plain().quantize(8), "GIF"), (60, 40)),
    "moves.gif": (moving("GIF"), (60, 40)),
    "moves.webp": (moving("WEBP"), (60, 40)),
    "paint.jpg": (saved(plain((0, 200, 0, 0), mode="CMYK"), "JPEG"), (60, 40)),
    "photo.jpeg": (with_exif(), (40, 80)),
    "profile.png": (in_another_profile(), (60, 40)),
    "broken-profile.png": (saved(plain(), "PNG", icc_profile=b"no profile"), (60, 40)),
    "wide.png": (saved(plain(size=(3000, 1500)), "PNG"), (1024, 512)),
    "thin.png": (saved(plain(90, (20_000, 10), "L"), "PNG"), (1024, 1)),
    "noise.png": (saved(noise((1400, 1400)), "PNG"), (1024, 1024)),
    "another-ending.png": (saved(plain(), "JPEG"), (60, 40)),
    "two-things.gif": (saved(plain(), "PNG") + b"<script>alert(1)</script>PK\3\4", (60, 40)),
    "a name.png": (saved(plain("navy"), "PNG"), (60, 40)),
}
TOO_LARGE = "it has more than 25 million pixels; make it smaller"
DAMAGED = "it is damaged and cannot be read to its end; export it anew"
NO_PICTURE = "it is no PNG, JPEG, WebP or GIF, whatever its name says; export it as one of them"
REFUSED: dict[str, tuple[bytes, str]] = {
    "bomb.png": (saved(Image.new("1", (20_000, 20_000)), "PNG"), TOO_LARGE),
    "cut.png": (saved(noise((300, 300)), "PNG")[:4_000], DAMAGED),
    "cut.jpg": (saved(noise((300, 300)), "JPEG")[:4_000], DAMAGED),
    "page.png": (b"<html><script>alert(1)</script>", NO_PICTURE),
    "empty.png": (b"", NO_PICTURE),
    "bitmap.png": (saved(plain(), "BMP"), NO_PICTURE),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> SourceContent:
    """An article that shows all of them, read once."""
    folder = tmp_path_factory.mktemp("content")
    lines = []
    for name, (content, _) in {**SHOWN, **REFUSED}.items():
        put(folder, f"kb/{name}", content)
        lines.append(f"![What {name} shows](<{name}>)")
    return load(folder, *lines)


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def source(folder: Path) -> FileSource:
    return FileSource(folder / "kb", folder / "intents", cache=folder / "cache")


def load(folder: Path, *lines: str) -> SourceContent:
    """Write an article of these lines, from the fifth of its file on, and read the folder."""
    (folder / "intents").mkdir(exist_ok=True)
    put(folder, "kb/vpn.md", (HEAD + "\n".join(lines) + "\n").encode())
    return source(folder).load()


def article(content: SourceContent) -> Article:
    (draft,) = content.articles
    return draft.value


def told(content: SourceContent) -> list[tuple[int, str]]:
    assert not any(problem.error for problem in content.problems)
    return [(problem.line, problem.message) for problem in content.problems]


def opened(content: SourceContent, name: str) -> Image.Image:
    (picture,) = [picture for picture in article(content).pictures if picture.source == name]
    shown = Image.open(picture.file)
    shown.load()
    assert (shown.width, shown.height) == (picture.width, picture.height)
    assert picture.media_type == {"PNG": "image/png", "JPEG": "image/jpeg"}[str(shown.format)]
    return shown


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_is_encoded_anew_in_a_size_that_every_chat_takes(loaded: SourceContent, name: str) -> None:
    shown = opened(loaded, name)
    assert shown.size == SHOWN[name][1]
    assert max(shown.size) <= LONGEST
    assert shown.mode in ("RGB", "RGBA", "P")
    (picture,) = [picture for picture in article(loaded).pictures if picture.source == name]
    content = picture.file.read_bytes()
    assert len(content) <= LARGEST
    assert shown.info.keys() <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    } | {"transparency"}
    assert not any(word in content for word in (b"Madrid", b"secret", b"<script", b"PK\3\4", b"profile"))


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_shown_is_told_with_its_remedy(loaded: SourceContent, name: str) -> None:
    line = 5 + [*SHOWN, *REFUSED].index(name)
    assert (line, f"the picture '{name}': {REFUSED[name][1]}") in told(loaded)
    assert f"What {name} shows" in article(loaded).shown
    assert f"({name})" not in article(loaded).shown


def test_colours_stay_what_they_were(loaded: SourceContent) -> None:
    assert opened(loaded, "paint.jpg").convert("RGB").getpixel((5, 5))[0] > 200  # type: ignore[index]  # a colour
    assert opened(loaded, "paint.jpg").convert("RGB").getpixel((5, 5))[1] < 120  # type: ignore[index]
    assert abs(int(opened(loaded, "deep.png").convert("L").getpixel((5, 5))) - 156) < 3  # type: ignore[arg-type]
    assert opened(loaded, "profile.png").convert("RGB").getpixel((5, 5)) == (0x33, 0x66, 0x99)
    assert opened(loaded, "seen-through.png").convert("RGBA").getpixel((5, 5)) == (1, 2, 3, 90)


def test_a_picture_that_moves_is_shown_still_and_told(loaded: SourceContent) -> None:
    still = [message for _, message in told(loaded) if "it moves" in message]
    assert [name in " ".join(still) for name in ("moves.gif", "moves.webp")] == [True, True]
    assert len(still) == 2
    assert not getattr(opened(loaded, "moves.gif"), "is_animated", False)


def test_a_second_reading_makes_nothing_anew(tmp_path: Path) -> None:
    put(tmp_path, "kb/moves.gif", moving("GIF"))
    first = load(tmp_path, "![It moves](moves.gif)")
    (kept,) = (tmp_path / "cache" / "pictures").iterdir()
    before = kept.stat().st_mtime_ns
    again = source(tmp_path).load()
    assert article(again).pictures == article(first).pictures
    assert told(again) == told(first) != []
    assert kept.stat().st_mtime_ns == before


def test_without_a_cache_pictures_last_as_long_as_the_process(tmp_path: Path) -> None:
    put(tmp_path, "kb/a.png", saved(plain(), "PNG"))
    (tmp_path / "intents").mkdir()
    put(tmp_path, "kb/vpn.md", (HEAD + "![A](a.png)").encode())
    (picture,) = article(FileSource(tmp_path / "kb", tmp_path / "intents").load()).pictures
    assert picture.file.exists()
    assert not picture.file.is_relative_to(tmp_path)


async def test_a_changed_picture_is_noticed_and_has_another_name(tmp_path: Path) -> None:
    put(tmp_path, "kb/a.png", saved(plain(), "PNG"))
    (tmp_path / "intents").mkdir()
    put(tmp_path, "kb/vpn.md", (HEAD + "![A](a.png)").encode())
    files = source(tmp_path)
    before = files.load()
    waiting = asyncio.create_task(files.changes())
    put(tmp_path, "kb/a.png", saved(plain("blue"), "PNG"))
    await asyncio.wait_for(waiting, PATIENCE)
    after = files.load()
    assert article(after).pictures[0].name != article(before).pictures[0].name
    assert article(after).shown != article(before).shown
    assert after.hash == before.hash, "nothing has to be learned anew for a picture"


def outside(folder: Path) -> str:
    put(folder, "away/a.png", saved(plain(), "PNG"))
    return "../away/a.png"


def linked_out(folder: Path) -> str:
    put(folder, "away/a.png", saved(plain(), "PNG"))
    (folder / "kb").mkdir(exist_ok=True)
    (folder / "kb" / "link.png").symlink_to(folder / "away" / "a.png")
    return "link.png"


def a_folder(folder: Path) -> str:
    (folder / "kb" / "a.png").mkdir(parents=True)
    return "a.png"


def misspelt(folder: Path) -> str:
    put(folder, "kb/window.png", saved(plain(), "PNG"))
    return "widnow.png"


NOT_THERE = "it is not in the folder of the articles; copy it there"


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (outside, NOT_THERE),
        (linked_out, NOT_THERE),
        (lambda _: "/etc/passwd.png", NOT_THERE),
        (lambda _: "..%2F..%2Fetc/passwd.png", NOT_THERE),
        (a_folder, "this is no file; name a picture"),
        (misspelt, "did you mean 'window.png'?"),
        (lambda _: "gone.png", "there is no such file beside the article; save it there or correct the name"),
        (lambda _: "a.svg", "export it as PNG"),
        (lambda _: "a.pdf", "pictures end in .png, .jpg, .jpeg, .webp or .gif"),
        (lambda _: "https://evil.example/a.png", "save it beside the article and name that file"),
        (lambda _: "//evil.example/a.png", "save it beside the article and name that file"),
        (lambda _: "data:image/png;base64,AAAA", "save it beside the article and name that file"),
        (lambda _: "a%00.png", "this is no name of a file"),
        (lambda _: "", "this is no name of a file"),
    ],
)
def test_what_is_no_picture_of_the_folder_is_never_read(
    prepare: Callable[[Path], str], reason: str, tmp_path: Path
) -> None:
    name = prepare(tmp_path)
    content = load(tmp_path, "", f"Look: ![The window]({name})", "", "1. Do this.")
    (found,) = [problem for problem in told(content) if "the picture '" in problem[1]]
    assert found[0] == 6
    assert reason in found[1]
    assert article(content).pictures == ()
    assert "The window" in article(content).shown


def test_a_picture_without_words_and_one_that_nothing_shows_are_told(tmp_path: Path) -> None:
    put(tmp_path, "kb/the-window.png", saved(plain(), "PNG"))
    put(tmp_path, "kb/forgotten.PNG", saved(plain("blue"), "PNG"))
    content = load(tmp_path, "![](the-window.png)")
    assert told(content)[0][0] == 5
    assert "![what is to be seen](the-window.png)" in told(content)[0][1]
    unused = [problem for problem in content.problems if problem.file.endswith("forgotten.PNG")]
    assert [problem.message for problem in unused] == [
        "none of the articles shows this picture; name it in one, or remove it"
    ]
    assert article(content).shown.startswith("![the window](picture:")


def test_more_pictures_than_a_chat_shows_are_told(tmp_path: Path) -> None:
    put(tmp_path, "kb/a.png", saved(plain(), "PNG"))
    content = load(tmp_path, *["![A](a.png)"] * 11)
    assert told(content) == [(5, "there are 11 pictures, and a chat shows 10; leave out some")]


def test_code_shows_no_picture(tmp_path: Path) -> None:
    content = load(tmp_path, "`![a](a.png)` \\![b](b.png)", "```", "![c](c.png)", "```")
    assert told(content) == []
    assert article(content).shown == article(content).body


def test_a_problem_has_its_file_and_line(tmp_path: Path) -> None:
    (problem,) = load(tmp_path, "Text.", "![A](a.png)").problems
    assert isinstance(problem, Problem)
    assert str(problem).startswith(f"{tmp_path / 'kb' / 'vpn.md'}:6: warning: the picture 'a.png': ")
