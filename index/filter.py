"""What may be found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from index.errors import FilterInvalid


@dataclass(frozen=True, slots=True)
class Filter:
    """Articles in one of these languages (ISO 639-1), published from `since` to `until` (ISO 8601 dates, both
    included), and with one of these ids; what is empty filters nothing. An article without a date is in no period.

    Raises FilterInvalid where a date is none.
    """

    languages: frozenset[str] = frozenset()
    since: str = ""
    until: str = ""
    articles: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            value = getattr(self, name)
            try:
                if value:
                    date.fromisoformat(value)
            except ValueError:
                raise FilterInvalid(f"{name}: {value!r} is no date; write one as 2026-04-01") from None
