"""What the state machine wants to know from the server next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskQueue:
    """GET /queue."""


@dataclass(frozen=True, slots=True)
class AskJob:
    """GET /history/{prompt_id}."""

    prompt_id: str


@dataclass(frozen=True, slots=True)
class AskRecent:
    """GET /history?max_items={limit}."""

    limit: int


Question = AskQueue | AskJob | AskRecent
