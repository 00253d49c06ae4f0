"""What has to be known of a set of returns, besides their rows, before they are settled or taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from guicang.returns import queries
from guicang.returns.operations.docket import Case
from guicang.returns.operations.planning import Graded
from guicang.returns.operations.stated import stated


class Known(NamedTuple):
    """What the policy stated for each return, the grades that inspection found, and what customers owe of earlier
    payouts without an order (< 0).
    """

    verdicts: Mapping[UUID, Mapping[str, Any]]
    graded: Graded
    owed: dict[UUID, int]


def known_of(cases: Mapping[UUID, Case]) -> Known:
    """1 statement, 1 more each where a fee depends on the grade, and where money goes out without an order."""
    verdicts = queries.verdicts_of(cases)
    lines = [line.id for case in cases.values() for line in case.lines if stated(verdicts[case.header.id]).graded]
    out = [key for key, case in cases.items() if any(line.priced.get("pays") == "bank" for line in case.lines)]
    return Known(verdicts, queries.graded(lines), queries.on_account(out))
