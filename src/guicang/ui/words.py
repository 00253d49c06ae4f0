"""Words that several pages share, by the code that stands for them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal
from guicang.returns import labels, lifecycle

#: Components of a refund, as `returns.settlement` names them.
COMPONENTS: dict[str, Any] = {
    "paid_share": _("Share of what was paid"),
    "tax_within": _("of which tax, as invoiced"),
    "funded_by_others": _("Borne by others, not paid by the buyer"),
    "goodwill": _("Goodwill"),
    "promotion_lost": _("Discount that what is kept no longer earns"),
    "gift_kept": _("Gift that was kept"),
    "free_shipping_lost": _("Shipping that is no longer free"),
    "fee_restocking": _("Return fee"),
    "fee_value": _("Deduction for lost value"),
    "fee_freight": _("Freight of the way back"),
    "fee_deduction": _("Deduction"),
    "fee_deposit": _("Earnest deposit forfeited"),
    "fee_tax_within": _("of which tax of the fee"),
    "price_difference": _("Beyond the sale"),
    "priced": _("Goods without an order"),
    "compensation": _("Compensation"),
    "shipping": _("Shipping"),
    "points_taken_back": _("Points taken back"),
    "cash": _("Refund in cash"),
    "unapplied": _("Kept as credit"),
    "on_account": _("Kept on the customer's account"),
}
#: Kinds of money without goods.
MONEY_KINDS: dict[str, Any] = {
    "price_match": _("Price protection"),
    "goodwill": _("Goodwill on the price"),
    "compensation": _("Compensation"),
    "freight": _("Freight paid by the customer"),
    "kept": _("Part of the price for keeping the goods"),
}
#: Kinds of places in a warehouse.
PLACES: dict[str, Any] = {
    "sellable": _("Sellable"),
    "bay": _("Returns bay"),
    "staging": _("For the supplier"),
    "refurbish": _("To refurbish"),
    "second": _("Second grade"),
    "held": _("Customers' goods"),
    "customer": _("Customer"),
    "transit": _("In transit"),
    "supplier": _("Supplier"),
    "scrap": _("Scrap"),
    "adjustment": _("Adjustment"),
    "erp": _("ERP"),
}
#: Queues of work and the four lists that cost money (B25).
RISK_LISTS: dict[str, Any] = {
    "allow": _("Points set aside"),
    "block": _("Always looked at"),
}
QUEUES: dict[str, Any] = {
    "mine": _("For you to decide"),
    "review": _("To review"),
    "info": _("Waiting for the customer's answer"),
    "awaited": _("On the way"),
    "bay": _("In the bay"),
    "due": _("Refund due"),
    "settled": _("To close"),
    "refunded_not_received": _("Refunded, not received"),
    "received_not_refunded": _("Received, not refunded"),
    "goods_differ": _("Goods differ from what was paid"),
    "parcels_unknown": _("Parcels nobody knows"),
}
#: What happened to goods and in the books.
EVENTS: dict[str, Any] = {
    "opening": _("Opening stock"),
    "purchase": _("Purchase"),
    "shipment": _("Shipment"),
    "payment": _("Payment"),
    "receipt": _("Receipt"),
    "inspection": _("Inspection"),
    "redisposition": _("Other disposition"),
    "kept_for_buyer": _("Kept for the customer"),
    "sent_back": _("Sent back to the customer"),
    "sent_again": _("Sent once more"),
    "repair_part": _("Parts for a repair"),
    "repair_charge": _("Payment for a repair"),
    "return_stock": _("Returned goods into stock"),
    "set_off": _("Set-off"),
    "rebate": _("Rebate on turnover"),
    "return_credit": _("Credit for a return"),
    "refund": _("Refund"),
    "refund_paid": _("Refund paid"),
    "reversal": _("Reversal"),
    "cash_float": _("Float into a cash drawer"),
    "cash_in": _("Cash put into a drawer"),
    "cash_out": _("Cash taken out of a drawer"),
    "cash_difference": _("Cash over or short"),
    "credit_bonus": _("Bonus on store credit"),
    "credit_bonus_back": _("Bonus taken back"),
    "credit_expired": _("Store credit ran out"),
    "credit_adjusted": _("Store credit changed by hand"),
}
#: What moves a balance of store credit.
CREDIT_MOVEMENTS: dict[str, Any] = {
    "issued": _("Refund"),
    "bonus": _("Bonus"),
    "spent": _("Spent"),
    "restored": _("Came back from a return"),
    "expired": _("Ran out"),
    "taken_back": _("Refund taken back"),
    "bonus_back": _("Bonus taken back"),
    "adjusted": _("Changed by hand"),
}
#: What lies in a balance.
CREDIT_LOTS: dict[str, Any] = {"money": _("Refunded money"), "bonus": _("Bonus")}
#: How a coupon stands.
COUPON_STATES: dict[str, Any] = {"issued": _("Issued"), "redeemed": _("Redeemed"), "expired": _("Ran out")}
#: What people do to a return besides the commands of its life.
ACTS: dict[str, Any] = {
    "add_picture": _("Pictures added"),
    "collect": _("Difference collected"),
    "remind": _("Reminded of what is open"),
    "assign": _("Owner"),
    "deadline": _("Deadline of the platform"),
    "escalate": _("Escalated"),
    "fields": _("Answers changed"),
    "lapse_offer": _("Offer over"),
    "insure": _("Insurance of the way back"),
    "note": _("Note"),
    "confirm_payee": _("Account confirmed"),
    "give_payee": _("Account given"),
    "refund_again": _("Refund to be tried again"),
    "refund_batched": _("Refund put into a payment file"),
    "refund_failed": _("Refund failed"),
    "refund_paid": _("Refund paid"),
    "refund_submitted": _("Refund sent to the provider"),
    "remove_picture": _("Pictures removed"),
    "see_payee": _("Account looked at"),
}
#: In whose queue a return stands.
DEPARTMENTS: dict[str, Any] = {
    "service": pgettext_lazy("department", "Service"),
    "warehouse": pgettext_lazy("department", "Warehouse"),
    "finance": pgettext_lazy("department", "Finance"),
    "management": pgettext_lazy("department", "Management"),
}
#: Why a request is of its type, as `returns.classing` says.
BECAUSE: dict[str, Any] = {
    "money": _("set by the system, because only money is asked for"),
    "asked": _("set by the system, because that is what was asked for"),
    "refused": _("set by the system, because the parcel was refused or stopped on its way"),
    "not_shipped": _("set by the system, because nothing of it was shipped"),
    "kept": _("set by the system, because what was shipped stays with the buyer"),
    "goods": _("set by the system, because goods come back for their money"),
    "staff": _("changed by hand; the history says by whom and why"),
}
#: Who gets what comes to a department.
WAYS: dict[str, Any] = {
    "nobody": _("nobody: people take it"),
    "in_turn": _("people of the role, in turn"),
    "last_person": _("whoever had this customer last"),
}
#: Clocks of a return by their kind, and what happens once one ran out.
CLOCKS: dict[str, Any] = {
    "review": _("Decision on the request"),
    "answer": _("Answer of the customer"),
    "ship": _("Goods sent by the customer"),
    "refund": _("Refund by us"),
    "platform": _("Deadline of the platform"),
    "stage": _("Approval"),
    "offer": _("Answer to an offer"),
    "granted": _("Refund once granted"),
    "posted": _("Refund once sent"),
    "received": _("Refund once arrived"),
    "arrive": _("Arrival of what was refunded already"),
    "advance": _("Old goods back from the customer"),
    "repair": _("Repair by us"),
}
#: What became of a clock.
CLOCK_OUTCOMES: dict[str, Any] = {
    "": pgettext_lazy("clock", "running"),
    "met": pgettext_lazy("clock", "met"),
    "late": pgettext_lazy("clock", "late"),
    "acted": pgettext_lazy("clock", "ran out"),
    "stopped": pgettext_lazy("clock", "no longer needed"),
    "paused": pgettext_lazy("clock", "stood still"),
    "replaced": pgettext_lazy("clock", "set anew"),
}
#: By what it does; nothing is said of one that does nothing.
THEN: dict[str, Any] = {
    "escalate": _("then it is escalated"),
    "approve": _("then the return is authorised"),
    "refund": _("then the refund is paid"),
    "charge": _("then the new goods are charged"),
    "expire": _("then the return expires"),
    "cancel": _("then the return is cancelled"),
    "reject": _("then the request is rejected"),
    "lapse": _("then the offer is over"),
}
#: Why a return follows another one.
LINKS: dict[str, Any] = {
    "late_parcel": _("A parcel that came after its return was over"),
    "exchange_undone": _("The new goods of an exchange that was undone"),
    "gift_later": _("A gift that was charged came back"),
    "unmatched": _("What no sale was found for"),
}
#: Sides of a return, who shows or says something.
SIDES: dict[str, Any] = {"customer": _("Customer"), "staff": _("Staff")}
#: Grades that have a name of their own; the others are letters.
GRADES: dict[str, Any] = {"uninspected": _("not inspected")}
#: Notices to customers, as `notifications.facts` names them.
NOTICES: dict[str, Any] = {
    "return_requested": _("Request received"),
    "return_info_needed": _("More information needed"),
    "return_authorised": _("Return authorised"),
    "return_rejected": _("Request rejected"),
    "return_received": _("Goods arrived"),
    "return_refunded": _("Money refunded"),
    "freight_buyer": _("The customer pays the way back"),
    "freight_seller": _("We pay the way back"),
    "return_exchanged": _("Goods exchanged"),
    "difference_due": _("Difference still open"),
    "return_sent_ahead": _("New goods sent ahead"),
    "repair_quoted": _("Repair quoted"),
    "repair_given_up": _("Repair given up"),
    "gift_credited": _("Gift became store credit"),
    "gift_exchanged": _("Gift exchanged"),
    "return_sent_out": _("Goods sent to the customer"),
    "return_expired": _("Return expired"),
    "return_unanswered": _("Question not answered"),
    "return_answer_due": _("Answer due soon"),
    "return_ship_due": _("Goods due soon"),
    "staff_due": _("Staff: due soon"),
    "staff_escalated": _("Staff: escalated"),
    "staff_given": _("Staff: given a return"),
    "offer_made": _("Offer made"),
    "offer_accepted": _("Offer agreed on"),
    "offer_declined": _("Wish turned down"),
    "offer_withdrawn": _("Offer withdrawn"),
    "offer_due": _("Offer over soon"),
    "staff_counter_offer": _("Staff: counter-offer"),
    "staff_offer_accepted": _("Staff: offer accepted"),
    "one_time_code": _("One-time code"),
}
#: Kinds of files that come in.
FILES: dict[str, Any] = {
    "orders": _("Orders"),
    "returns": _("Past returns"),
    "catalogue": _("Catalogue"),
    "customers": _("Customers"),
    "stock": _("Opening stock"),
    "payments": _("Payments"),
    "prices": _("Agreed prices"),
}
#: What such a file has, and when one imports it.
FILE_HINTS: dict[str, Any] = {
    "orders": _("one row a line: order, goods, quantity, price, payment, shipment"),
    "returns": _("returns of the past with their amounts; import their orders first"),
    "catalogue": _("goods with name, barcode, unit, cost, tax"),
    "customers": _("buyers of a shop with name and contact"),
    "stock": _("what lies where at the start, with its cost"),
    "payments": _("money that came in for orders already there"),
    "prices": _("what customers were promised for goods, from a day until a day"),
}
#: What separates the cells of a line.
SEPARATORS: dict[str, Any] = {
    "auto": _("found out by itself"),
    "comma": _("comma"),
    ",": _("comma"),
    "semicolon": _("semicolon"),
    ";": _("semicolon"),
    "tab": _("tab"),
    "\t": _("tab"),
    "bar": _("bar"),
    "|": _("bar"),
}
#: Where a file that was sent stands.
FILE_STATES: dict[str, tuple[Any, str]] = {
    "draft": (_("To look at"), "warning"),
    "queued": (_("Waits for its turn"), "info"),
    "running": (_("Being read"), "info"),
    "stopped": (_("Stopped"), "warning"),
    "failed": (_("Cannot be read"), "danger"),
}
#: Outcomes of rows of a file: tone of their part of the bar.
OUTCOMES = {"imported": "success", "updated": "info", "set_aside": "danger"}
#: What became of an offer, with its tone.
OFFER_STATES: dict[str, tuple[Any, str]] = {
    "open": (_("open"), "info"),
    "accepted": (_("accepted"), "success"),
    "declined": (_("declined"), "danger"),
    "countered": (_("answered with another"), "neutral"),
    "expired": (_("ran out"), "neutral"),
    "withdrawn": (_("withdrawn"), "neutral"),
}
#: How a repair stands, with its tone.
REPAIR_STATES: dict[str, tuple[Any, str]] = {
    "": (_("to be looked at"), "warning"),
    "quoted": (_("waits for the customer"), "warning"),
    "agreed": (_("to be repaired"), "info"),
    "declined": (pgettext_lazy("repair", "declined"), "neutral"),
    "done": (_("repaired"), "success"),
    "given_up": (_("cannot be repaired"), "danger"),
}
#: Why goods in an exchange cost what they cost.
PRICING: dict[str, Any] = {
    "same": _("at what was paid"),
    "listed": _("at the price of today"),
    "stated": _("at an agreed price"),
}
#: Usual ways to pay.
TENDERS: dict[str, Any] = {
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "card": _("Card"),
    "cash": _("Cash"),
    "gift_card": _("Gift card"),
    "store_credit": _("Store credit"),
    "points": _("Points"),
    "bank": _("Bank transfer"),
    "coupon": _("Coupon"),
    "platform": _("Platform"),
    "": _("All others"),
}
#: Steps of a return's strip, as `insights.progress` names them.
STAGES: dict[str, Any] = {
    "requested": _("Requested"),
    "decided": _("Authorised"),
    "sent": _("Sent back"),
    "received": _("Received"),
    "inspected": _("Inspected"),
    "refunded": _("Refunded"),
    "sent_out": _("Sent to the customer"),
    "closed": _("Closed"),
}
#: What a return waits for, as `insights.progress` names it.
WAITS: dict[str, Any] = {
    "review": _("Somebody decides on the request"),
    "offer": _("The customer answers the offer"),
    "wish": _("Somebody answers what the customer asks for"),
    "answer": _("The customer answers the question"),
    "parcel": _("The customer sends the goods"),
    "arrival": _("The parcel arrives"),
    "rest": _("The rest of the goods arrives"),
    "inspect": _("The goods are inspected"),
    "release": _("Somebody decides on goods that differ"),
    "refund": _("The refund is settled"),
    "quote": _("Somebody looks what the repair takes"),
    "consent": _("The customer agrees to the price of the repair"),
    "repair": _("The goods are repaired"),
    "charge": _("The customer pays the repair"),
    "send": _("The goods are sent to the customer"),
    "bay": _("The goods leave the returns bay"),
    "close": _("The return is closed"),
}


def sentence(refusal: Refusal) -> str:
    """The refusal in the reader's language, states and commands in words."""
    said, language = refusal.told(), get_language() or "zh"
    if said.get("state") in set(lifecycle.State):
        said["state"] = labels.label(said["state"], lifecycle.State, language)
    elif said.get("state") in labels.AXES["money"]:
        zh, en, _tone = labels.AXES["money"][said["state"]]
        said["state"] = zh if language.startswith("zh") else en
    if said.get("command") in lifecycle.COMMANDS:
        command = lifecycle.COMMANDS[said["command"]]
        said["command"] = command.zh if language.startswith("zh") else command.en
    return str(refusal.sentence) % said
