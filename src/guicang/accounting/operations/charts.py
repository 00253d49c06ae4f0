"""Charts of accounts as data: `charts/*.toml`, one account a table, known to postings by its role."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from guicang.accounting.models import Account
from guicang.kernel import setwrites
from guicang.kernel.compiled import compiled
from guicang.kernel.ids import derived_id
from guicang.org.models import Company

FOLDER = Path(__file__).resolve().parent.parent / "charts"

#: What every chart must have an account for (tested).
ROLES = frozenset(
    {
        "receivable",
        "exchange_clearing",
        "platform_receivable",
        "advance",
        "bank",
        "cash",
        "wallet_wechat",
        "wallet_alipay",
        "card",
        "points_liability",
        "store_credit",
        "refunds_payable",
        "credit_expired",
        "sales",
        "sales_returns",
        "shipping_income",
        "fee_income",
        "deposit_income",
        "output_vat",
        "input_vat",
        "cost_of_sales",
        "stock",
        "stock_provision",
        "write_down_loss",
        "scrap_loss",
        "valuation_difference",
        "price_difference",
        "repair_income",
        "repair_cost",
        "rebates",
        "warranty_expense",
        "goodwill_expense",
        "freight_expense",
        "discount_expense",
        "fee_expense",
        "other_expense",
        "promo_expense",
        "fx_difference",
        "rounding",
        "opening_equity",
        "payable",
        "purchase_clearing",
        "adjustment_gain_loss",
        "cash_difference",
    }
)

KINDS = frozenset({"asset", "liability", "equity", "income", "expense"})

_TENDER_ROLES = {
    "wechat": "wallet_wechat",
    "alipay": "wallet_alipay",
    "card": "card",
    "cash": "cash",
    "bank": "bank",
    "transfer": "bank",
    "gift_card": "store_credit",
    "store_credit": "store_credit",
    "points": "points_liability",
    "coupon": "promo_expense",
    "platform": "platform_receivable",
}


@dataclass(frozen=True, slots=True)
class ChartAccount:
    code: str
    zh: str
    en: str
    kind: str
    role: str = ""


def role_of_tender(kind: str) -> str:
    """The role of the account that a tender of this kind fills; what has no account of its own is the bank."""
    return _TENDER_ROLES.get(kind, "bank")


def charts() -> list[str]:
    """Names of the charts there are: a company's `chart` is one of them."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def chart(name: str) -> tuple[ChartAccount, ...]:
    """The accounts of a chart. Raises ValueError for an unknown name."""
    if name not in charts():
        raise ValueError(f"there is no chart {name!r}: choose one of {', '.join(charts())}")
    with (FOLDER / f"{name}.toml").open("rb") as file:
        return tuple(ChartAccount(**account) for account in tomllib.load(file)["account"])


def open_books(company: Company) -> None:
    """Give the company the accounts of its chart; those it has already stay as they are. 1 statement."""
    rows = [
        {
            "id": derived_id("account", company.id, account.code),
            "company_id": company.id,
            "code": account.code,
            "name_zh": account.zh,
            "name_en": account.en,
            "kind": account.kind,
            "role": account.role,
            "archived_at": None,
        }
        for account in chart(company.chart)
    ]
    setwrites.insert(Account, rows, ignore_conflicts=True)


_roles = compiled(
    lambda ids: Account.objects.filter(company_id__among=ids).exclude(role="").values_list("company_id", "role", "id")
)


def accounts_by_role(company_ids: Iterable[UUID]) -> dict[UUID, dict[str, UUID]]:
    """{company: {role: account}}. 1 statement."""
    wanted = sorted(set(company_ids))
    found: dict[UUID, dict[str, UUID]] = {company_id: {} for company_id in wanted}
    for company_id, role, account_id in _roles(wanted):
        found[company_id][role] = account_id
    return found
