"""config.toml → one frozen object; every key is documented in the file itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

from index.errors import ConfigInvalid
from index.settings import IndexSettings, SearchSettings

FILE = Path("config.toml")
"""Read from the working directory where no other file is named."""


@dataclass(frozen=True, slots=True)
class PathSettings:
    index: str = "my-index"
    articles: tuple[str, ...] = ("articles",)


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    decline_below: float = 0.3
    confidence_slope: float = 1.0
    confidence_shift: float = 0.0
    max_citations: int = 3


@dataclass(frozen=True, slots=True)
class ChatSettings:
    title: str = "Ask the articles"
    examples: tuple[str, ...] = ()
    feedback: bool = True


@dataclass(frozen=True, slots=True)
class ServerSettings:
    host: str = "127.0.0.1"
    port: int = 7860
    root_path: str = ""
    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    frame_ancestors: tuple[str, ...] = ()
    operators: tuple[str, ...] = ("127.0.0.1", "::1")
    answering: int = 4
    waiting: int = 32
    timeout: float = 30.0
    body_kib: int = 1024
    requests_per_minute: int = 600
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
    token_max_age: int = 3600
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

        Raises ConfigInvalid for an unknown key, a value of the wrong kind, or a file that cannot be read.
        """
        if path is None and not FILE.is_file():
            return cls()
        path = path or FILE
        try:
            found = tomllib.loads(path.read_text("utf-8"))
        except OSError as error:
            raise ConfigInvalid(f"cannot read {path} ({error.strerror}); name another with --config") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigInvalid(f"{path} is not TOML: {error}") from error
        config = _filled(cls, found, path, "")
        assert isinstance(config, cls)
        return config


def _filled(kind: type, found: Mapping[str, Any], path: Path, section: str) -> Any:
    """An instance of the dataclass from a TOML table."""
    hints = get_type_hints(kind)
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


def _value(value: Any, kind: Any, path: Path, where: str) -> Any:
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if kind == Mapping[str, tuple[str, ...]] and isinstance(value, dict):
        return {name: _value(item, tuple[str, ...], path, f"{where} {name!r}") for name, item in value.items()}
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind in (str, int, float, bool) and type(value) is kind:
        return value
    wanted = _KINDS.get(kind, "a table of lists of texts")
    raise ConfigInvalid(f"{path}: {where} must be {wanted}, not {value!r}")
