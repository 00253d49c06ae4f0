"""What the trail knows of still stands. A row removed whole, with all that hangs on it, leaves no sum that is off."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, models

from guicang.accounting.models import ExchangeRate, Period
from guicang.audit.models import AuditRow
from guicang.catalog.models import Sku
from guicang.kernel.models import NumberRange
from guicang.kernel.proof import Proof
from guicang.logistics.models import FreightTable
from guicang.org.models import Channel, Company, Drawer, Market, Shop, Warehouse
from guicang.parties.models import Customer
from guicang.payments.models import Coupon, CreditAccount, CreditRules, Shift
from guicang.policy.models import ApprovalFlow, CustomField, PolicyVersion, ReturnReason
from guicang.returns.models import (
    AgreedPrice,
    AssignmentRule,
    MoneyRules,
    PriceRules,
    QuotaRules,
    RebateAgreement,
    RiskListing,
    RiskRules,
)
from guicang.sales.models import Order
from guicang.staff.models import AccessToken, Delegation, User

#: Kinds of aggregates in the trail and their tables. Returns have a proof of their own, which looks both ways.
TABLES: dict[str, type[models.Model]] = {
    "agreed_price": AgreedPrice,
    "approval_flow": ApprovalFlow,
    "assignment_rule": AssignmentRule,
    "channel": Channel,
    "company": Company,
    "coupon": Coupon,
    "credit_account": CreditAccount,
    "credit_rules": CreditRules,
    "custom_field": CustomField,
    "customer": Customer,
    "delegation": Delegation,
    "exchange_rate": ExchangeRate,
    "freight_table": FreightTable,
    "market": Market,
    "money_rules": MoneyRules,
    "number_range": NumberRange,
    "order": Order,
    "period": Period,
    "policy": PolicyVersion,
    "price_rules": PriceRules,
    "quota_rules": QuotaRules,
    "rebate": RebateAgreement,
    "return_reason": ReturnReason,
    "risk_listing": RiskListing,
    "risk_rules": RiskRules,
    "shop": Shop,
    "sku": Sku,
    "token": AccessToken,
    "user": User,
    "warehouse": Warehouse,
    "drawer": Drawer,
    "shift": Shift,
}
#: Chains of kinds that no table has as rows of their own, whose rows may be removed, and those proven elsewhere.
OTHERS = frozenset(
    {
        *("return", "stock_receipt", "person", "webhook", "export", "import"),
        *("policy_draft", "policy_review", "simulation"),
    }
)

_GONE = """
SELECT trail.aggregate_id FROM {trail} trail LEFT JOIN {table} present ON present.id = trail.aggregate_id
WHERE trail.aggregate_kind = %s AND trail.seq = 1 AND present.id IS NULL ORDER BY trail.aggregate_id
"""
_FETCH = 1000


def proofs() -> list[Proof]:
    """One proof, a statement a kind and one more."""
    quote = connection.ops.quote_name
    begun = AuditRow.objects.filter(seq=1, aggregate_kind__in=TABLES)
    proof = Proof("audited_rows_exist", begun.count(), [])
    with connection.cursor() as cursor:
        for kind, model in TABLES.items():
            sql = _GONE.format(trail=quote(AuditRow._meta.db_table), table=quote(model._meta.db_table))
            cursor.execute(sql, [kind])
            while rows := cursor.fetchmany(_FETCH):
                for (key,) in rows:
                    proof.add(fault="removed", kind=kind, id=str(UUID(str(key))))
    return [proof]
