"""config.toml → one frozen object; every key is documented in the file itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from index.errors import ConfigInvalid
from index.settings import IndexSettings, Range, SearchSettings, Share

FILE = Path("config.toml")
"""Read from the working directory where no other file is named."""

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE | re.ASCII)


class HostNames:
    """Names and addresses as a Host header has them, but for the port; in letters of either size."""

    def __contains__(self, names: Iterable[str]) -> bool:
        return all(_NAME.fullmatch(name) or _is_address(name) for name in names)

    def __str__(self) -> str:
        return 'that are names, as "qa.example", without scheme, port or path'


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class PathSettings:
    index: str = "my-index"
    articles: tuple[str, ...] = ("articles",)


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    decline_below: Share = 0.3
    # A confidence's log-odds are 9.9 at most, and e to the 709 overflows.
    confidence_slope: Annotated[float, Range(0.0001, 50)] = 1.0
    confidence_shift: Annotated[float, Range(-100, 100)] = 0.0
    max_citations: Annotated[int, Range(1, 100)] = 3


@dataclass(frozen=True, slots=True)
class ChatSettings:
    title: str = "Ask the articles"
    examples: tuple[str, ...] = ()
    feedback: bool = True


@dataclass(frozen=True, slots=True)
class ServerSettings:
    host: str = "127.0.0.1"
    port: Annotated[int, Range(0, 65_535)] = 7860
    root_path: str = ""
    hosts: Annotated[tuple[str, ...], HostNames()] = ()
    trusted_proxies: tuple[str, ...] = ()
    frame_ancestors: tuple[str, ...] = ()
    operators: tuple[str, ...] = ("127.0.0.1", "::1")
    answering: Annotated[int, Range(1, 1000)] = 4
    waiting: Annotated[int, Range(0, 100_000)] = 32
    timeout: Annotated[float, Range(1, 86_400)] = 30.0
    body_kib: Annotated[int, Range(1, 1_048_576)] = 1024
    requests_per_minute: Annotated[int, Range(0, 1_000_000)] = 600
    log_questions: bool = False
    mcp: bool = False


@dataclass(frozen=True, slots=True)
class AccessSettings:
    sign_in: bool = False
    open_to_all: bool = False
    user_header: str = ""
    groups_header: str = ""
    token_key: str = ""
    token_audience: str = ""
    token_max_age: Annotated[int, Range(1, 31_536_000)] = 3600
    widget_origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    paths: PathSettings = field(default_factory=PathSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    answer: AnswerSettings = field(default_factory=AnswerSettings)
    chat: ChatSettings = field(default_factory=ChatSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    access: AccessSettings = field(default_factory=AccessSettings)

    @classmethod
    def read(cls, path: Path | None = None) -> Config:
        """The file at `path`; without one, config.toml of the working directory, or the defaults where there is none.

        Raises ConfigInvalid for an unknown key, a value of the wrong kind or out of its range, or a file that
        cannot be read.
        """
        if path is None and not FILE.is_file():
            return cls()
        path = path or FILE
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ConfigInvalid(f"cannot read {path} ({error.strerror}); name another with --config") from error
        except ValueError as error:
            raise ConfigInvalid(f"{path} is not TOML: {error}") from error
        config = _filled(cls, found, path, "")
        assert isinstance(config, cls)
        return config


def _filled(kind: type, found: Mapping[str, Any], path: Path, section: str) -> Any:
    """An instance of the dataclass from a TOML table."""
    hints = get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = {}
    for name, value in found.items():
        where = f"[{section}] {name}" if section else f"[{name}]"
        if name not in hints:
            known = ", ".join(f.name for f in fields(kind))
            raise ConfigInvalid(f"{path}: unknown key {where}; known here: {known}")
        if is_dataclass(hints[name]):
            if not isinstance(value, dict):
                raise ConfigInvalid(f"{path}: {where} is a section, not a value")
            values[name] = _filled(hints[name], value, path, name)
        else:
            values[name] = _value(value, hints[name], path, where)
    return kind(**values)


_KINDS = {
    str: "text", int: "a whole number", float: "a number", bool: "true or false", tuple[str, ...]: "a list of texts",
}  # fmt: skip


def _value(value: Any, hint: Any, path: Path, where: str) -> Any:
    """hint: a type, or Annotated with what of that type is allowed."""
    kind, allowed = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    if kind == Mapping[str, tuple[str, ...]] and isinstance(value, dict):
        return {name: _value(item, tuple[str, ...], path, f"{where} {name!r}") for name, item in value.items()}
    if not _is_a(kind, value) or (allowed is not None and value not in allowed):
        wanted = _KINDS.get(kind, "a table of lists of texts") + (f" {allowed}" if allowed else "")
        raise ConfigInvalid(f"{path}: {where} must be {wanted}, not {value!r}")
    if kind is float:
        return float(value)
    return tuple(value) if isinstance(value, list) else value


def _is_a(kind: Any, value: Any) -> bool:
    if kind == tuple[str, ...]:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return type(value) is kind or (kind is float and type(value) is int)
