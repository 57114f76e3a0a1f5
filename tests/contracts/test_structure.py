"""The shape of the code: how much lies in a folder, a module, a function; and what the tests share."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT

MOST_ENTRIES = 15  # files and folders in a folder
MOST_LOOSE_MODULES = 10  # modules beside packages
MOST_LINES = 400  # of a module
MOST_FUNCTION_LINES = 40
MOST_PARAMETERS = 8  # of a constructor, beside self

# Where each client of HTTP may be made, by the name of its class or of its module.
_HERE, _SLACK = ("bot/runtime/network/outgoing.py",), ("bot/channels/slack/client.py",)
CLIENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("ClientSession", "PoolManager", "ProxyManager", "requests"), _HERE),
    **dict.fromkeys(("AsyncWebClient", "SocketModeClient"), _SLACK),
    **dict.fromkeys(("WebClient", "AsyncWebhookClient", "WebhookClient", "urlopen"), ()),
    **dict.fromkeys(("http.client", "httpx", "urllib.request"), ()),
}

BOT, TESTS = ROOT / "bot", ROOT / "tests"
each_tree = pytest.mark.parametrize("tree", [BOT, TESTS], ids=["bot", "tests"])


# --- what breaks a bound, as sentences ----------------------------------------------------------------


def folders_of(tree: Path) -> Iterator[Path]:
    """A folder and all that are in it, without caches and hidden ones."""
    yield tree
    for path in sorted(tree.rglob("*")):
        if path.is_dir() and not any(map(is_ignored, path.relative_to(tree).parts)):
            yield path


def is_ignored(name: str) -> bool:
    """Whether nobody reads what is called so."""
    return name == "__pycache__" or name.startswith(".")


def modules_of(tree: Path) -> Iterator[tuple[str, Path, ast.Module]]:
    """Each module: its place for people, its path, and its syntax."""
    for folder in folders_of(tree):
        for path in sorted(folder.glob("*.py")):
            yield place(tree, path), path, ast.parse(path.read_text(encoding="utf-8"))


def place(tree: Path, path: Path) -> str:
    """A path as people name it."""
    return path.relative_to(tree.parent).as_posix()


def crowded_folders(tree: Path) -> Iterator[str]:
    for folder in folders_of(tree):
        entries = [one.name for one in folder.iterdir() if not is_ignored(one.name)]
        count = len(set(entries) - {"__init__.py"})
        if count > MOST_ENTRIES:
            yield (
                f"{place(tree, folder)} has {count} entries, and {MOST_ENTRIES} is the most: "
                "move those that belong together into a folder of their own."
            )


def mixed_folders(tree: Path) -> Iterator[str]:
    for folder in folders_of(tree):
        packages = [one.name for one in folder.iterdir() if (one / "__init__.py").exists()]
        loose = {path.name for path in folder.glob("*.py")} - {"__init__.py"}
        if packages and len(loose) > MOST_LOOSE_MODULES:
            yield (
                f"{place(tree, folder)} has {len(loose)} modules beside its packages, and "
                f"{MOST_LOOSE_MODULES} is the most: move modules into a package that says what they share."
            )


def long_modules(tree: Path) -> Iterator[str]:
    for name, path, _ in modules_of(tree):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            yield f"{name} has {lines} lines, and {MOST_LINES} is the most: split it by subject."


def long_functions(tree: Path) -> Iterator[str]:
    for name, _, syntax in modules_of(tree):
        for node in ast.walk(syntax):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_FUNCTION_LINES:
                    yield (
                        f"{name}:{node.lineno}: {node.name} has {lines} lines, and {MOST_FUNCTION_LINES} "
                        "is the most: give its parts functions with names of their own."
                    )


def long_constructors(tree: Path) -> Iterator[str]:
    for name, _, syntax in modules_of(tree):
        for owner in ast.walk(syntax):
            for node in owner.body if isinstance(owner, ast.ClassDef) else ():
                if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                    count = parameters(node)
                    if count > MOST_PARAMETERS:
                        assert isinstance(owner, ast.ClassDef)
                        yield (
                            f"{name}:{node.lineno}: {owner.name} is made from {count} things, and "
                            f"{MOST_PARAMETERS} is the most: split the class by what it does."
                        )


def parameters(constructor: ast.FunctionDef) -> int:
    """How many parameters there are beside self."""
    given = constructor.args
    stars = [one for one in (given.vararg, given.kwarg) if one is not None]
    return len([*given.posonlyargs, *given.args, *given.kwonlyargs, *stars]) - 1


def missing_package_files(tree: Path) -> Iterator[str]:
    for folder in folders_of(tree):
        holds_modules = any(not is_ignored(path.name) for path in folder.rglob("*.py"))
        if holds_modules and not (folder / "__init__.py").exists():
            yield f"{place(tree, folder)} has no __init__.py: add one, so that it is a package."


def missing_docstrings(tree: Path) -> Iterator[str]:
    for name, _, syntax in modules_of(tree):
        if not ast.get_docstring(syntax):
            yield f"{name} does not say what it is: begin it with a docstring of one sentence."


def imports_from_tests(tree: Path) -> Iterator[str]:
    for name, _, syntax in modules_of(tree):
        for node in ast.walk(syntax):
            for imported in imported_names(node):
                if any(part == "conftest" or part.startswith("test_") for part in imported.split(".")):
                    assert isinstance(node, ast.stmt)
                    yield (
                        f"{name}:{node.lineno}: {imported} comes from a test module or a conftest: "
                        "move what is shared into tests/support, a fixture into a common conftest."
                    )


def imported_names(node: ast.AST) -> Iterator[str]:
    """What a statement imports from the tests, with the module it comes from; other packages are left out."""
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names if one.name.partition(".")[0] == "tests")
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        if node.level or module.partition(".")[0] == "tests":
            yield from (f"{module}.{one.name}" for one in node.names)


def clients_of_http(tree: Path) -> Iterator[str]:
    for name, _, syntax in modules_of(tree):
        for node in ast.walk(syntax):
            for made in made_by(node):
                if name not in CLIENTS[made]:
                    assert isinstance(node, ast.expr | ast.stmt)
                    yield (
                        f"{name}:{node.lineno}: {made} would know no proxy: take a session or a pool of "
                        "bot/runtime/network/outgoing.py, or a client of bot/channels/slack/client.py."
                    )


def made_by(node: ast.AST) -> Iterator[str]:
    """The clients of HTTP that a piece of code makes, or brings in whole."""
    if isinstance(node, ast.Call):
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        yield from {name} & set(CLIENTS)
    elif isinstance(node, ast.Import):
        yield from {one.name for one in node.names} & set(CLIENTS)
    elif isinstance(node, ast.ImportFrom):
        named = {node.module or "", *(f"{node.module}.{one.name}" for one in node.names)}
        yield from sorted(named & set(CLIENTS))


# --- the bounds ---------------------------------------------------------------------------------------


def assert_none(sentences: Iterator[str]) -> None:
    """Nothing breaks the bound; otherwise every breach is told."""
    if found := list(sentences):
        pytest.fail("\n".join(found), pytrace=False)


@each_tree
def test_a_folder_is_taken_in_at_a_glance(tree: Path) -> None:
    assert_none(crowded_folders(tree))


@each_tree
def test_beside_packages_lie_few_modules(tree: Path) -> None:
    assert_none(mixed_folders(tree))


@each_tree
def test_a_module_is_read_in_one_sitting(tree: Path) -> None:
    assert_none(long_modules(tree))


def test_a_function_does_one_thing() -> None:
    assert_none(long_functions(BOT))


def test_a_class_is_made_from_few_things() -> None:
    assert_none(long_constructors(BOT))


@each_tree
def test_every_folder_of_modules_is_a_package(tree: Path) -> None:
    assert_none(missing_package_files(tree))


def test_every_module_says_what_it_is() -> None:
    assert_none(missing_docstrings(BOT))


def test_every_client_of_http_knows_the_proxy() -> None:
    assert_none(clients_of_http(BOT))


def test_nothing_is_imported_from_test_modules() -> None:
    assert_none(imports_from_tests(TESTS))


# --- that a breach is seen ----------------------------------------------------------------------------


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A tree that breaks every bound in a place of its own."""
    tree = tmp_path / "tests"
    for folder in ("crowded", "mixed/package", "bare", "__pycache__"):
        (tree / folder).mkdir(parents=True)
    for package in (".", "crowded", "mixed", "mixed/package"):
        (tree / package / "__init__.py").write_text('"""A package."""\n')
    for number in range(MOST_ENTRIES + 1):
        (tree / "crowded" / f"entry{number}.txt").touch()
        (tree / "__pycache__" / f"cached{number}.pyc").touch()
    for number in range(MOST_LOOSE_MODULES + 1):
        (tree / "mixed" / f"module{number}.py").write_text('"""A module."""\n')
    (tree / "bare" / "silent.py").write_text("silent = True\n")
    (tree / "long.py").write_text('"""A long one."""\n' + "x = 1\n" * MOST_LINES)
    given = ", ".join(f"part{number}" for number in range(MOST_PARAMETERS + 1))
    (tree / "functions.py").write_text(
        '"""A long function, and a class that is made from much."""\n\n'
        "def long():\n" + "    print()\n" * MOST_FUNCTION_LINES + "\n"
        f"class Much:\n    def __init__(self, {given}):\n        pass\n"
    )
    (tree / "imports.py").write_text(
        '"""Imports of every kind."""\n\n'
        "import aiohttp.test_utils\nfrom aiohttp.test_utils import TestClient\n"
        "import tests.desk.test_menu\nfrom tests.conftest import Clock\nfrom .test_menu import do\n"
        "from tests.desk import conftest\nfrom tests.support.clock import START\n"
    )
    (tree / "clients.py").write_text(
        '"""Clients of every kind."""\n\n'
        "import aiohttp\nimport httpx\nfrom urllib import request\nfrom urllib.request import urlopen\n\n"
        "session: aiohttp.ClientSession = aiohttp.ClientSession()\nurlopen(session)\n"
    )
    return tree


@pytest.mark.parametrize(
    ("check", "found"),
    [
        (crowded_folders, ["tests/crowded has 16 entries"]),
        (mixed_folders, ["tests/mixed has 11 modules"]),
        (long_modules, ["tests/long.py has 401 lines"]),
        (long_functions, ["tests/functions.py:3: long has 41 lines"]),
        (long_constructors, ["tests/functions.py:46: Much is made from 9 things"]),
        (missing_package_files, ["tests/bare has no __init__.py"]),
        (missing_docstrings, ["tests/bare/silent.py does not say"]),
        (
            clients_of_http,
            [
                "tests/clients.py:4: httpx would",
                "tests/clients.py:5: urllib.request would",
                "tests/clients.py:6: urllib.request would",
                "tests/clients.py:8: ClientSession would",
                "tests/clients.py:9: urlopen would",
            ],
        ),
        (
            imports_from_tests,
            [
                "tests/imports.py:5: tests.desk.test_menu comes",
                "tests/imports.py:6: tests.conftest.Clock comes",
                "tests/imports.py:7: test_menu.do comes",
                "tests/imports.py:8: tests.desk.conftest comes",
            ],
        ),
    ],
)
def test_a_breach_is_seen_and_named(
    planted: Path, check: Callable[[Path], Iterator[str]], found: list[str]
) -> None:
    sentences = list(check(planted))
    assert len(sentences) == len(found)
    for sentence, beginning in zip(sentences, found, strict=True):
        assert sentence.startswith(beginning)
