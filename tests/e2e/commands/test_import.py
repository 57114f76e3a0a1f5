"""`firstline import` and a question, as people run them."""

import json
from pathlib import Path

from tests.support.e2e.commands import good, run
from tests.support.evaluation.imports import written


def test_what_was_imported_is_found(tmp_path: Path) -> None:
    pages = {
        "reset.md": "# Resetting the desk lamp\n\n1. Press the knob for a while.\n2. Wait until it is on.\n",
        "chair.md": "# Adjusting a chair\n\nTurn the lever on the left side and sit down slowly.\n",
    }
    written(tmp_path / "wiki", pages)
    good(tmp_path, "import", "wiki", "--articles", "kb", "--yes")
    folders = ("--articles", "kb", "--intents", "wiki")
    answer = json.loads(good(tmp_path, "ask", "--json", "how do I reset the desk lamp", *folders))

    assert answer["ranked"][0][0] == "reset"


def test_init_import_and_check_speak_spanish_from_the_first_line_to_the_last(tmp_path: Path) -> None:
    spanish = {"LANG": "es_ES.UTF-8"}
    refusal = run(tmp_path, "init", "--yes", "--public-url", "http://x", **spanish)
    assert "Las opciones no son válidas" in refusal.stderr
    assert "debe empezar por https://" in refusal.stderr
    good(tmp_path, "init", "--yes", **spanish)
    pages = {
        "silla.md": "# Ajustar una silla\n\nGira la palanca.\n",
        "borrador.md": "---\ndraft: true\n---\nX\n",
    }
    written(tmp_path / "wiki", pages)
    shown = good(tmp_path, "import", "wiki", "--yes")  # the language is in the .env by now
    assert shown.splitlines()[0].split() == ["artículo", "leng.", "título", "notas"]
    assert "Sin importar:\n  borrador.md: es un borrador" in shown
    assert "1 artículos de 1 archivos (1 es): 1 nuevos." in shown
    assert "archivos escritos en" in shown
    (tmp_path / "kb_articles" / "roto.md").write_text("---\ntitel: A\n---\nB\n")
    checked = run(tmp_path, "check").stdout
    assert "roto.md:2: error: no se conoce la clave «titel»; ¿querías decir «title»?" in checked
    assert checked.splitlines()[-1].endswith("2 errores, 0 avisos.")
