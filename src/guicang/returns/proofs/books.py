"""The books beside what caused them: receivables by customer, balances of orders, stock by its value."""

from __future__ import annotations

from guicang.inventory.models import ValuePool
from guicang.kernel.proof import Proof
from guicang.org.models import Company, Ownership, Warehouse
from guicang.payments.models import Refund
from guicang.payments.rules import UNPAID
from guicang.returns.proofs.statements import differences
from guicang.sales.models import Order

#: Open receivables (invoiced or shipped, not yet paid) less credits that no order takes, and rebates.
_CUSTOMERS = """
SELECT company_id, customer_id, currency, sum(ledger), sum(orders), sum(credits) FROM (
    SELECT l.company_id, l.party_id AS customer_id, l.currency, l.amount_minor AS ledger, 0 AS orders, 0 AS credits
    FROM {entry_line} l JOIN {account} a ON a.id = l.account_id AND a.role = 'receivable'
    UNION ALL
    SELECT company_id, customer_id, currency, 0, receivable_minor, 0 FROM {order} WHERE receivable_minor <> 0
    UNION ALL
    SELECT company_id, customer_id, currency, 0, 0, unapplied_minor FROM {settlement}
    WHERE booked AND order_id = {nil} AND unapplied_minor <> 0
    UNION ALL
    SELECT a.company_id, a.customer_id, a.currency, 0, 0, e.amount_minor
    FROM {rebate_entry} e JOIN {rebate} a ON a.id = e.agreement_id WHERE e.booked
) AS t GROUP BY company_id, customer_id, currency HAVING sum(ledger) <> sum(orders) - sum(credits)
"""
_ORDERS = """
SELECT o.id, o.receivable_minor, o.advance_minor, coalesce(s.value, 0), coalesce(p.paid, 0), coalesce(c.credited, 0),
    coalesce(c.cash, 0) FROM {order} o
JOIN {company} k ON k.id = o.company_id AND k.books = 'owned'
LEFT JOIN (SELECT order_id, sum(value_minor) AS value FROM {shipment} WHERE booked GROUP BY order_id) s
    ON s.order_id = o.id
LEFT JOIN (SELECT order_id, sum(amount_minor) AS paid FROM {payment} WHERE booked GROUP BY order_id) p
    ON p.order_id = o.id
LEFT JOIN (SELECT order_id, sum(credit_minor + price_difference_minor + unlinked_minor + expense_minor) AS credited,
        sum(cash_minor + fee_minor) AS cash FROM {settlement} WHERE booked GROUP BY order_id) c ON c.order_id = o.id
WHERE o.receivable_minor - o.advance_minor <> coalesce(s.value, 0) - coalesce(p.paid, 0) - coalesce(c.credited, 0)
    + coalesce(c.cash, 0) - o.set_off_minor
"""
#: What is owed to buyers and not paid yet: by company, in the currency of its books.
_PAYABLE = """
SELECT t.company_id, sum(t.ledger), sum(t.owed) FROM (
    SELECT l.company_id, -l.book_minor AS ledger, 0 AS owed
    FROM {entry_line} l JOIN {account} a ON a.id = l.account_id AND a.role = 'refunds_payable'
    UNION ALL
    SELECT r.company_id, 0, r.book_minor FROM {refund} r JOIN {company} k ON k.id = r.company_id AND k.books = 'owned'
    WHERE r.posted AND r.state <> 'paid'
) AS t GROUP BY t.company_id HAVING sum(t.ledger) <> sum(t.owed)
"""
_STOCK = """
SELECT t.company_id, t.cost, t.booked_cost, t.provision, -t.booked_provision FROM (
    SELECT company_id, sum(cost) AS cost, sum(booked_cost) AS booked_cost, sum(provision) AS provision,
        sum(booked_provision) AS booked_provision FROM (
    SELECT company_id, cost_minor AS cost, 0 AS booked_cost, provision_minor AS provision, 0 AS booked_provision
    FROM {pool}
    UNION ALL
    SELECT l.company_id, 0, CASE WHEN a.role = 'stock' THEN l.book_minor ELSE 0 END, 0,
        CASE WHEN a.role = 'stock_provision' THEN l.book_minor ELSE 0 END
    FROM {entry_line} l JOIN {account} a ON a.id = l.account_id AND a.role IN ('stock', 'stock_provision')
    ) AS rows_of_both GROUP BY company_id
) AS t JOIN {company} k ON k.id = t.company_id AND k.books = 'owned'
WHERE (t.cost <> t.booked_cost OR t.provision + t.booked_provision <> 0)
    AND EXISTS (SELECT 1 FROM {warehouse} w WHERE w.company_id = k.id AND w.goods = 'owned')
    AND NOT EXISTS (SELECT 1 FROM {stock_value} v WHERE v.company_id = k.id AND v.occurred_at < k.books_from)
"""


def proofs() -> list[Proof]:
    """Four proofs, 11 statements."""
    return [_customers(), _orders(), _payable(), _stock()]


def _customers() -> Proof:
    """The ledger's receivable of each customer = what their orders owe less credits without an order."""
    proof = Proof("customer_receivables", Order.objects.values("customer_id").distinct().count(), [])
    names = ["company_id", "customer_id", "currency", "ledger_minor", "orders_minor", "credits_minor"]
    return differences(proof, "customer", _CUSTOMERS, names)


def _orders() -> Proof:
    """receivable - advance = shipped - captured - set off - credited + fees + refunded, of what was booked."""
    owned = Company.objects.filter(books=Ownership.OWNED)
    if not owned.exists():
        return Proof("settled_balances", 0, [], applicable=False, note="no company owns its books")
    proof = Proof("settled_balances", Order.objects.filter(company_id__in=owned.values("id")).count(), [])
    names = ["order_id", "receivable_minor", "advance_minor", "shipped_minor", "captured_minor", "credited_minor"]
    return differences(proof, "order", _ORDERS, [*names, "refunded_and_fees_minor"])


def _payable() -> Proof:
    """The ledger's refunds to pay = the refunds that are due, submitted or failed."""
    proof = Proof("refunds_payable", Refund.objects.filter(state__in=UNPAID).count(), [])
    return differences(proof, "company", _PAYABLE, ["company_id", "ledger_minor", "refunds_minor"])


def _stock() -> Proof:
    """Cost and provision of all value pools = the accounts for stock and its provision.

    Asked where a company owns its books and goods, and its books began before its first value row.
    """
    name = "stock_accounts"
    goods = Warehouse.objects.filter(goods=Ownership.OWNED).values("company_id")
    both = Company.objects.filter(books=Ownership.OWNED, id__in=goods)
    if not both.exists():
        return Proof(name, 0, [], applicable=False, note="no company owns both its goods and its books")
    checked = ValuePool.objects.filter(company_id__in=both.values("id")).count()
    names = ["company_id", "cost_minor", "stock_account_minor", "provision_minor", "provision_account_minor"]
    return differences(Proof(name, checked, []), "company", _STOCK, names)
