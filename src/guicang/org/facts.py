"""What may be said of masters after they were made. Codes, currencies and books stay as they began."""

from __future__ import annotations

from guicang.kernel.numbers import Form

#: Columns that may change, by kind of master.
EDITABLE: dict[str, tuple[str, ...]] = {
    "company": ("name", "zone"),
    "shop": ("name",),
    "drawer": ("name",),
    "warehouse": ("name", "return_to", "return_phone", "return_address"),
    "market": ("name", "zone"),
    "channel": ("name",),
}
#: Documents whose numbers are texts, with how they are written until a company says otherwise: R20260000018. The
#: others (vouchers, credit notes) count 1, 2, 3 within a year, and RMA codes are made so that nobody guesses them.
NUMBERED = {"return": Form("R", 7)}
#: What a new master is asked for, besides code and name; of what stands above it the code.
ASKED: dict[str, tuple[str, ...]] = {
    "company": ("currency", "zone"),
    "shop": ("company", "channel", "market"),
    "warehouse": ("company", "goods"),
    "drawer": ("shop",),
    "market": ("currency", "zone"),
    "channel": (),
}
#: Columns that may name a person: the trail says that they changed, never to what.
UNSAID = frozenset({"return_to", "return_phone", "return_address"})
