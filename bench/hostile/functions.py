"""Finds the functions that people's texts go through, and the patterns by which texts are read.

Those of one text are found by introspection, as are the patterns of every module; `bench.hostile.paths` has
those that take more, and the ways that a text goes as a whole.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import bot

Function = Callable[[str], object]
# Where no text of a person comes: the operator's commands, settings and content.
NO_TEXTS: tuple[str, ...] = (
    "bot.__main__",
    "bot.cli",
    "bot.evaluation",
    "bot.knowledge",
    "bot.runtime",
    "bot.storage",
)
NO_TEXTS += ("bot.server", "bot.domain.words", "bot.backends", "bot.matching.calibration")
NO_TEXTS += ("bot.wording.mistakes",)
NO_TEXTS += ("bot.matching.encoders", "bot.matching.embeddings", "bot.channels.teams.manifest")
# These look at one word of a text, or at one place in it; `mask` leads a text through them.
NO_TEXTS += ("bot.domain.secrets.values", "bot.domain.secrets.codes", "bot.domain.secrets.passwords")
NO_TEXTS += ("bot.channels.slack.installation", "bot.domain.knowledge", "bot.matching.index")
SETTINGS = re.compile(r"\.settings$|\.accounts$|\.diagnosis(\.|$)|\.examination$")
# What reads the articles of the operator alone: Markdown in them is parsed by a library that is not linear.
ARTICLES = frozenset(
    {
        "bot.channels.teams.outbound.markdown.elements",
        "bot.channels.teams.outbound.markdown.plain",
        "bot.channels.web.markdown.render",
    }
)
TEXT = frozenset({"text", "markup", "plain", "reply", "title", "label", "word"})  # names of parameters
_AT_ONE_PLACE = {"match", "fullmatch"}
_METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")


def functions() -> dict[str, Function]:
    """Functions of one text and patterns, by the name under which they stand in the code."""
    return {**dict(_found()), **dict(_patterns())}


def with_more() -> set[str]:
    """The names of functions that take a text, and cannot do without something else."""
    return {name for name, function in _own() if _texts_of(function) and len(_needed(function)) > 1}


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(bot.__path__, "bot."):
        if not found.name.startswith(NO_TEXTS) and not SETTINGS.search(found.name):
            yield importlib.import_module(found.name)


def _own() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions of all modules that others may call."""
    for module in _modules():
        for name, value in vars(module).items():
            if not callable(value) or name.startswith("_"):
                continue
            plain = inspect.unwrap(value)
            if inspect.isfunction(plain) and plain.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", plain


def _needed(function: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()
    return [one for one in parameters if one.default is one.empty and one.kind is not one.VAR_KEYWORD]


def _texts_of(function: Callable[..., Any]) -> list[str]:
    if inspect.iscoroutinefunction(function):
        return []
    return [one.name for one in _needed(function) if one.annotation is str and one.name in TEXT]


def _found() -> Iterator[tuple[str, Function]]:
    for name, function in _own():
        needed = _needed(function)
        # What gives nothing back changes the process, by settings: it would change what is tried after it.
        changes = inspect.signature(function).return_annotation is None
        one = len(needed) == 1 and needed[0].annotation is str and not changes
        if one and name not in ARTICLES and not inspect.iscoroutinefunction(function):
            yield name, _consumed(function)


def _consumed(function: Callable[[str], Any]) -> Function:
    def run(text: str) -> object:
        found = function(text)
        return list(found) if isinstance(found, Iterator) else found

    return run


def searched() -> dict[str, re.Pattern[str]]:
    """The patterns that are looked for at every place of a text, by name."""
    named = {
        name: pattern for name, pattern, used in _every_pattern() if not used or not used <= _AT_ONE_PLACE
    }
    return named | dict(_inline())


def _patterns() -> Iterator[tuple[str, Function]]:
    return ((name, _runner(pattern, used)) for name, pattern, used in _every_pattern())


def _every_pattern() -> Iterator[tuple[str, re.Pattern[str], set[str]]]:
    for module in _modules():
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            for key, pattern in _named(name, value):
                used = {method for method in _METHODS if re.search(rf"\b{name}\.{method}\b", source)}
                yield f"{module.__name__}.{key}", pattern, used


def _inline() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns that have no name: `re.sub("...", ...)`, by module and line."""
    for module in _modules():
        for call in ast.walk(ast.parse(inspect.getsource(module))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
                continue
            everywhere = call.func.attr in _METHODS and call.func.attr not in _AT_ONE_PLACE
            of, pattern = ast.unparse(call.func.value), call.args[0]
            if of == "re" and everywhere and isinstance(pattern, ast.Constant):
                yield f"{module.__name__}:{call.lineno}", re.compile(str(pattern.value))


def _named(name: str, value: object) -> Iterator[tuple[str, re.Pattern[str]]]:
    several = enumerate(value) if isinstance(value, tuple) else ()
    named = value.items() if isinstance(value, dict) else ()
    for key, one in ((name, value), *((f"{name}[{at}]", one) for at, one in (*several, *named))):
        if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
            yield key, one


def _runner(pattern: re.Pattern[str], used: set[str]) -> Function:
    if used == {"fullmatch"}:
        return pattern.fullmatch
    if used and used <= _AT_ONE_PLACE:
        return pattern.match
    return lambda text: sum(1 for _ in pattern.finditer(text))
