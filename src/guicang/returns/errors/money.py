"""Why money without goods, a refused parcel or an account was refused. Each sentence says what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class NotOneParcel(Refusal):
    code, status = "not_one_parcel", 422
    sentence = _("A refused parcel brings back its own goods alone. Enter everything else as a return of its own.")


class DeliveredAlready(Refusal):
    code = "delivered_already"
    sentence = _("This parcel was delivered, so it was not refused. Enter a return for refund instead.")


class PriceNotLower(Refusal):
    code = "price_not_lower"
    sentence = _("Today's price is not below what was paid, less what was given back. Check the price.")


class NoPriceMatch(Refusal):
    code = "no_price_match"
    sentence = _("The policy of this order gives no price protection. Give goodwill, or make an exception.")


class PriceMatchOver(Refusal):
    code = "price_match_over"
    sentence = _("Price protection ended %(days)s days after the order. Give goodwill, or make an exception.")


class KeepingNotOffered(Refusal):
    code = "keeping_not_offered"
    sentence = _(
        "For keeping these goods the policy offers nothing, or they cannot come back any more. Ask for a return."
    )


class NoExchange(Refusal):
    code = "no_exchange"
    sentence = _("No goods were given in place of this return's yet. Cancel the return instead.")


class RemindedLately(Refusal):
    code = "reminded_lately"
    sentence = _("This customer was reminded within the last %(hours)s hours. Wait before you remind him again.")


class DifferenceOpen(Refusal):
    code = "difference_open"
    sentence = _("The new goods cost %(amount)s more. Say how the customer paid it, before he takes them along.")


class KeepingAsked(Refusal):
    code = "keeping_asked"
    sentence = _("Money for keeping these goods was asked for before. Open the return that asks for it.")


class FreightReceiptMissing(Refusal):
    code = "freight_receipt_missing"
    sentence = _("Freight is paid back against its receipt. Add a picture or the document to the return first.")


class QuotaUsedUp(Refusal):
    code = "quota_used_up"
    sentence = _("More would come back in %(year)s than the yearly quota allows. Ask for less, or make an exception.")


class MoneyLimitAct(Refusal):
    code = "money_limit_act"
    sentence = _("Your role may grant %(left)s at one go. Ask somebody whose role may grant more.")


class MoneyLimitCustomer(Refusal):
    code = "money_limit_customer"
    sentence = _("Your role may grant this customer %(left)s more this month. Ask somebody whose role may grant more.")


class MoneyLimitAgent(Refusal):
    code = "money_limit_agent"
    sentence = _("You may grant %(left)s more this month. Ask somebody whose role may grant more.")


class FreightInsured(Refusal):
    code = "freight_insured"
    sentence = _("The insurer has paid the customer this way back already. Do not pay it a second time: cancel this.")


class FreightPaid(Refusal):
    code = "freight_paid"
    sentence = _("The shop has paid this freight. Reverse that settlement before you note that the insurer paid it.")


class BadTiers(Refusal):
    code, status = "bad_tiers", 422
    sentence = _("Each tier begins above the one before and gives at least as much. Correct amounts and percentages.")


class RebateGranted(Refusal):
    code = "rebate_granted"
    sentence = _("A rebate was granted under this agreement, so it stays as it is. Agree the next period instead.")


class PeriodRuns(Refusal):
    code = "period_runs"
    sentence = _("The period runs until %(until)s. Grant the rebate after that day.")


class Unpriced(Refusal):
    code = "unpriced"
    sentence = _("Line %(position)s has no order and no price yet. Price it first.")


class PricedByOrder(Refusal):
    code = "priced_by_order"
    sentence = _("Line %(position)s belongs to an order, and its price is the order's. Choose a line without an order.")


class PriceOverlaps(Refusal):
    code = "price_overlaps"
    sentence = _("Another agreed price of this article holds within these days. End that one first, or choose others.")


class PricePaid(Refusal):
    code = "price_paid"
    sentence = _("Line %(position)s was paid at its price. Reverse the settlement first.")


class NoCustomerNamed(Refusal):
    code = "no_customer_named"
    sentence = _("A price is agreed with a customer who is known by a number. Choose one.")


class EndsBefore(Refusal):
    code, status = "ends_before", 422
    sentence = _("The last day comes before the first. Correct one of them.")


class NoSuchCustomer(Refusal):
    code, status = "no_such_customer", 404
    sentence = _("There is no customer %(number)s in this shop. Check the number.")


class NoSuchArticle(Refusal):
    code, status = "no_such_article", 404
    sentence = _("There is no article %(code)s in the catalogue. Check the code.")
