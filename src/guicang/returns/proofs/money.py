"""Money: settlements, the counters they moved, the refunds and credit notes that follow from them."""

from __future__ import annotations

from collections.abc import Sequence

from guicang.kernel.proof import Proof
from guicang.returns.models import ReturnLine, Settlement, SettlementLine
from guicang.returns.proofs.statements import differences
from guicang.sales.models import Order, OrderLine

_ORDER_LINES = """
SELECT l.id, l.settled, coalesce(s.units, 0), l.cancelled_settled, coalesce(s.cancelled, 0),
    l.cancelled_minor, coalesce(s.cancelled_minor, 0), l.credited_minor, coalesce(s.credited, 0),
    l.credited_tax_minor, coalesce(s.tax, 0), l.credited_funded_minor, coalesce(s.funded, 0),
    l.goodwill_minor, coalesce(s.goodwill, 0), l.withheld_minor, coalesce(s.withheld, 0),
    l.settled_measure, coalesce(s.measure, 0) FROM {order_line} l
LEFT JOIN (SELECT order_line_id,
        sum(CASE WHEN unshipped THEN 0 ELSE quantity END) AS units,
        sum(CASE WHEN unshipped THEN quantity ELSE 0 END) AS cancelled,
        sum(CASE WHEN unshipped THEN credit_minor ELSE 0 END) AS cancelled_minor,
        sum(CASE WHEN unshipped THEN 0 ELSE credit_minor END) AS credited,
        sum(CASE WHEN unshipped THEN 0 ELSE tax_minor END) AS tax,
        sum(CASE WHEN unshipped THEN 0 ELSE funded_minor END) AS funded, sum(goodwill_minor) AS goodwill,
        sum(withheld_minor) AS withheld, sum(measure) AS measure
    FROM {settlement_line} WHERE order_line_id <> {nil} GROUP BY order_line_id) s ON s.order_line_id = l.id
WHERE l.settled <> coalesce(s.units, 0) OR l.cancelled_settled <> coalesce(s.cancelled, 0)
    OR l.cancelled_minor <> coalesce(s.cancelled_minor, 0) OR l.credited_minor <> coalesce(s.credited, 0)
    OR l.credited_tax_minor <> coalesce(s.tax, 0) OR l.credited_funded_minor <> coalesce(s.funded, 0)
    OR l.goodwill_minor <> coalesce(s.goodwill, 0) OR l.withheld_minor <> coalesce(s.withheld, 0)
    OR l.settled_measure <> coalesce(s.measure, 0)
"""
_ORDERS = """
SELECT o.id, o.credited_minor, coalesce(s.shipping, 0) + coalesce(l.credited, 0), o.refunded_minor, coalesce(s.cash, 0),
    o.shipping_refunded_minor, coalesce(s.shipping, 0), o.points_taken_back, coalesce(s.points, 0),
    o.fees_minor, coalesce(s.fees, 0), o.extra_minor, coalesce(s.extra, 0) FROM {order} o
LEFT JOIN (SELECT order_id, sum(cash_minor) AS cash, sum(shipping_minor) AS shipping, sum(points) AS points,
        sum(fee_minor) AS fees,
        sum(price_difference_minor + unlinked_minor + expense_minor - unapplied_minor) AS extra
    FROM {settlement} WHERE order_id <> {nil} GROUP BY order_id) s ON s.order_id = o.id
LEFT JOIN (SELECT sold.order_id, sum(l.target_minor - l.withheld_minor + l.goodwill_minor) AS credited
    FROM {settlement_line} l JOIN {order_line} sold ON sold.id = l.order_line_id GROUP BY sold.order_id) l
    ON l.order_id = o.id
WHERE o.credited_minor <> coalesce(s.shipping, 0) + coalesce(l.credited, 0)
    OR o.refunded_minor <> coalesce(s.cash, 0) OR o.shipping_refunded_minor <> coalesce(s.shipping, 0)
    OR o.points_taken_back <> coalesce(s.points, 0) OR o.fees_minor <> coalesce(s.fees, 0)
    OR o.extra_minor <> coalesce(s.extra, 0)
"""
#: A money-only line has no units: settled is 1 while one settlement of it stands.
_RETURN_LINES = """
SELECT l.id, l.settled, coalesce(s.units, 0), l.refund_minor, coalesce(s.paid, 0), l.share_minor, coalesce(s.share, 0)
FROM {return_line} l
LEFT JOIN (SELECT x.line_id, sum(CASE WHEN r.kind <> 'money' THEN x.quantity WHEN h.reverses_id = {nil} THEN 1
            ELSE -1 END) AS units,
        sum(x.target_minor - x.withheld_minor + x.goodwill_minor + x.price_difference_minor + x.unlinked_minor
            + x.expense_minor - x.fee_minor) AS paid,
        sum(CASE WHEN x.order_line_id = r.order_line_id AND x.quantity <> 0
            THEN x.target_minor - x.withheld_minor ELSE 0 END) AS share
    FROM {settlement_line} x JOIN {settlement} h ON h.id = x.settlement_id JOIN {return_line} r ON r.id = x.line_id
    GROUP BY x.line_id) s ON s.line_id = l.id
WHERE l.settled <> coalesce(s.units, 0) OR l.refund_minor <> coalesce(s.paid, 0)
    OR l.share_minor <> coalesce(s.share, 0)
"""
_RETURNS = """
SELECT r.id, r.refund_minor, coalesce(s.cash, 0) FROM {return} r
LEFT JOIN (SELECT parent_id, sum(cash_minor) AS cash FROM {settlement} GROUP BY parent_id) s ON s.parent_id = r.id
WHERE r.refund_minor <> coalesce(s.cash, 0)
"""
_HEADERS = """
SELECT s.id, s.credit_minor, coalesce(l.buyer, 0) + {billed}, s.tax_minor, coalesce(l.tax, 0), s.funded_minor,
    coalesce(l.funded, 0), s.price_difference_minor, coalesce(l.difference, 0),
    s.unlinked_minor, coalesce(l.unlinked, 0), s.expense_minor, coalesce(l.expense, 0),
    s.fee_minor, coalesce(l.fee, 0), s.fee_tax_minor, coalesce(l.fee_tax, 0)
FROM {settlement} s LEFT JOIN (SELECT settlement_id,
        sum(CASE WHEN unshipped THEN 0 ELSE target_minor - withheld_minor + goodwill_minor END) AS buyer,
        sum(tax_minor) AS tax,
        sum(funded_minor) AS funded, sum(price_difference_minor) AS difference,
        sum(unlinked_minor) AS unlinked, sum(expense_minor) AS expense, sum(fee_minor) AS fee,
        sum(fee_tax_minor) AS fee_tax
    FROM {settlement_line} GROUP BY settlement_id) l ON l.settlement_id = s.id
WHERE s.credit_minor <> coalesce(l.buyer, 0) + {billed} OR s.tax_minor <> coalesce(l.tax, 0)
    OR s.funded_minor <> coalesce(l.funded, 0) OR s.price_difference_minor <> coalesce(l.difference, 0)
    OR s.unlinked_minor <> coalesce(l.unlinked, 0) OR s.expense_minor <> coalesce(l.expense, 0)
    OR s.fee_minor <> coalesce(l.fee, 0) OR s.fee_tax_minor <> coalesce(l.fee_tax, 0)
"""
#: What was credited of a line is the buyer's share less what is withheld, the funder's and goodwill.
_PARTS = """
SELECT l.id, l.credit_minor, l.target_minor, l.withheld_minor, l.funded_minor, l.goodwill_minor FROM {settlement_line} l
JOIN {settlement} s ON s.id = l.settlement_id LEFT JOIN {order_line} sold ON sold.id = l.order_line_id
WHERE l.credit_minor <> l.target_minor - l.withheld_minor + l.funded_minor + l.goodwill_minor
    OR (l.order_line_id <> {nil} AND (sold.id IS NULL OR sold.order_id <> s.order_id))
"""
_CASH = """
SELECT s.id, s.cash_minor, coalesce(r.paid, 0) FROM {settlement} s
LEFT JOIN (SELECT settlement_id, sum(amount_minor) AS paid FROM {refund} GROUP BY settlement_id)
    r ON r.settlement_id = s.id
WHERE s.cash_minor <> coalesce(r.paid, 0)
"""
_UNCAUSED = """
SELECT r.id, r.settlement_id, r.amount_minor FROM {refund} r LEFT JOIN {settlement} s ON s.id = r.settlement_id
WHERE s.id IS NULL OR s.order_id <> r.order_id OR s.parent_id <> r.return_id
"""
#: The worst that the refunds of a return say.
_STATES = """
SELECT r.id, r.refund_state, coalesce(f.state, '') FROM {return} r
LEFT JOIN (SELECT return_id, CASE max(CASE state WHEN 'failed' THEN 4 WHEN 'due' THEN 3 WHEN 'submitted' THEN 2 ELSE 1
    END) WHEN 4 THEN 'failed' WHEN 3 THEN 'due' WHEN 2 THEN 'submitted' ELSE 'paid' END AS state
    FROM {refund} GROUP BY return_id) f ON f.return_id = r.id
WHERE r.refund_state <> coalesce(f.state, '')
"""
_NOTES = """
SELECT s.id, coalesce(l.credited, 0) + {billed}, coalesce(n.gross, 0),
    coalesce(l.tax, 0) + {billed_tax}, coalesce(n.tax, 0) FROM {settlement} s
LEFT JOIN (SELECT x.settlement_id, sum(x.tax_minor) AS tax,
        sum(x.credit_minor + CASE WHEN r.price_rule <> '' THEN x.unlinked_minor ELSE 0 END) AS credited
    FROM {settlement_line} x JOIN {return_line} r ON r.id = x.line_id WHERE NOT x.unshipped
    GROUP BY x.settlement_id) l ON l.settlement_id = s.id
LEFT JOIN (SELECT n.settlement_id, sum(x.net_minor + x.tax_minor) AS gross, sum(x.tax_minor) AS tax
    FROM {note} n JOIN {note_line} x ON x.credit_note_id = n.id GROUP BY n.settlement_id) n ON n.settlement_id = s.id
WHERE s.booked AND (coalesce(l.credited, 0) + {billed} <> coalesce(n.gross, 0)
    OR coalesce(l.tax, 0) + {billed_tax} <> coalesce(n.tax, 0))
"""
_NOTES_OF_NOTHING = """
SELECT n.id, n.settlement_id FROM {note} n LEFT JOIN {settlement} s ON s.id = n.settlement_id
WHERE s.id IS NULL OR NOT s.booked OR s.order_id <> n.order_id
"""


def proofs() -> list[Proof]:
    """Five proofs, 16 statements."""
    return [_sale_counters(), _return_counters(), _settlements(), _refunds(), _notes()]


def _sale_counters() -> Proof:
    """What was settled, cancelled, credited, given in goodwill and refunded of a sale = the settlements' rows."""
    proof = Proof("sale_counters", OrderLine.objects.count() + Order.objects.count(), [])
    pairs = ["settled", "cancelled_settled", "cancelled_minor", "credited_minor", "credited_tax_minor"]
    pairs += ["credited_funded_minor", "goodwill_minor", "withheld_minor", "settled_measure"]
    differences(proof, "order_line", _ORDER_LINES, ["order_line_id", *_with_rows(pairs)])
    pairs = ["credited_minor", "refunded_minor", "shipping_refunded_minor", "points_taken_back", "fees_minor"]
    pairs.append("extra_minor")
    return differences(proof, "order", _ORDERS, ["order_id", *_with_rows(pairs)])


def _return_counters() -> Proof:
    """Settled units and amounts of a return's lines, and its cash, = the settlements' rows."""
    proof = Proof("return_settled", ReturnLine.objects.count(), [])
    differences(
        proof, "line", _RETURN_LINES, ["return_line_id", *_with_rows(("settled", "refund_minor", "share_minor"))]
    )
    return differences(proof, "return", _RETURNS, ["return_id", *_with_rows(("refund_minor",))])


def _settlements() -> Proof:
    """A settlement is the sum of its lines, and each line the sum of its parts."""
    proof = Proof("settlements", Settlement.objects.count() + SettlementLine.objects.count(), [])
    pairs = ["credit_minor", "tax_minor", "funded_minor", "price_difference_minor", "unlinked_minor", "expense_minor"]
    pairs += ["fee_minor", "fee_tax_minor"]
    differences(proof, "sum", _HEADERS, ["settlement_id", *_with_rows(pairs)])
    names = ["settlement_line_id", "credit_minor", "target_minor", "withheld_minor", "funded_minor", "goodwill_minor"]
    return differences(proof, "parts", _PARTS, names)


def _refunds() -> Proof:
    """The cash of each settlement went out by its refunds, and no refund is without a settlement."""
    proof = Proof("settlement_refunds", Settlement.objects.count(), [])
    differences(proof, "cash", _CASH, ["settlement_id", *_with_rows(("cash_minor",))])
    differences(proof, "state", _STATES, ["return_id", "stored", "computed"])
    return differences(proof, "uncaused", _UNCAUSED, ["refund_id", "settlement_id", "amount_minor"])


def _notes() -> Proof:
    """Credit notes 红字 of a booked settlement add up to what it credited of sales and priced goods, with its tax."""
    proof = Proof("settlement_credit_notes", Settlement.objects.filter(booked=True).count(), [])
    differences(proof, "sum", _NOTES, ["settlement_id", *_with_rows(("credited_minor", "tax_minor"))])
    return differences(proof, "without_settlement", _NOTES_OF_NOTHING, ["credit_note_id", "settlement_id"])


def _with_rows(columns: Sequence[str]) -> list[str]:
    """Each counter and beside it what its rows say."""
    return [name for column in columns for name in (column, f"{column}_rows")]
