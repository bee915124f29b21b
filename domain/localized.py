"""Text in several languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FALLBACK_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text per language (ISO 639-1); `en` is always there and answers for the others."""

    texts: Mapping[str, str]

    def __post_init__(self) -> None:
        assert FALLBACK_LANGUAGE in self.texts, "every text has an English form"

    def in_language(self, language: str) -> str:
        """The text in `language`, or in English."""
        return self.texts.get(language) or self.texts[FALLBACK_LANGUAGE]
