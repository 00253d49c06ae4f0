"""The columns of the files that lists are saved as."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy, pgettext_lazy

from guicang.accounting import queries as books
from guicang.desk.files import Column
from guicang.kernel.money import from_minor
from guicang.ui.templatetags import decisions as words
from guicang.ui.templatetags import guicang as shown
from guicang.ui.templatetags.drawers import cash_move, cash_reason, shift_text
from guicang.ui.templatetags.refunds import method, refund_state, way


def _money(name: str) -> Callable[[Any], Any]:
    return lambda row: from_minor(getattr(row, name), row.currency)


def answered(field_id: UUID, cells: Mapping[UUID, Mapping[UUID, str]]) -> Callable[[Any], Any]:
    """What was answered to one of the company's own fields."""
    return lambda row: cells.get(row.id, {}).get(field_id, "")


def _counted(code: str) -> Callable[[Any], Any]:
    return lambda row: row.counts[code]


def _of(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


RETURNS = (
    Column(gettext_lazy("Return"), _of("number")),
    Column("RMA", _of("rma_code")),
    Column(gettext_lazy("State"), lambda row: shown.state_text(row.state)),
    Column(gettext_lazy("Type"), lambda row: shown.kind(row.type)),
    Column(gettext_lazy("Customer"), _of("customer")),
    Column(pgettext_lazy("sale", "Order"), lambda row: ", ".join(row.order_numbers)),
    Column(gettext_lazy("Shop"), _of("shop")),
    Column(gettext_lazy("Units"), _of("units"), "number"),
    Column(gettext_lazy("Found otherwise"), _of("unlike"), "number"),
    Column(gettext_lazy("Refunded"), _money("refund_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
    Column(gettext_lazy("Requested"), _of("requested_at"), "time"),
    Column(gettext_lazy("Due"), _of("due_at"), "time"),
)
ORDERS = (
    Column(pgettext_lazy("sale", "Order"), _of("number")),
    Column(gettext_lazy("Customer"), _of("customer")),
    Column(gettext_lazy("Shop"), _of("shop")),
    Column(gettext_lazy("Ordered"), _of("ordered_at"), "time"),
    Column(gettext_lazy("Total"), _money("total_minor"), "money"),
    Column(gettext_lazy("Refunded"), _money("refunded_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
    Column(gettext_lazy("Returns"), lambda row: shown.return_label_text(row.return_label)),
)
REFUNDS = (
    Column(gettext_lazy("Return"), _of("number")),
    Column(pgettext_lazy("sale", "Order"), _of("order_number")),
    Column(gettext_lazy("Customer"), _of("customer")),
    Column(gettext_lazy("Shop"), _of("shop")),
    Column(gettext_lazy("The money goes"), lambda row: method(row.method) if row.method else shown.tender(row.kind)),
    Column(gettext_lazy("Who carries it out"), lambda row: way(row.way)),
    Column(gettext_lazy("State"), lambda row: refund_state(row.state)),
    Column(gettext_lazy("Reference"), _of("reference")),
    Column(gettext_lazy("Amount"), _money("amount_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
    Column(gettext_lazy("Settled"), _of("occurred_at"), "time"),
    Column(gettext_lazy("Due"), _of("due_at"), "time"),
)
EXCHANGES = (
    Column(gettext_lazy("Return"), _of("return_number")),
    Column(gettext_lazy("Order in its place"), _of("number")),
    Column(gettext_lazy("Customer"), _of("customer")),
    Column(gettext_lazy("Shop"), _of("shop")),
    Column(gettext_lazy("Since"), _of("ordered_at"), "time"),
    Column(gettext_lazy("Reminded"), _of("reminded_at"), "time"),
    Column(gettext_lazy("New goods"), _money("total_minor"), "money"),
    Column(gettext_lazy("To collect"), _money("open_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
)
SHIFTS = (
    Column(gettext_lazy("Cash drawer"), _of("drawer")),
    Column(gettext_lazy("Shop"), _of("shop")),
    Column(gettext_lazy("Shift"), _of("number"), "number"),
    Column(pgettext_lazy("shift", "Who"), _of("person")),
    Column(gettext_lazy("State"), lambda row: shift_text(row.state)),
    Column(gettext_lazy("Began"), _of("opened_at"), "time"),
    Column(gettext_lazy("Ended"), _of("closed_at"), "time"),
    Column(gettext_lazy("Should be"), _money("expected_minor"), "money"),
    Column(gettext_lazy("Counted"), _money("counted_minor"), "money"),
    Column(gettext_lazy("Over or short"), _money("difference_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
    Column(gettext_lazy("Agreed to the difference"), _of("decided_by")),
)
CASH_MOVES = (
    Column(gettext_lazy("Number"), _of("number"), "number"),
    Column(gettext_lazy("When"), _of("at"), "time"),
    Column(pgettext_lazy("cash", "What"), lambda row: cash_move(row.kind)),
    Column(gettext_lazy("Reason"), lambda row: cash_reason(row.reason)),
    Column(gettext_lazy("Return"), _of("return_number")),
    Column(pgettext_lazy("person", "By"), _of("by")),
    Column(gettext_lazy("Amount"), _money("amount_minor"), "money"),
    Column(gettext_lazy("In the drawer"), _money("balance_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
)
ACCOUNT = (
    Column(pgettext_lazy("sale", "Order"), _of("number")),
    Column(gettext_lazy("Ordered"), _of("ordered_at"), "time"),
    Column(gettext_lazy("Total"), _money("total_minor"), "money"),
    Column(gettext_lazy("Paid"), _money("captured_minor"), "money"),
    Column(gettext_lazy("Credited"), _money("credited_minor"), "money"),
    Column(gettext_lazy("Refunded"), _money("refunded_minor"), "money"),
    Column(gettext_lazy("Set off"), _money("set_off_minor"), "money"),
    Column(pgettext_lazy("amount", "Open"), _money("open_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
)
STOCK = (
    Column("SKU", _of("code")),
    Column(gettext_lazy("Name"), lambda row: f"{row.name} {row.variant}".strip()),
    Column(gettext_lazy("Warehouse"), _of("warehouse")),
    Column(gettext_lazy("Place"), lambda row: shown.place(row.place)),
    Column(gettext_lazy("Lot"), _of("lot")),
    Column(gettext_lazy("Grade"), lambda row: shown.grade(row.grade)),
    Column(gettext_lazy("On hand"), _of("on_hand"), "number"),
    Column(gettext_lazy("Unit"), _of("unit")),
)


class Booked(NamedTuple):
    """A line of the journal with its entry. `currency`: of the books."""

    entry: books.EntryView
    line: books.LineView
    currency: str

    @property
    def voucher(self) -> str:
        return "-".join(map(str, self.entry.voucher)) if self.entry.voucher else ""

    def side(self, sign: int) -> Any:
        """The amount where it stands on this side, else an empty cell."""
        minor = self.line.book_minor * sign
        return from_minor(minor, self.currency) if minor > 0 else None


class Balance(NamedTuple):
    account: books.AccountBalance
    currency: str

    def money(self, name: str) -> Any:
        return from_minor(getattr(self.account, name), self.currency)


JOURNAL = (
    Column(gettext_lazy("Voucher"), _of("voucher")),
    Column(gettext_lazy("Day"), lambda row: row.entry.book_date, "day"),
    Column(gettext_lazy("Event"), lambda row: shown.event(row.entry.event)),
    Column(gettext_lazy("Account"), lambda row: row.line.code),
    Column(gettext_lazy("Name of the account"), lambda row: shown.account_name(row.line)),
    Column(gettext_lazy("Debit"), lambda row: row.side(1), "money"),
    Column(gettext_lazy("Credit"), lambda row: row.side(-1), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
)
BALANCE = (
    Column(gettext_lazy("Account"), lambda row: row.account.code),
    Column(gettext_lazy("Name of the account"), lambda row: shown.account_name(row.account)),
    Column(gettext_lazy("Opening balance"), lambda row: row.money("opening_minor"), "money"),
    Column(gettext_lazy("Debit"), lambda row: row.money("debit_minor"), "money"),
    Column(gettext_lazy("Credit"), lambda row: row.money("credit_minor"), "money"),
    Column(gettext_lazy("Balance"), lambda row: row.money("balance_minor"), "money"),
    Column(gettext_lazy("Currency"), _of("currency")),
)
DECISIONS = {
    "shops": (
        Column(gettext_lazy("Shop"), _of("name")),
        Column(gettext_lazy("Requests"), _of("requests"), "number"),
        *(Column(words.BECAME[code], _counted(code), "number") for code in words.BECAME),
        Column(gettext_lazy("Granted at once, %"), _of("touchless"), "number"),
        Column(gettext_lazy("Hours, half of all"), lambda row: row.times.half_hours, "number"),
        Column(gettext_lazy("Hours, nine of ten"), lambda row: row.times.most_hours, "number"),
    ),
    "stages": (
        Column(gettext_lazy("Flow"), shown.says),
        Column(pgettext_lazy("approval", "Stage"), _of("number"), "number"),
        Column(pgettext_lazy("stage", "Agreed"), _of("approved"), "number"),
        Column(pgettext_lazy("stage", "Rejected"), _of("rejected"), "number"),
        Column(pgettext_lazy("stage", "Open"), _of("open"), "number"),
        Column(gettext_lazy("Overdue"), _of("late"), "number"),
        Column(gettext_lazy("Escalated"), _of("escalated"), "number"),
        Column(gettext_lazy("Hours, half of all"), lambda row: row.times.half_hours, "number"),
        Column(gettext_lazy("Hours, nine of ten"), lambda row: row.times.most_hours, "number"),
    ),
    "exceptions": (
        Column(gettext_lazy("Return"), _of("number")),
        Column(gettext_lazy("When"), _of("at"), "time"),
        Column(gettext_lazy("Shop"), _of("shop")),
        Column(gettext_lazy("Kind of exception"), lambda row: words.exception_deed(row.deed)),
        Column(gettext_lazy("Who"), _of("who")),
        Column(gettext_lazy("Reason"), lambda row: shown.reason(row.reason)),
        Column(
            gettext_lazy("Amount"),
            lambda row: None if row.amount_minor is None else from_minor(row.amount_minor, row.currency),
            "money",
        ),
        Column(gettext_lazy("Currency"), _of("currency")),
    ),
}
