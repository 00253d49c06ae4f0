"""Who has to agree to a return: flows as data, and which of them a request goes through. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar
from uuid import UUID

from pydantic import Field, ValidationError, field_validator, model_validator

from guicang.policy.rules.answers import FieldCondition, once_each
from guicang.policy.rules.answers import holds as is_true
from guicang.policy.rules.book import within
from guicang.policy.rules.parts import Codes, Part
from guicang.policy.rules.terms import Fault, NotAPolicy

#: More stages than any chain of people needs.
MOST_STAGES = 9


class Conditions(Part):
    """When a flow is for a request: all that is said has to hold. Nothing said: every request.

    `amount_minor`: at least this much would come back, in the company's currency; an amount that nobody knows or
    that is in another currency is enough. `answer`: what the policy says; `override`: an exception was asked for.
    A list holds where any line has one of it; so do `fields`, of which every one has to hold. `risk_points`: at least
    so many; without a score it does not hold.
    """

    amount_minor: int | None = Field(default=None, ge=0, le=10**12)
    answer: Literal["allow", "review"] | None = None
    override: bool | None = None
    reasons: Codes = ()
    faults: tuple[Fault, ...] = ()
    categories: Codes = ()
    tiers: Codes = ()
    resolutions: Codes = ()
    risk_points: int | None = Field(default=None, ge=1, le=1000)
    fields: tuple[FieldCondition, ...] = Field(default=(), max_length=50)

    @field_validator("fields")
    @classmethod
    def _fields_once(cls, said: tuple[FieldCondition, ...]) -> tuple[FieldCondition, ...]:
        return once_each(said)


class Stage(Part):
    """Who decides at this place of the chain: anybody of the roles and users, or one for each of them.

    `hours`: how long it may take; after that somebody of `escalate_to`, where it is named, may decide too.
    """

    roles: Codes = ()
    users: tuple[UUID, ...] = ()
    need: Literal["any", "all"] = "any"
    hours: int | None = Field(default=None, ge=1, le=2400)
    escalate_to: str = Field(default="", max_length=20)

    @model_validator(mode="after")
    def _somebody(self) -> Stage:
        if not self.roles and not self.users:
            raise ValueError("nobody is named who could decide")
        if len(set(self.roles)) < len(self.roles) or len(set(self.users)) < len(self.users):
            raise ValueError("somebody is named twice")
        if self.escalate_to and not self.hours:
            raise ValueError("after how many hours it is escalated is not said")
        return self


class Flow(Part):
    """What a flow asks and whom. `stages` in their order."""

    conditions: Conditions = Conditions()
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=MOST_STAGES)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Flow:
        """Raises `NotAPolicy` with every fault and where it stands."""
        try:
            return cls.model_validate(dict(data))
        except ValidationError as found:
            faults = [(".".join(map(str, fault["loc"])) or "-", fault["msg"]) for fault in found.errors()]
            raise NotAPolicy(faults) from None

    def as_data(self) -> dict[str, Any]:
        """As it is kept: only what is said."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of a request. `amount_minor` None: not known; `risk_points` None: nobody counts them."""

    amount_minor: int | None = None
    same_currency: bool = True
    answer: str = "allow"
    override: bool = False
    reasons: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    resolutions: frozenset[str] = frozenset()
    risk_points: int | None = None
    #: Answers to the company's own fields by code, of all lines.
    answers: Mapping[str, Collection[str]] = field(default_factory=dict)


class HasFlow(Protocol):
    @property
    def flow(self) -> Flow: ...


F = TypeVar("F", bound=HasFlow)


def matching(flows: Iterable[F], asked: Asked) -> F | None:
    """The first from the top whose conditions all hold; None: any one person who may authorise decides."""
    return next((one for one in flows if holds(one.flow.conditions, asked)), None)


def holds(said: Conditions, asked: Asked) -> bool:
    if said.answer is not None and said.answer != asked.answer:
        return False
    if said.override is not None and said.override != asked.override:
        return False
    if said.risk_points is not None and (asked.risk_points is None or asked.risk_points < said.risk_points):
        return False
    if said.categories and not any(within(one, of) for one in asked.categories for of in said.categories):
        return False
    if not all(is_true(one, asked.answers.get(one.field, ())) for one in said.fields):
        return False
    return _is_large(said, asked) and all(
        not wanted or have.intersection(wanted)
        for wanted, have in (
            (said.reasons, asked.reasons),
            (said.faults, asked.faults),
            (said.tiers, asked.tiers),
            (said.resolutions, asked.resolutions),
        )
    )


def _is_large(said: Conditions, asked: Asked) -> bool:
    if said.amount_minor is None or asked.amount_minor is None or not asked.same_currency:
        return True
    return asked.amount_minor >= said.amount_minor
