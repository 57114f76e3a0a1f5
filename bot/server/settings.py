"""Reads the environment once into one frozen object, and tells every mistake at once."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.brand import MOST_BYTES, Brand, fault_in_colour, fault_in_logo, fault_in_name, fault_in_prefix
from bot.domain.conversations.short_replies import ShortReplies
from bot.domain.errors import SettingsInvalid, WordsInvalid
from bot.domain.knowledge.decision import Tolerance
from bot.domain.people import Identity
from bot.runtime.network.addresses import TrustedProxies
from bot.runtime.network.loopback import is_loopback
from bot.runtime.network.outgoing import Proxies
from bot.runtime.secret_files import named, read_files

PREFIX = "FIRSTLINE_"
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)+")
_NOT_VALID = "The settings are not valid. Correct these and start again"
NOT_UTF_8 = ".env: this is not UTF-8; save the file as UTF-8."
LONGEST_LINE = 200  # characters of a greeting or a placeholder
FAULTS: Mapping[str, Callable[[str], str]] = {
    "name": fault_in_name,
    "ticket_prefix": fault_in_prefix,
    "colour": partial(fault_in_colour, dark=False),
    "colour_dark": partial(fault_in_colour, dark=True),
}
Model = TypeVar("Model", bound=BaseSettings)


class Settings(BaseSettings):
    """What the core reads; each channel has its own settings beside its code."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: str = Field(default="sqlite:///firstline.db", repr=False)
    articles: Path = Path("kb_articles")
    intents: Path = Path("intents")
    questions: Path | None = None
    replies: Path = Path("replies")
    drafts: Literal["", "files", "branch", "download"] = ""
    queues: str = ""
    language: Literal["en", "es"] = "en"
    public_url: str = ""
    engineers: str = ""
    host: str = "127.0.0.1"
    port: int = 3978
    trusted_proxies: str = "127.0.0.0/8 ::1"
    max_wrong: float = Field(default=0.05, ge=0, le=1)
    answer_from: float | None = Field(default=None, ge=0, le=1)
    choose_from: float | None = Field(default=None, ge=0, le=1)
    unanswered: float | None = Field(default=None, ge=0, le=0.99)
    certainty: float | None = Field(default=None, ge=0.5, lt=1)
    largest_file: float = Field(default=10, ge=0, le=100)  # MB
    join_email_domains: str = ""
    roster_minutes: float = Field(default=5, gt=0, le=1440)
    shadow: str = ""
    offer_tickets: bool = True
    tell_wait: bool = True
    tell_owners: bool = True
    weekly_digest: bool = False
    words: Path | None = None
    reopen_days: float = Field(default=14, ge=0, le=3650)
    keep_posts_days: float = Field(default=365, ge=0, le=36500)
    keep_texts_days: float = Field(default=0, ge=0, le=36500)
    keep_events_days: float = Field(default=0, ge=0, le=36500)
    keep_tickets_days: float = Field(default=0, ge=0, le=36500)
    metrics_token: str = Field(default="", repr=False)
    alerts_start_outages: bool = False
    cache: str = ""
    embeddings: str = ""
    embeddings_model: str = ""
    embeddings_key: SecretStr = SecretStr("")
    embeddings_seconds: float = Field(default=1.0, gt=0, le=2)
    traces: bool = False
    log_format: Literal["console", "json"] = "console"
    name: str = "Firstline"
    colour: str = ""
    colour_dark: str = ""
    logo: Path | None = None
    ticket_prefix: str = "HELP"
    greeting_en: str = ""
    greeting_es: str = ""
    placeholder_en: str = ""
    placeholder_es: str = ""

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

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        TrustedProxies.parse(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if fault := fault_in_address(value):
            raise ValueError(fault)
        return value.rstrip("/")

    @field_validator("answer_from", "choose_from", "certainty", "questions", "words", "logo", mode="before")
    @classmethod
    def _nothing_is_unset(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("keep_posts_days", "keep_texts_days", "keep_events_days", "keep_tickets_days")
    @classmethod
    def _long_kept(cls, value: float) -> float:
        if 0 < value < 30:
            raise ValueError("must be at least 30 days, or 0 to keep all")
        return value

    @field_validator("join_email_domains")
    @classmethod
    def _domains(cls, value: str) -> str:
        wrong = [name for name in _words(value) if not _DOMAIN.fullmatch(name)]
        if wrong:
            raise ValueError(
                f"{wrong[0]!r} is no domain; write those of your own addresses, such as example.com"
            )
        return value

    @field_validator("name", "ticket_prefix", "colour", "colour_dark")
    @classmethod
    def _of_a_brand(cls, value: str, info: ValidationInfo) -> str:
        value, name = value.strip(), info.field_name or ""
        if value and (fault := FAULTS[name](value)):
            raise ValueError(fault)
        return value or str(cls.model_fields[name].default)

    @field_validator("greeting_en", "greeting_es", "placeholder_en", "placeholder_es")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if len(value) > LONGEST_LINE or not value.isprintable() or set("{}") & set(value):
            raise ValueError(f"must be one line of up to {LONGEST_LINE} characters, without braces")
        return value.strip()

    @field_validator("logo")
    @classmethod
    def _a_logo(cls, value: Path | None) -> Path | None:
        if value is not None and (fault := fault_in_logo(_read_logo(value))):
            raise ValueError(fault)
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
            except WordsInvalid as error:
                raise ValueError(str(error).rstrip(".")) from error
        return value

    @property
    def short_replies(self) -> ShortReplies:
        """The short replies that are known, the operator's own among them."""
        return _short_replies(self.words) if self.words is not None else ShortReplies()

    @cached_property
    def proxies(self) -> TrustedProxies:
        """The proxies that are believed where a request comes from."""
        return TrustedProxies.parse(self.trusted_proxies)

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
    def joining_domains(self) -> frozenset[str]:
        """The domains of addresses by which accounts are joined; none where they are not."""
        return frozenset(_words(self.join_email_domains))

    @property
    def shadowed(self) -> frozenset[str]:
        """The channels in which the bot decides and says nothing; `all` for every one."""
        return frozenset(self.shadow.lower().replace(",", " ").split())

    @cached_property
    def brand(self) -> Brand:
        """What people see the help desk as."""
        return Brand(
            self.name,
            self.colour,
            self.colour_dark,
            _read_logo(self.logo) if self.logo is not None else b"",
            self.ticket_prefix,
            greeting=_by_language(en=self.greeting_en, es=self.greeting_es),
            placeholder=_by_language(en=self.placeholder_en, es=self.placeholder_es),
        )

    @property
    def content_given(self) -> bool:
        """Whether the operator said where the content is."""
        return bool(self.model_fields_set & {"articles", "intents"})


def cautions(settings: Settings, env: Path = Path(".env")) -> list[str]:
    """What is allowed and should not stay so, each with what to do."""
    found = []
    host = urlsplit(settings.public_url).hostname or ""
    if settings.public_url.startswith("http://") and not is_loopback(host):
        found.append(
            "FIRSTLINE_PUBLIC_URL: with http:// everybody on the way reads tokens, sessions and links; let a "
            "proxy serve https, and write that address."
        )
    if os.name == "posix" and env.is_file() and env.stat().st_mode & 0o077:
        found.append(".env: other accounts of this machine may read its secrets; run `chmod 600 .env`.")
    return found


def _read_logo(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ValueError(f"{path} cannot be read ({reason}); name the file of the logo") from error


def _by_language(**texts: str) -> tuple[tuple[str, str], ...]:
    return tuple((language, text) for language, text in texts.items() if text)


def _words(value: str) -> list[str]:
    return value.lower().replace(",", " ").split()


def _short_replies(path: Path) -> ShortReplies:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeError as error:
        raise WordsInvalid(f"{path}: this is not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WordsInvalid(
            f"{path}: {reason}; name a TOML file with a list such as [assent], which may be read"
        ) from error
    return ShortReplies.with_own(text, str(path))


def fault_in_address(url: str) -> str:
    """What is wrong with a public address; nothing where there is none."""
    if url and not url.startswith(("http://", "https://")):
        return "must begin with https:// (or http:// on this machine)"
    if url and not _is_address(url):
        return "this is no web address; write one such as https://help.example.com"
    return ""


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
    """Read one settings model; what is wrong goes to `mistakes`, each with its setting's name.

    A secret may stand in a file that its name with `_FILE` names.
    """
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    try:
        return model(**read_files(model, mistakes), **given)
    except ValidationError as error:
        prefix = str(model.model_config.get("env_prefix") or "")
        for problem in error.errors(include_input=False, include_url=False):
            name = "_".join(str(part) for part in problem["loc"])
            setting = f"--{name}" if name in given else f"{prefix}{name}".upper() if name else ""
            message = problem["msg"].removeprefix("Value error, ")
            mistakes.append(f"{setting}: {message}." if setting else f"{message}.")
    except UnicodeDecodeError:
        # Each model reads the file anew; it is told once.
        mistakes += [NOT_UTF_8] if NOT_UTF_8 not in mistakes else []
    return None


def unknown(known: Sequence[str]) -> list[str]:
    """Names in the environment that look like ours and are not: a misspelt setting."""
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def env_names(model: type[BaseSettings]) -> list[str]:
    """The environment names that a settings model reads, in the order of its fields."""
    return list(named(model).values())


def complain(mistakes: Sequence[str]) -> None:
    """Raise with every mistake, or return when there is none."""
    if mistakes:
        lines = "\n".join(f"  - {mistake}" for mistake in mistakes)
        options = all(mistake.startswith("--") for mistake in mistakes)
        what = "The options are not valid. Correct these and try again" if options else _NOT_VALID
        raise SettingsInvalid(f"{what}:\n{lines}")
