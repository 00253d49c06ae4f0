"""What every part of a statement is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

Codes = tuple[str, ...]


class Part(BaseModel):
    """Unknown words are refused: a misspelt term would silently say nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, str_max_length=120)
