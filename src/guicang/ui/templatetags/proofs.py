"""What each proof proves, in words: one sentence that is true where it holds."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

register = template.Library()

PROOFS: dict[str, Any] = {
    "stock_levels": _("What lies at every place is the sum of its moves"),
    "stock_reservations": _("What is kept of every stock level is what somebody was promised"),
    "stock_places": _("Every stock level belongs to the place and the company that it names"),
    "stock_move_places": _("Both ends of every move of goods exist and are of its company"),
    "stock_quantities": _("Graded units that lie there are the units that have a value"),
    "stock_layers": _("Cost layers add up to the value of the stock"),
    "stock_value": _("The value of the stock is the sum of what changed it"),
    "stock_accounts": _("The stock accounts of the books say what the stock is worth"),
    "entries sum to zero": _("Every entry of the books sums to zero"),
    "vouchers have no gaps": _("Voucher numbers have no gaps"),
    "credit note numbers have no gaps": _("Numbers of credit notes have no gaps"),
    "credit notes within invoices": _("Credit notes never go beyond their invoices"),
    "day_totals": _("The totals of every day are the lines of its numbered entries"),
    "customer_receivables": _("What customers owe in the books is what their orders say"),
    "order_ledger": _("Receivable and advance of every order are what the books add up to"),
    "order_balances": _("Every order owes what was shipped less what was paid"),
    "refunds_payable": _("Refunds to pay in the books are the refunds that are not paid yet"),
    "settled_balances": _("After returns too, every order owes what is left of it"),
    "order_counters": _("Shipped, cancelled and paid of every order are the rows behind them"),
    "line_discounts": _("Price less discounts is what was paid for every line"),
    "sale_tax": _("Tax of every line is what was booked and invoiced"),
    "sale_counters": _("Returned, credited and refunded of every sale are what settlements did"),
    "set_offs": _("What was set off between two orders of a customer is moved once, and booked"),
    "issue_costs": _("The cost of what was shipped is what left the value of the stock"),
    "shipment_values": _("Shipments billed what their units are worth"),
    "return_claims": _("Returns never claim more than was shipped"),
    "return_quantities": _("Received, accepted and disposed of every line are its receipts and inspections"),
    "returns_bay": _("Disposed of and still in the bay make what was received"),
    "return_moves": _("Every receipt and inspection moved its goods, and nothing else did"),
    "return_settled": _("Settled of every return is what its settlements say"),
    "return_labels": _("The state of every return is what its quantities say"),
    "returns_exist": _("No return is missing that the trail knows of"),
    "returns_as_audited": _("Every return is as the trail last said"),
    "clocks_stop": _("No clock runs for a return that is over"),
    "clock_labels": _("Every return is due when its clocks say so"),
    "return_departments": _("Every return stands in the queue of the department whose turn it is"),
    "approvals": _("Nothing was granted that somebody still had to agree to"),
    "return_offers": _("Part refunds that were agreed are the amounts that were offered"),
    "overrides": _("Every exception to the policy is written down with who made it and why"),
    "money_limits": _("Money granted without goods in a month is the sum of its grants"),
    "rebates": _("Rebates are what turnovers earned, in the books too"),
    "return_quotas": _("What customers used of their yearly quotas is what their returns took"),
    "risk_scores": _("Points of risk are the sum of their parts"),
    "settlements": _("Every settlement is the sum of its lines"),
    "settlement_entries": _("Every settlement has its entry in the books"),
    "gifts": _("Gifts that came back became store credit or goods, never money"),
    "repairs": _("Parts of repairs left stock, and what customers pay for them is as agreed and booked"),
    "goods_to_buyers": _("What went to customers has its moves, and their own goods here are not ours"),
    "exchanges": _("What left an order in an exchange paid the order in its place, to the cent"),
    "settlement_refunds": _("Every settlement was paid out, and nothing else was"),
    "settlement_credit_notes": _("Credit notes add up to what settlements credited"),
    "settled_prices": _("What came back was paid for at its price"),
    "tender_refunds": _("No way of paying gave back more than it took"),
    "cash_drawers": _("What lies in every cash drawer is what was moved and counted, and the books have the same cash"),
    "payees": _("Every transfer that waits knows where it goes, or says that it does not"),
    "payout_batches": _("Every payment file is the sum of its refunds"),
    "credit_balances": _("Every balance of store credit is its movements, and lies whole in its lots"),
    "credit_liability": _("The books owe every customer the store credit that he has"),
    "tender_disputes": _("Disputed money is the disputes there are"),
    "audit": _("The trail is whole: nothing in it was changed, cut off or removed"),
    "audited_rows_exist": _("What the trail knows of is still there"),
}


@register.filter
def proof(name: str) -> str:
    """The sentence; the name itself where nobody wrote one."""
    return str(PROOFS.get(name, name))
