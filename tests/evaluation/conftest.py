from pathlib import Path

import pytest

from tests.support.evaluation.commands import EXAMPLES, QUESTIONS, intent, write


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with content and questions, where the command runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "kb_articles").mkdir()
    (tmp_path / "intents").mkdir()
    for name, examples in EXAMPLES.items():
        (tmp_path / "kb_articles" / f"{name}.md").write_text(f"---\ntitle: About {name}\n---\n\nAsk.\n")
        intent(tmp_path, name, examples)
    write(tmp_path, QUESTIONS)
    return tmp_path
