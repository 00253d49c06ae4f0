"""What may be said of masters after they were made. Codes, currencies and books stay as they began."""

from __future__ import annotations

#: Columns that may change, by kind of master.
EDITABLE: dict[str, tuple[str, ...]] = {
    "company": ("name", "zone"),
    "shop": ("name",),
    "warehouse": ("name", "return_to", "return_phone", "return_address"),
    "market": ("name", "zone"),
    "channel": ("name",),
}
#: Columns that may name a person: the trail says that they changed, never to what.
UNSAID = frozenset({"return_to", "return_phone", "return_address"})
