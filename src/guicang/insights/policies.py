"""What the editor of policies offers and checks: the codes there are in a company, with what they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from guicang.catalog import queries as catalogue
from guicang.inventory.queries import grades_of
from guicang.kernel.actor import Scope
from guicang.org import queries as org
from guicang.parties import queries as parties
from guicang.policy import queries as policies
from guicang.policy.operations.flows import DECIDES
from guicang.policy.rules import CONDITIONAL
from guicang.returns.labels import LABELS
from guicang.returns.lifecycle import Type
from guicang.returns.rules import CONDITIONS
from guicang.staff import queries as staff
from guicang.staff import rules as roles

#: (code, Chinese, English)
Choice = tuple[str, str, str]
#: What can be asked for; the rest of the types is no wish of a buyer.
OFFERED = (Type.REFUND, Type.REFUND_ONLY, Type.EXCHANGE, Type.REPAIR, Type.RESHIP, Type.UNSHIPPED)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`scope` and `terms`: what can be chosen, by dimension and by term."""

    scope: Mapping[str, Sequence[Choice]]
    terms: Mapping[str, Sequence[Choice]]

    @property
    def codes(self) -> dict[str, list[str]]:
        """As `policy.rules.findings` looks them up: what is typed freely (SKUs, sellers, payments) is not."""
        return {name: [code for code, _, _ in choices] for name, choices in (*self.scope.items(), *self.terms.items())}


def vocabulary(company_id: UUID) -> Vocabulary:
    """About 10 statements, and one a shop."""
    scope = Scope(company_id=company_id)
    shops = [one for one in org.masters("shop", scope) if one.archived_at is None]
    reasons = policies.reasons([company_id])[company_id].values()
    fields = [one for one in policies.fields_of(company_id).values() if one.kind in CONDITIONAL]
    options = {f"field.{one.code}": [(o["code"], o["zh"], o["en"]) for o in one.options] for one in fields}
    return Vocabulary(
        scope={
            "categories": _plain(catalogue.categories(company_id)),
            "brands": _plain(catalogue.brands(company_id)),
            "tiers": _plain(parties.tiers(shop.id for shop in shops)),
            "shops": [(shop.code, shop.name, shop.name) for shop in shops],
            "channels": _named("channel", scope),
            "markets": _named("market", scope),
        },
        terms={
            "conditions": [(one.code, one.zh, one.en) for one in CONDITIONS],
            "reasons": [(one.code, one.zh, one.en) for one in reasons],
            "resolutions": [(one.value, *LABELS[one]) for one in OFFERED],
            "fields": [(one.code, one.zh, one.en) for one in fields],
            "grades": _plain(sorted(grades_of([company_id])[company_id])),
            **options,
        },
    )


def approvers(company_id: UUID) -> list[staff.UserInfo]:
    """Who of the company may decide at a stage of an approval, by name; 1 statement."""
    return [
        one
        for one in staff.users(Scope(company_id=company_id))
        if one.is_active and DECIDES in roles.permissions(one.role)
    ]


#: Roles that may decide at a stage.
DECIDING = tuple(code for code in roles.STAFF if DECIDES in roles.permissions(code))


def _plain(codes: Sequence[str]) -> list[Choice]:
    return [(code, code, code) for code in codes]


def _named(kind: str, scope: Scope) -> list[Choice]:
    return [(one.code, one.name, one.name) for one in org.masters(kind, scope) if one.archived_at is None]
