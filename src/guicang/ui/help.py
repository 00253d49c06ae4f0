"""What a newcomer is told where he hesitates: at most two sentences, shown by `{% help %}`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

#: On pages, by the place they stand at.
PLACES: dict[str, Any] = {
    "own_fields": _(
        "A field of your own appears in the forms of customers and staff, on the page of the return, in the API and "
        "in files. Policies and approval flows can ask about numbers, lists and yes or no."
    ),
    "states": _(
        "A state says how far a return has come; it follows from what was decided and from what its lines have "
        "done. Each button above the list shows the returns that wait for the same next step."
    ),
    "leaks": _(
        "Returns whose goods and money do not match, and parcels that belong to no return. The role named with a "
        "list empties it; at the end of the day all four are empty."
    ),
    "axes": _(
        "Each line is followed three times: whether its goods have come, whether they passed inspection, and "
        "whether its money went back. The state of the return is computed from its lines."
    ),
    "dispositions": _(
        "Restock puts the goods back on sale, second grade keeps them in stock for less, scrap takes them out; what"
        " is to be refurbished or goes to the supplier waits apart. Rejected goods go back to the customer and are "
        "not refunded."
    ),
    "grades": _(
        "The grade says in which condition goods were found: A as new, R to refurbish, B second grade, S scrap. "
        "Each is worth a share of the cost; what is missing to the cost is written down in the books."
    ),
    "components": _(
        "The share of what was really paid for the goods comes back, after the discounts of the order and with its "
        "tax. Points that were earned with the goods are taken back; shipping comes back as chosen."
    ),
    "shipping": _(
        "Whether the postage of the order is given back too: not at all, by the share of the goods, with the last "
        "unit, or by law once the whole order comes back."
    ),
    "places": _(
        "A place says where goods lie and whether they may be sold: only those at Sellable are. The returns bay "
        "holds what came and is not inspected yet."
    ),
    "journal": _(
        "Every step that moves goods or money writes an entry whose debit equals its credit; nothing is changed "
        "later, a correction is an opposite entry. A voucher gets its number a little after it is written."
    ),
    "balance": _(
        "The sums of each account in the days shown, debit and credit, and what is left. The two sums at the foot "
        "are equal; the balance of a liability or of income carries a minus sign."
    ),
    "mapping": _(
        "Say for each column of your file what it holds; what you choose nothing for is not taken. Nothing is "
        "booked before you press Import it, and the same file twice changes nothing twice."
    ),
    "decisions": _(
        "How the requests of these days were decided, how long it took, and every exception that somebody made to "
        "the policy. A figure leads to the returns behind it."
    ),
    "approvals": _(
        "A flow says which returns need the word of certain people, and in which order they give it. A return keeps "
        "the stages that it had when it was requested."
    ),
    "credit": _(
        "What customers have with us instead of refunded money, and what was added to it. Every change is a line of "
        "its own; the balance is their sum and stands in the books as owed."
    ),
    "credit_rules": _(
        "A bonus makes store credit worth more than money back, and runs out; the buyer always chooses. Coupons are "
        "issued after a settled return and redeemed once."
    ),
    "approval": _(
        "The return is granted when its last stage has agreed; a no at any stage rejects it. Whoever entered the "
        "request never decides about it."
    ),
    "company": _("A company has books of its own. Shops and warehouses belong to one, and its currency stays."),
    "shop": _("A shop is where customers buy: an online shop, a counter. Its orders and returns carry its name."),
    "warehouse": _(
        "Goods come back to a warehouse. Its return address stands on every return that goes there, so enter it first."
    ),
    "market": _("A market is a country or region with its currency. Deadlines end at midnight in its time zone."),
    "channel": _("A channel is the platform through which a shop sells. It helps to filter and to compare."),
    "numbers": _(
        "Returns, vouchers and credit notes count up, each kind in a range of its own. Auditors look for gaps, so "
        "no number is given twice and none is set back."
    ),
    "risk": _(
        "Points add up what can be checked: counts and figures, each with its sentence. Many of them ask a person to "
        "look; they never refuse a return, and customers read nothing of them."
    ),
    "prices": _(
        "Goods that come back without an order pay what the first of these sources knows; each line keeps which sale "
        "or agreement it went by. Where none knows a price, or it is above the limit, a person says it."
    ),
    "quotas": _(
        "How much a customer may send back in a calendar year: a percentage of what he bought, an amount, or both "
        "together. What he asks for counts at once; what is rejected, cancelled or paid with less is given back."
    ),
    "money_limits": _(
        "Goodwill, compensation, freight and price protection cost money without goods coming back. Each role may "
        "grant so much of it; what others agreed to in an approval is not asked about, but counts."
    ),
    "rebates": _(
        "What a customer earns on the turnover of a period, granted once it is over. Returns that come later lower the "
        "turnover, and every night the difference is taken back from his account, to the cent."
    ),
    "blind": _(
        "For goods of a customer who names no order. See first what they would pay and why; lines that no rule prices "
        "wait for a person."
    ),
    "policy": _(
        "A policy answers one question after another: how long, which goods, what it costs, who decides. "
        "A new version holds from its day on; orders that were placed before keep theirs."
    ),
    "owners": _(
        "A return that is not over stands with one department, by what has to be done next. Whoever takes it is its "
        "owner there; when it moves on, the rule in the settings says who gets it."
    ),
    "refund_ways": _(
        "Where somebody has to pay a refund, it stays due, and the books show it as refunds to pay, until it is marked "
        "paid with its reference. By hand that is for another person than the one who settled."
    ),
    "drawers": _(
        "Whoever takes or pays cash has a shift at a drawer, begun and ended by a count; refunds in cash and what an "
        "exchange leaves open move it by themselves. A difference above the company's limit needs a second person."
    ),
    "drawer": _(
        "A drawer belongs to a shop. Once a company has one, all its cash goes through the open shift of whoever acts; "
        "what the program would pay in cash waits at Refunds until somebody at a counter pays it."
    ),
    "payee": _(
        "An account that the customer gives on his own page counts at once; what staff type, and every change, waits "
        "for a second person, and who typed it does not pay. Each look at a whole number is written down."
    ),
    "payouts": _(
        "A payment file takes transfers to your bank in one go: they are submitted under its number until you mark "
        "them paid or failed. Whoever settled a refund or typed its account cannot put it into a file."
    ),
    "freight": _(
        "What a parcel on its way back costs. Customers read it before they ask for a return, and a policy can keep it "
        "back where the buyer pays the way."
    ),
    "found_fault": _(
        "Whose fault it is as you see it. Where that differs from what the customer said, who pays the way back and "
        "the fees follow your finding, and the customer is told."
    ),
    "goodwill": _(
        "Money that you give beyond what the policy says: no part of the price, but an expense of yours. It needs the "
        "right to make exceptions and a reason, and stands on the return as a line of its own."
    ),
    "refund_to": _(
        "Money goes back the way it came unless the customer agrees to another. What was paid with points or coupons "
        "always goes back to where it came from."
    ),
    "gift": _(
        "Whoever was given it gets store credit of his own or the same item new, never money. He sees no price and "
        "nothing of the giver, who is not told."
    ),
    "reasons": _(
        "Customers choose one of these reasons for what they send back. Whose fault it is decides who pays the way "
        "back and whether late goods are looked at by a person."
    ),
    "outbox": _(
        "What goes out to customers, an ERP or webhooks waits here and is tried again until it is done. After the "
        "last attempt it has failed: try it again once the cause is gone, or drop it."
    ),
    "proofs": _(
        "Each proof computes from single rows what the sums must be, and compares. It changes nothing; a difference"
        " names the row, for a person to look at."
    ),
    "condition": _(
        "Say how the goods are now, as well as you can see it. We look at them when they arrive; an honest answer "
        "saves you a question from us."
    ),
    "code": _(
        "The code shows us that the order is yours, so nobody else sees it. It goes to the phone or e-mail of the "
        "order and is valid for 10 minutes."
    ),
}
#: What each command does.
COMMANDS: dict[str, Any] = {
    "ask": _("The customer is asked what is missing and gets a deadline; the decision waits for the answer."),
    "answer": _("Write down what the customer said; the request then waits for a decision again."),
    "authorise": _(
        "The customer may send the goods and gets the return code and a deadline. Less than was asked for needs a "
        "reason."
    ),
    "price": _("Say what goods without an order pay, for all units of a line, tax within."),
    "retype": _("What becomes of the goods and of their money changes; the verdict stays the one of the request."),
    "reject": _("The customer is told no with your reason, and may ask once to have it decided again."),
    "offer": _(
        "The buyer keeps the goods and gets a part of the money back. He may accept, decline or ask for more; nothing "
        "binds before both sides agree."
    ),
    "accept_offer": _("You agree with what the customer asks for: the goods stay with him, and the money is due."),
    "decline_offer": _("Say no to the customer's wish, or take back your own offer; the request waits as before."),
    "appeal": _("The customer disagrees: the request waits for a decision once more. It can be done once."),
    "ship": _("Note the carrier and the parcel number, so that the warehouse knows what is coming."),
    "receive": _(
        "Enter what really came, line by line; the rest stays awaited. Goods wait in the returns bay to be inspected."
    ),
    "short_close": _("Stop waiting for what will not come, so that the rest can be finished."),
    "inspect": _("Say what the goods are like and where they go; after that the refund is due."),
    "redispose": _("Goods that were inspected go another way after all; stock and books follow."),
    "release": _("Goods that differ from what was sold hold the refund. Decide whether they are taken all the same."),
    "clear_risk": _("The risk was high when the goods came, so nothing is refunded by itself. Say that you looked."),
    "settle": _(
        "The refund is computed, booked and sent the way the money came. What it pays is shown before, to the cent."
    ),
    "send_ahead": _(
        "The new goods are ordered at once. The old ones have to be back in time: then the new ones are charged, or "
        "somebody looks at it, as the policy says."
    ),
    "exchange": _(
        "What the goods gave back pays the order in their place. What remains is paid back, or collected once."
    ),
    "reverse_settlement": _(
        "A settlement was wrong: an opposite one takes it back in the books. After that, settle anew."
    ),
    "quote_repair": _(
        "Say whether the warranty pays and what the repair costs the customer otherwise. He is asked before anybody "
        "begins; what costs him nothing needs no answer."
    ),
    "accept_quote": _("The customer agrees to the price: now the goods are repaired."),
    "decline_quote": _("The customer does not want it at this price: the goods go back as they came."),
    "finish_repair": _("Enter the parts from stock and the time it took. The parts leave stock at their average cost."),
    "pay_repair": _("Record how the customer paid the repair. The goods go back to him after that."),
    "turn_repair": _(
        "It cannot be repaired: the goods become yours, and the customer gets his money back or the same item new."
    ),
    "send_out": _(
        "What was turned down goes back to the customer, and what he did not get is sent once more from stock. He is "
        "told the carrier and the parcel number."
    ),
    "close": _("All came, was inspected and paid, and nothing is left in the returns bay: the return is finished."),
    "cancel": _("The customer keeps the goods, or the request was a mistake. Nothing is refunded."),
    "expire": _("The deadline passed and nothing came. It happens by itself; here you do it at once."),
}
HELP = {**PLACES, **COMMANDS}
