"""What trade refuses of an order, and what to do about it. One refused fact refuses the whole order."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal

#: What is compared of orders, lines and receipts, in words.
LABELS = {
    "currency": _("The currency"),
    "shipping_standard_minor": _("The standard shipping fee"),
    "shipping_surcharge_minor": _("The express surcharge"),
    "customer": _("The customer"),
    "sku": _("The product"),
    "ordered": _("The ordered quantity"),
    "unit_price": _("The unit price"),
    "paid_minor": _("What the buyer pays"),
    "funded_minor": _("What others fund"),
    "quantity": _("The quantity"),
    "cost_minor": _("The cost"),
    "weight_g": _("The weight"),
}


class ShopUnknown(Refusal):
    code: ClassVar[str] = "shop_unknown"
    sentence = _("There is no shop %(shop_id)s. Set it up first.")


class WarehouseUnknown(Refusal):
    code: ClassVar[str] = "warehouse_unknown"
    sentence = _("There is no warehouse %(warehouse_id)s. Set it up first.")


class OrderUnknown(Refusal):
    code: ClassVar[str] = "order_unknown"
    sentence = _("The order %(number)s is not known. Import the order first.")


class OrderRepeated(Refusal):
    code: ClassVar[str] = "order_repeated"
    sentence = _("The order %(number)s is stated twice in one set. State it once with all its lines.")


class OrderEmpty(Refusal):
    code: ClassVar[str] = "order_empty"
    sentence = _("The order %(number)s has no lines. Give it at least one.")


class OrderMismatch(Refusal):
    """Data: number, column, label, known, stated."""

    code: ClassVar[str] = "order_mismatch"
    sentence = _("%(label)s of the order %(number)s was %(known)s and is now %(stated)s. Correct the file.")


class LineMismatch(Refusal):
    """Data: line_key, column, label, known, stated. Amounts are frozen when a line is first seen."""

    code: ClassVar[str] = "line_mismatch"
    sentence = _("%(label)s of the line %(line_key)s was %(known)s and is now %(stated)s. Amounts are frozen.")


class LineRepeated(Refusal):
    code: ClassVar[str] = "line_repeated"
    sentence = _("The line %(line_key)s is stated twice in one order. Give each line an id of its own.")


class LineUnknown(Refusal):
    code: ClassVar[str] = "line_unknown"
    sentence = _("The line %(line_key)s is not of this order. Import the order with this line first.")


class SkuUnknown(Refusal):
    code: ClassVar[str] = "sku_unknown"
    sentence = _("There is no SKU %(sku_code)s. Import the catalogue first, or correct the code.")


class BundleEmpty(Refusal):
    code: ClassVar[str] = "bundle_empty"
    sentence = _("The bundle %(sku_code)s has no components. State its composition first.")


class QuantityInvalid(Refusal):
    code: ClassVar[str] = "quantity_invalid"
    sentence = _("The quantity %(quantity)s of the line %(line_key)s is not possible. Correct it.")


class AmountsInvalid(Refusal):
    code: ClassVar[str] = "amounts_invalid"
    sentence = _("The amounts of the line %(line_key)s do not fit: check price, discounts, funders and tax.")


class PaymentInvalid(Refusal):
    code: ClassVar[str] = "payment_invalid"
    sentence = _("The payment %(payment_key)s has the amount %(amount)s. A refund is not a payment.")


class SerialQuantity(Refusal):
    code: ClassVar[str] = "serial_quantity"
    sentence = _("The serial number %(serial)s stands for %(quantity)s units. It is one unit: state each alone.")


class ShippedOverOrdered(Refusal):
    """Data: line_key, ordered, shipped, cancelled."""

    code: ClassVar[str] = "shipped_over_ordered"
    sentence = _(
        "Shipped %(shipped)s and cancelled %(cancelled)s of the line %(line_key)s are more than %(ordered)s ordered."
    )


class ShippedWouldShrink(Refusal):
    """Data: line_key, known, stated. What left is a booked fact: it comes back as a return."""

    code: ClassVar[str] = "shipped_would_shrink"
    sentence = _(
        "%(known)s units of the line %(line_key)s were shipped, the file says %(stated)s. "
        "Enter a return for goods that came back; if they did not, correct the file."
    )


class BelowClaimed(Refusal):
    """Data: line_key, known, stated, claimed."""

    code: ClassVar[str] = "below_claimed"
    sentence = _(
        "Returns hold %(claimed)s of the %(known)s units shipped of the line %(line_key)s, the file says %(stated)s. "
        "End those returns first."
    )


class PaidWouldShrink(Refusal):
    """Data: payment_key, known, stated (in the order's currency). What came in goes back as a refund."""

    code: ClassVar[str] = "paid_would_shrink"
    sentence = _(
        "The payment %(payment_key)s was %(known)s, the file says %(stated)s. "
        "Enter a return for money that was paid back; if it was not, correct the file."
    )


class BelowRefunded(Refusal):
    """Data: payment_key, known, stated, refunded (in the order's currency)."""

    code: ClassVar[str] = "below_refunded"
    sentence = _(
        "%(refunded)s of the payment %(payment_key)s over %(known)s were refunded, the file says %(stated)s. "
        "Correct the refund first."
    )


class CancelledWouldShrink(Refusal):
    """Data: line_key, known, stated."""

    code: ClassVar[str] = "cancelled_would_shrink"
    sentence = _("%(known)s units of the line %(line_key)s were cancelled, the file says %(stated)s. Order them anew.")


class StockShort(Refusal):
    """Data: sku_code, sku_id, lot, wanted, available."""

    code: ClassVar[str] = "stock_short"
    sentence = _(
        "%(wanted)s units of %(sku_code)s were shipped, but only %(available)s are in stock. "
        "Enter the missing receipt, then import the order again."
    )


class ShippingInvalid(Refusal):
    code: ClassVar[str] = "shipping_invalid"
    sentence = _("The shipping fee of the order %(number)s or its tax is not possible. Correct it.")


class DepositInvalid(Refusal):
    code: ClassVar[str] = "deposit_invalid"
    sentence = _("The deposit of the order %(number)s is less than nothing or of an unknown kind. Correct it.")


class TextTooLong(Refusal):
    """Data: column, longest."""

    code: ClassVar[str] = "text_too_long"
    sentence = _("%(column)s is longer than %(longest)s characters. Shorten it.")


class NotPermitted(Refusal):
    code: ClassVar[str] = "not_permitted"
    status: ClassVar[int] = 403
    sentence = _("This needs the permission %(permission)s.")


class StockInvalid(Refusal):
    """Data: sku_code, column, label."""

    code: ClassVar[str] = "stock_invalid"
    sentence = _("%(label)s of the receipt of %(sku_code)s is not possible. Correct it.")


class StockOfBundle(Refusal):
    code: ClassVar[str] = "stock_of_bundle"
    sentence = _("%(sku_code)s is a bundle and has no stock of its own. State the stock of its components.")


class StockRepeated(Refusal):
    code: ClassVar[str] = "stock_repeated"
    sentence = _("The receipt %(reference)s of %(sku_code)s is stated twice in one set. Give each a reference.")


class StockMismatch(Refusal):
    """Data: sku_code, reference, known, stated (units)."""

    code: ClassVar[str] = "stock_mismatch"
    sentence = _(
        "The receipt %(reference)s of %(sku_code)s was recorded with %(known)s units and now has %(stated)s. "
        "Count the place, or state the difference as a receipt of its own."
    )


class GoodsMirrored(Refusal):
    code: ClassVar[str] = "goods_mirrored"
    sentence = _("The goods of the warehouse %(warehouse)s are kept by another system. Enter the receipt there.")


class PriceUnknown(Refusal):
    code, status = "price_unknown", 422
    sentence = _("%(sku_code)s has no price here. Choose other goods, or have a colleague state the price.")


class NothingToCollect(Refusal):
    code = "nothing_to_collect"
    sentence = _("Nothing is open for the exchange of this return. Open it again to see what was paid.")


class ExchangeStays(Refusal):
    code = "exchange_stays"
    sentence = _(
        "An exchange is not taken back here. Undo it as long as nothing of the new goods left; later they come back by"
        " a return of their own order."
    )


class ReplacementLeft(Refusal):
    code = "replacement_left"
    sentence = _("New goods of order %(order)s left already. Take them back by a return of that order instead.")


class ReplacementCancelled(Refusal):
    code = "replacement_cancelled"
    sentence = _("The order in place of the goods was cancelled before: there is nothing left to undo.")


class SentAhead(Refusal):
    code = "sent_ahead"
    sentence = _("The new goods were ordered already. Close the old ones as short or lost once nobody waits for them.")


class OtherAccount(Refusal):
    code, status = "other_account", 422
    sentence = _("A credit pays for orders of the same customer, company and currency alone. Choose another order.")


class NoCredit(Refusal):
    code = "no_credit"
    sentence = _("This order has no credit left. Open the account again to see what became of it.")


class NothingOwed(Refusal):
    code = "nothing_owed"
    sentence = _("Nothing is owed for what was chosen. Keep the credit for the next order.")


class SetOffTooMuch(Refusal):
    code, status = "set_off_too_much", 422
    sentence = _("%(amount_minor)s does not fit: at most %(most_minor)s can be set off (minor units). Correct it.")


class CreditTooMuch(Refusal):
    code, status = "credit_too_much", 422
    sentence = _("Order %(number)s has %(most)s left to pay. Spend no more than that.")
