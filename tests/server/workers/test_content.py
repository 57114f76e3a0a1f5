"""The loop that lets another process learn: what it lacked is tried again, what failed is not."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.desk.knowledge.library import Library
from bot.server.cache import cache_fault
from bot.server.content import learner, learning, library_of
from bot.server.monitoring.metrics import Metrics
from bot.server.settings import Settings
from bot.server.training import LACKING
from bot.server.workers.content import NOT_KEPT, ContentWorker
from tests.support.e2e.running import until
from tests.support.matching.embedding_service import KEY, MODEL, Service, serving
from tests.support.matching.tiny_model import TinyEncoder, content
from tests.support.patience import PATIENCE

# Notes each start, reads the content, and ends with the next of the codes that it was given.
LEARNER = """
import pathlib, sys
starts = pathlib.Path(sys.argv[1])
sys.stdin.buffer.readline()
starts.write_text(starts.read_text() + "x")
sys.exit(int(sys.argv[2:][len(starts.read_text()) - 1]))
"""


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as found:
        tiny = TinyEncoder()
        found.vectors = lambda texts: tiny.encode(texts).tolist()
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "intents").mkdir()
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "garden.md").write_text("---\ntitle: Water the garden\n---\nAt dawn.\n")
    for name, intent in content().intents.items():
        data = {"intent": name, "reply": dict(intent.reply or {}), "examples": {"en": intent.examples["en"]}}
        (tmp_path / "intents" / f"{name}.yaml").write_text(json.dumps(data))  # JSON is YAML
    return tmp_path


def settings_of(folder: Path) -> Settings:
    return Settings(articles=folder / "kb", intents=folder / "intents", cache=str(folder / "cache"))


def loaded(settings: Settings) -> Library:
    library = library_of(settings, at_once=True)
    assert library.load(), library.errors
    return library


async def test_words_are_learned_at_once_and_meaning_when_the_service_is_back(
    folder: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"embeddings": service.url, "embeddings_model": MODEL, "embeddings_key": KEY}
    for name, value in given.items():  # the learner has them from the environment
        monkeypatch.setenv(f"FIRSTLINE_{name.upper()}", value)
    settings = settings_of(folder)
    library = loaded(settings)
    assert library.snapshot.matcher.provisional
    service.trouble = [403]  # nothing that is waited for
    loop = asyncio.create_task(ContentWorker(library, learning(settings), Metrics(), pause=0.0).run())
    await until(lambda: not library.snapshot.matcher.provisional, "the matcher of words")
    await until(lambda: not library.snapshot.matcher.lacking, "the matcher with meaning")
    loop.cancel()
    assert service.trouble == []
    assert "meaning" in library.snapshot.matcher.version


async def test_who_learns_from_the_traffic_is_told_of_another_matcher(folder: Path) -> None:
    settings, told = settings_of(folder), asyncio.Event()
    library = loaded(settings)
    worker = ContentWorker(library, learning(settings), Metrics(), renewed=told.set)
    loop = asyncio.create_task(worker.run())
    await asyncio.wait_for(told.wait(), PATIENCE)
    loop.cancel()
    assert not library.snapshot.matcher.provisional


@pytest.mark.parametrize(
    ("codes", "starts"), [((LACKING, LACKING, 0, 0), 3), ((0, 0), 1), ((1, 0), 1), ((LACKING, 1, 0), 2)]
)
async def test_only_what_was_lacking_is_tried_again(
    folder: Path, codes: tuple[int, ...], starts: int
) -> None:
    noted = folder / "starts"
    noted.write_text("")
    command = [sys.executable, "-c", LEARNER, str(noted), *map(str, codes)]
    library = loaded(settings_of(folder))
    loop = ContentWorker(library, command, Metrics(), pause=0.0)
    await asyncio.wait_for(loop._learn(), PATIENCE)
    assert noted.read_text() == "x" * starts
    assert library.snapshot.matcher.provisional, "nothing was really learned"


async def test_what_cannot_be_kept_is_learned_here(folder: Path) -> None:
    settings = settings_of(folder)
    library, metrics = loaded(settings), Metrics()
    command = [sys.executable, "-c", LEARNER, str(folder / "starts"), "0"]
    (folder / "starts").write_text("")
    worker = ContentWorker(library, command, metrics, learner=learner(settings))
    assert (worker.trouble, value_of(metrics)) == ("", 0)
    await asyncio.wait_for(worker._learn(), PATIENCE)
    assert not library.snapshot.matcher.provisional
    assert (worker.trouble, value_of(metrics)) == (NOT_KEPT, 1)


async def test_without_a_folder_everything_is_learned_here_and_with_none_wanted_nothing(folder: Path) -> None:
    for cache, provisional in (("off", True), (str(folder / "kb" / "file"), False)):
        (folder / "kb" / "file").touch()
        settings = settings_of(folder).model_copy(update={"cache": cache})
        library = loaded(settings)
        fault = cache_fault(settings)
        worker = ContentWorker(
            library, learning(settings), Metrics(), learner=learner(settings), trouble=fault
        )
        await asyncio.wait_for(worker._learn(), PATIENCE)
        assert library.snapshot.matcher.provisional is provisional
        assert bool(worker.trouble) is not provisional


def value_of(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("firstline_cache_unwritable")
