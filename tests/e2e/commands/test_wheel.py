"""The wheel, and the learner as a process of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.server.content import content_in
from bot.server.training import LACKING, as_line
from tests.support.e2e.commands import demo, environment, good
from tests.support.matching.embedding_service import KEY, MODEL, serving
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE
from tests.support.unknown import UNKNOWN


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    built = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True, timeout=PATIENCE)
    (file,) = folder.glob("firstline-*.whl")
    target = folder / "installed"
    installed = [*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(file)]
    subprocess.run(installed, check=True, capture_output=True, timeout=PATIENCE)
    return target


def test_it_is_the_wheel_that_runs(wheel: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import bot; print(bot.__file__)"],
        cwd=tmp_path,
        env=environment(tmp_path, {"PYTHONPATH": str(wheel)}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(wheel))


def test_the_wheel_brings_its_documentation(wheel: Path, tmp_path: Path) -> None:
    written = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert good(tmp_path, "docs", "settings", PYTHONPATH=str(wheel)) == written


async def test_the_wheel_works_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    path = {"PYTHONPATH": str(wheel)}
    checked = good(tmp_path, "check", **path)
    assert "0 errors" in checked
    assert int(checked.split(" articles")[0].split()[-1]) >= 40
    assert int(checked.split(" replies")[0].split()[-1]) >= 8
    async with demo(tmp_path, **path) as desk:
        assert await desk.ask("I forgot my password") == "answered"
        assert await desk.ask(UNKNOWN) == "ticket"
        page = await desk.read("/")
        assert "Ana Costa" in page
        style = page.split('href="/web/static/')[1].split('"')[0]
        assert await desk.read(f"/web/static/{style}")


def test_the_wheel_holds_no_tests_and_no_secrets(wheel: Path) -> None:
    names = {str(path.relative_to(wheel)) for path in wheel.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith("tests/") or name.endswith((".env", ".db"))]
    for needed in (
        "bot/_data/migrations/env.py",
        "bot/wording/locales/es/desk.po",
        "bot/cli/operate/setup/starter/kb_articles/printer.es.md",
        "bot/cli/operate/setup/starter/intents/person.yaml",
        "bot/channels/web/static/fragments.js",
        "bot/channels/web/static/page.js",
        "bot/channels/teams/color.png",
        "bot/channels/teams/outline.png",
    ):
        assert needed in names


def test_the_version(tmp_path: Path) -> None:
    assert good(tmp_path, "--version").strip() == "0.1.0"


def test_the_learner_ends_well_while_its_server_lives(tmp_path: Path) -> None:
    articles, intents = tmp_path / "kb_articles", tmp_path / "intents"
    articles.mkdir()
    intents.mkdir()
    for name in ("wifi", "printer", "badge"):
        shutil.copy(ROOT / "kb_articles" / f"{name}.md", articles)
        shutil.copy(ROOT / "intents" / f"{name}.yaml", intents)
    learner = subprocess.Popen(
        [sys.executable, "-m", "bot.server.training", "en", str(tmp_path / "cache")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert learner.stdin is not None
    learner.stdin.write(as_line(content_in(articles, intents)))
    learner.stdin.flush()
    assert learner.wait(timeout=PATIENCE) == 0, learner.stderr.read() if learner.stderr else ""
    for pipe in (learner.stdin, learner.stderr):
        if pipe is not None:
            pipe.close()
    assert len(list((tmp_path / "cache").glob("*.npz"))) == 1


def test_the_learner_encodes_the_content_or_says_that_it_must_try_again(tmp_path: Path) -> None:
    articles, intents = tmp_path / "kb_articles", tmp_path / "intents"
    articles.mkdir()
    intents.mkdir()
    for name in ("wifi", "printer", "badge"):
        shutil.copy(ROOT / "kb_articles" / f"{name}.md", articles)
        shutil.copy(ROOT / "intents" / f"{name}.yaml", intents)
    with serving() as service:
        settings = {"FIRSTLINE_EMBEDDINGS": service.url, "FIRSTLINE_EMBEDDINGS_MODEL": MODEL}

        def learn(key: str) -> int:
            with subprocess.Popen(
                [sys.executable, "-m", "bot.server.training", "en", str(tmp_path / "cache")],
                cwd=ROOT,
                env=environment(tmp_path, settings | {"FIRSTLINE_EMBEDDINGS_KEY": key}),
                stdin=subprocess.PIPE,
            ) as learner:
                assert learner.stdin is not None
                learner.stdin.write(as_line(content_in(articles, intents)))
                learner.stdin.flush()
                return learner.wait(timeout=PATIENCE)

        assert learn("another") == LACKING
        assert len(list((tmp_path / "cache").glob("*.npz"))) == 1, "words were learned"
        assert service.batches == []
        assert learn(KEY) == 0
        assert any("printer" in text.lower() for batch in service.batches for text in batch)
        assert len(list((tmp_path / "cache" / "vectors").glob("*.npz"))) == 1
        asked = len(service.batches)
        assert learn(KEY) == 0
        assert len(service.batches) == asked, "every text is encoded once"
