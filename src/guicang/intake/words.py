"""What counts and codes of a report are called by people. The msgids are short; a row's own reason says it in full."""

from __future__ import annotations

from django.utils.translation import gettext

from guicang.intake.profiles.schema import N_

_WORDS = {
    "imported": N_("imported"),
    "updated": N_("updated"),
    "unchanged": N_("unchanged"),
    "unchanged_older": N_("older than what is known"),
    "set_aside": N_("set aside"),
    "other_command": N_("rows of the other command"),
    "cleaned": N_("columns with cleaned cells"),
    "sheets_not_read": N_("sheets that were not read"),
    "codes_that_differ_by_case": N_("SKU codes that differ by case alone"),
    "codes_with_several_names": N_("SKU codes with several names"),
}
_REASONS = {
    "blank_row": N_("blank row"),
    "total_row": N_("total row"),
    "repeated_header": N_("header once more"),
    "cell_count": N_("too few or too many cells"),
    "bad_quoting": N_("stray quotes"),
    "missing_value": N_("empty cell"),
    "excel_number": N_("number rounded by Excel"),
    "formula": N_("formula in a cell"),
    "cell_error": N_("error value in a cell"),
    "control_character": N_("characters that cannot be printed"),
    "bad_number": N_("no number"),
    "number_too_large": N_("number too large"),
    "fractional_quantity": N_("fractional quantity"),
    "zero_quantity": N_("quantity 0"),
    "negative_quantity": N_("quantity below zero"),
    "too_many_decimals": N_("too many decimals"),
    "negative_amount": N_("amount below zero"),
    "currency_mismatch": N_("another currency"),
    "bad_currency": N_("no currency code"),
    "bad_rate": N_("no rate"),
    "bad_date": N_("no date"),
    "date_in_future": N_("date in the future"),
    "bad_boolean": N_("neither yes nor no"),
    "unknown_value": N_("value the profile does not know"),
    "too_long": N_("text too long"),
    "text_too_long": N_("text too long"),
    "write_off": N_("write-off, no return"),
    "order_contradiction": N_("rows of an order that disagree"),
    "line_contradiction": N_("rows of a line that disagree"),
    "document_contradiction": N_("rows of a document that disagree"),
    "document_incomplete": N_("waits for another row"),
    "document_changed": N_("document known with other content"),
    "refund_not_here": N_("refund among payments"),
    "bad_composition": N_("no composition of a bundle"),
    "company_other": N_("of another company"),
    "return_type_unknown": N_("kind of return not possible here"),
    "order_unknown": N_("unknown order"),
    "sku_unknown": N_("unknown SKU"),
    "warehouse_unknown": N_("unknown warehouse"),
    "order_mismatch": N_("order known with other facts"),
    "line_mismatch": N_("line known with other facts"),
    "line_repeated": N_("line stands there twice"),
    "shipped_over_ordered": N_("more shipped than ordered"),
    "shipped_would_shrink": N_("fewer shipped than booked"),
    "below_claimed": N_("fewer shipped than returns hold"),
    "paid_would_shrink": N_("less paid than booked"),
    "below_refunded": N_("less paid than refunded"),
    "cancelled_would_shrink": N_("fewer cancelled than booked"),
    "stock_short": N_("not enough in stock"),
}


def word(name: str) -> str:
    """What a count of the report is called."""
    return gettext(_WORDS[name]) if name in _WORDS else name


def reason(code: str, *, with_code: bool = True) -> str:
    """Why rows were set aside, with the code to look for in their file."""
    words = gettext(_REASONS[code]) if code in _REASONS else gettext("refused, the file says why")
    return f"{words} ({code})" if with_code else words
