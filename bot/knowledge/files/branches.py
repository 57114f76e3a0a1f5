"""Commits files on a branch of their own in a git checkout; nothing else of the checkout changes."""

import os
import subprocess  # git has no library here
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.domain.errors import ArticleNotWritten
from bot.knowledge.files.text_files import shown

PREFIX = "drafts/"
_SECONDS = 60
_AUTHOR = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "Firstline"), ("EMAIL", "firstline@localhost"))
}


def commit_on_branch(name: str, message: str, files: Mapping[Path, str | None], *, over: bool = False) -> str:
    """Commit files on a new branch that begins at the checkout's commit; return the branch's name.

    They are new, or with `over` stand in the place of what is there; None takes a file away. Nothing is
    pushed, and no hook is run. Raises `ArticleNotWritten` where the folders are in no checkout, or are in
    two, or the branch or a file is there already.
    """
    folders = {_nearest(path) for path in files}
    tops = {_git(folder, "rev-parse", "--show-toplevel") for folder in folders}
    if len(tops) != 1:
        raise ArticleNotWritten(
            "The folders of articles and intents are in two git checkouts; write files instead."
        )
    top = Path(tops.pop())
    branch, before = f"{PREFIX}{name}", _git(top, "rev-parse", "--verify", "HEAD^{commit}")
    with tempfile.TemporaryDirectory(prefix="firstline-") as temporary:
        index = {"GIT_INDEX_FILE": str(Path(temporary) / "index")}
        _git(top, "read-tree", before, **index)
        for path, text in files.items():
            place = path.absolute().resolve().relative_to(top.resolve()).as_posix()
            if text is None:
                _git(top, "update-index", "--force-remove", "--", place, **index)
                continue
            there = _git(top, "ls-files", "--cached", "--", f":(literal){place}", **index) or path.exists()
            if there and not over:
                raise ArticleNotWritten(
                    f"{shown(path)} is there already, and stays as it is; rename the draft."
                )
            blob = _git(top, "hash-object", "-w", "--stdin", given=text)
            _git(top, "update-index", "--add", "--cacheinfo", f"100644,{blob},{place}", **index)
        tree = _git(top, "write-tree", **index)
    commit = _git(top, "commit-tree", tree, "-p", before, "-m", message, **_AUTHOR)
    # Forty zeros: only where there is no such branch yet.
    _git(top, "update-ref", f"refs/heads/{branch}", commit, "0" * len(commit))
    return branch


def is_checkout(folder: Path) -> bool:
    """Tell whether a folder is in a git checkout that has a commit and does not ignore it."""
    try:
        _git(folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except ArticleNotWritten:
        return False
    try:
        _git(folder, "check-ignore", "--quiet", "--", str(folder.absolute()))
    except ArticleNotWritten:
        return True
    return False


def _nearest(path: Path) -> Path:
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def _git(folder: Path, *arguments: str, given: str | None = None, **more: str) -> str:
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", str(folder), *arguments]
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  # no shell; names of branches are ids
            command, input=given, capture_output=True, check=False, text=True, encoding="utf-8",
            timeout=_SECONDS, env={**own, **more},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ArticleNotWritten(f"git could not be run in {shown(folder)}; nothing was written.") from error
    if done.returncode:
        reason = " ".join(done.stderr.split())[:300] or "it gave no reason"
        raise ArticleNotWritten(
            f"{shown(folder)}: git {arguments[0]} failed, and no branch was made: {reason}. Put the "
            "content under git, remove a branch of that name, or write files instead."
        )
    return done.stdout.strip()
