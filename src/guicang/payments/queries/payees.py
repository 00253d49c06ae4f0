"""Reading where transfers go: details, opened from the vault, and what of them everybody may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from guicang.kernel.ids import NIL
from guicang.parties import queries as parties
from guicang.payments.facts import Details
from guicang.payments.models import Payee, PayeeAccounts, Refund
from guicang.payments.rules.payees import BANKS, WALLETS, masked

#: Owner of the vault's values, and their kinds by the names of `Details`. None of them finds people: a payee may be
#: somebody else than the buyer.
OWNER = "payee"
_KINDS = {"name": "payee_name", "account": "account", "bank": "bank", "code": "bank_code"}


def values(details: Details) -> dict[str, str]:
    return {kind: getattr(details, name) for name, kind in _KINDS.items()}


def newest(return_ids: Iterable[UUID]) -> dict[UUID, Payee]:
    """The details that were given last, by return; 1 statement."""
    rows = Payee.objects.filter(return_id__among=sorted(set(return_ids))).order_by("number")
    return {row.return_id: row for row in rows}


def of(payee_ids: Iterable[UUID]) -> dict[UUID, Payee]:
    """1 statement."""
    return {row.id: row for row in Payee.objects.filter(id__among=sorted(set(payee_ids) - {NIL}))}


def ids_of(refund_ids: Iterable[UUID]) -> set[UUID]:
    """The details that these refunds have; 1 statement."""
    return set(Refund.objects.filter(id__among=sorted(set(refund_ids))).values_list("payee_id", flat=True))


def details(rows: Mapping[UUID, Payee]) -> dict[UUID, Details]:
    """As they were given; erased ones are left out. 1 statement. Raises NoVaultKey."""
    opened = parties.personal((OWNER, key) for key in rows) if rows else {}
    found = {}
    for (_, key), several in opened.items():
        known = {one.kind: one.value for one in several}
        found[key] = Details(rows[key].kind, **{name: known.get(kind, "") for name, kind in _KINDS.items()})
    return found


def shown(payee_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """Kind and masked account; '' of an erased one. 2 statements, none for nobody."""
    wanted = set(payee_ids) - {NIL}
    rows = of(wanted) if wanted else {}
    opened = details(rows)
    return {key: (row.kind, masked(opened[key].account) if key in opened else "") for key, row in rows.items()}


def account_kinds(company_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Kinds of accounts that each company pays to; 1 statement."""
    wanted = sorted(set(company_ids))
    rows = {row.company_id: row for row in PayeeAccounts.objects.filter(company_id__among=wanted)}
    return {
        key: (*map(str, BANKS), *(str(kind) for kind in WALLETS if key in rows and getattr(rows[key], kind)))
        for key in wanted
    }
