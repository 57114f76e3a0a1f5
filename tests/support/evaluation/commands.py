"""A small desk in a folder, where `firstline evaluate` and `firstline tune` run."""

import json
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner, Result

from bot.cli.main import app

EXAMPLES = {
    "vpn": [
        "the vpn is down",
        "cannot connect to the vpn",
        "vpn keeps dropping",
        "tunnel to the office fails",
    ],
    "printer": ["printer is offline", "paper jam in the printer", "cannot print my pages", "toner is empty"],
    "password": ["i forgot my password", "reset my password", "my password expired", "cannot log in"],
    "wifi": ["the wifi is slow", "no wifi in the office", "wifi asks for a code", "wireless drops"],
}
QUESTIONS: list[dict[str, Any]] = [
    {"text": "the vpn is down again", "expected": "vpn", "lang": "en"},
    {"text": "paper jam in my printer", "expected": "printer", "lang": "en"},
    {"text": "please reset my password", "expected": "password", "lang": "en"},
    {"text": "[bold]who waters the plants[/bold] \u001b[2J", "expected": None, "lang": "en"},
]


def intent(folder: Path, name: str, examples: list[str]) -> None:
    """Write the intent of an article."""
    data = {"intent": f"i-{name}", "article": name, "examples": {"en": examples}}
    (folder / "intents" / f"{name}.yaml").write_text(yaml.safe_dump(data))


def write(folder: Path, questions: list[dict[str, Any]]) -> None:
    """Write the file of questions."""
    lines = [json.dumps(question) for question in questions]
    (folder / "q.jsonl").write_text("\n".join(lines))


def run(*words: str) -> Result:
    """Run `firstline ...` in this process."""
    return CliRunner().invoke(app, [*words])


def many(folder: Path) -> None:
    """Write many questions: sure from the start, so that thresholds far above are too careful."""
    questions = [
        {"text": f"{text} today {place}", "expected": name}
        for name, texts in EXAMPLES.items()
        for text in texts
        for place in range(4)
    ]
    nowhere = [{"text": f"who waters plant {place} in the canteen", "expected": None} for place in range(40)]
    write(folder, questions + nowhere)
