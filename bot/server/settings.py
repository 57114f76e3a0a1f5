"""Reads the environment once into one frozen object, and tells every mistake at once."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.conversations.short_replies import ShortReplies
from bot.domain.errors import SettingsInvalid, WordsInvalid
from bot.domain.knowledge.decision import Tolerance
from bot.domain.people import Identity
from bot.runtime.outgoing import Proxies

PREFIX = "FIRSTLINE_"
Model = TypeVar("Model", bound=BaseSettings)


class Settings(BaseSettings):
    """What the core reads; each channel has its own settings beside its code."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str = "sqlite:///firstline.db"
    articles: Path = Path("kb_articles")
    intents: Path = Path("intents")
    questions: Path | None = None
    replies: Path = Path("replies")
    queues: str = ""
    language: Literal["en", "es"] = "en"
    public_url: str = ""
    engineers: str = ""
    host: str = "127.0.0.1"
    port: int = 3978
    max_wrong: float = Field(default=0.05, ge=0, le=1)
    answer_from: float | None = Field(default=None, ge=0, le=1)
    choose_from: float | None = Field(default=None, ge=0, le=1)
    unanswered: float | None = Field(default=None, ge=0, le=0.99)
    certainty: float | None = Field(default=None, ge=0.5, lt=1)
    largest_file: float = Field(default=10, ge=0, le=100)  # MB
    roster_minutes: float = Field(default=5, gt=0, le=1440)
    shadow: str = ""
    offer_tickets: bool = True
    words: Path | None = None
    reopen_days: float = Field(default=14, ge=0, le=3650)
    keep_posts_days: float = Field(default=365, ge=0, le=36500)
    metrics_token: str = ""
    alerts_start_outages: bool = False
    cache: str = ""
    embeddings: str = ""
    embeddings_model: str = ""
    embeddings_key: SecretStr = SecretStr("")
    embeddings_seconds: float = Field(default=1.0, gt=0, le=2)
    log_format: Literal["console", "json"] = "console"

    @field_validator("host")
    @classmethod
    def _one_host(cls, value: str) -> str:
        host = value.strip()
        if host.startswith("[") and host.endswith("]"):  # as an address of IPv6 stands in a URL
            host = host[1:-1]
        if not re.fullmatch(r"[^\s/\[\]]{1,255}", host) or host.startswith("-"):
            raise ValueError(
                "this is no address to listen on; name one of this machine, such as 127.0.0.1, ::1 or 0.0.0.0"
            )
        return host

    @field_validator("port", mode="before")
    @classmethod
    def _one_port(cls, value: object) -> object:
        if not re.fullmatch(r"[0-9]{1,5}", str(value).strip()) or not 1 <= int(str(value)) <= 65535:
            raise ValueError("must be a number from 1 to 65535")
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// (or http:// on this machine)")
        if value and not _is_address(value):
            raise ValueError("this is no web address; write one such as https://help.example.com")
        return value.rstrip("/")

    @field_validator("answer_from", "choose_from", "certainty", "questions", "words", mode="before")
    @classmethod
    def _nothing_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("keep_posts_days")
    @classmethod
    def _long_kept(cls, value: float) -> float:
        if 0 < value < 30:
            raise ValueError("must be at least 30 days, or 0 to keep all posts")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 16:
            raise ValueError("must have at least 16 characters; make one with `openssl rand -hex 16`")
        return value

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> "Settings":
        answer, choose = self.answer_from, self.choose_from
        if answer is not None and choose is not None and choose > answer:
            raise ValueError("FIRSTLINE_CHOOSE_FROM must not be above FIRSTLINE_ANSWER_FROM")
        return self

    @field_validator("words")
    @classmethod
    def _readable_words(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                _short_replies(value)
            except (OSError, UnicodeError, WordsInvalid) as error:
                raise ValueError(f"{error} (a TOML file with a list such as [assent] is expected)") from error
        return value

    @property
    def short_replies(self) -> ShortReplies:
        """The short replies that are known, the operator's own among them."""
        return _short_replies(self.words) if self.words is not None else ShortReplies()

    @property
    def tolerance(self) -> Tolerance:
        """What the thresholds follow from."""
        return Tolerance(self.max_wrong, self.answer_from, self.choose_from, self.certainty)

    @property
    def largest_file_bytes(self) -> int:
        """How many bytes a file may have that is passed on."""
        return int(self.largest_file * 1024**2)

    @property
    def listed_engineers(self) -> tuple[Identity, ...]:
        """The identities of FIRSTLINE_ENGINEERS."""
        entries = self.engineers.replace(",", " ").split()
        return tuple(Identity.parse(entry) for entry in entries)

    @property
    def shadowed(self) -> frozenset[str]:
        """The channels in which the bot decides and says nothing; `all` for every one."""
        return frozenset(self.shadow.lower().replace(",", " ").split())

    @property
    def content_given(self) -> bool:
        """Whether the operator said where the content is."""
        return bool(self.model_fields_set & {"articles", "intents"})


def _short_replies(path: Path) -> ShortReplies:
    return ShortReplies.with_own(path.read_text("utf-8-sig"), str(path))


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and not re.search(r"[\s\x00-\x1f]", url)
    except ValueError:
        return False


def read_core(mistakes: list[str], **options: object) -> Settings | None:
    """Read what the core needs of the environment, proxies and the database's address included.

    What is wrong goes to `mistakes`; `options` of the command line win over settings of their name.
    """
    from bot.storage import mistake_in  # the learner reads settings, and needs no database

    settings = read(Settings, mistakes, **options)
    proxies = read(Proxies, mistakes)
    mistakes += proxies.mistakes() if proxies is not None else []
    wrong_url = mistake_in(settings.database_url) if settings is not None else None
    mistakes += [wrong_url] if wrong_url is not None else []
    return settings


def read(model: type[Model], mistakes: list[str], **options: object) -> Model | None:
    """Read one settings model; what is wrong goes to `mistakes`, each with its setting's name."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    try:
        return model(**given)
    except ValidationError as error:
        prefix = str(model.model_config.get("env_prefix") or "")
        for problem in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in problem["loc"])
            setting = f"--{name}" if name in given else f"{prefix}{name}".upper() if name else ""
            message = problem["msg"].removeprefix("Value error, ")
            mistakes.append(f"{setting}: {message}." if setting else f"{message}.")
        return None


def unknown(known: Sequence[str]) -> list[str]:
    """Names in the environment that look like ours and are not: a misspelt setting."""
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def env_names(model: type[BaseSettings]) -> list[str]:
    """The environment names that a settings model reads."""
    prefix = str(model.model_config.get("env_prefix") or "")
    names = []
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            alias = str(alias.choices[0])
        names.append((alias if isinstance(alias, str) else f"{prefix}{name}").upper())
    return names


def complain(mistakes: Sequence[str]) -> None:
    """Raise with every mistake, or return when there is none."""
    if mistakes:
        lines = "\n".join(f"  - {mistake}" for mistake in mistakes)
        raise SettingsInvalid(f"The settings are not valid. Correct these and start again:\n{lines}")
