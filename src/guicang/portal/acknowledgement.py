"""The acknowledgement of a withdrawal as a PDF to keep: what was declared, by whom, on which date at what time."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guicang.insights.withdrawals import Declared
from guicang.ui import paper

#: Sizes in points.
SMALL, NORMAL, LARGE = 10, 12, 20


def facts_of(said: Declared) -> list[tuple[str, str]]:
    facts = [
        (_("Order number"), said.orders),
        (_("Name"), said.name),
        (_("Contact"), said.contact),
        (_("Declared on"), said.at),
        (_("Return number"), said.number),
    ]
    return [(label, value) for label, value in facts if value]


def pdf(said: Declared) -> bytes:
    """One A5 page, more where there are many goods."""
    facts, title = facts_of(said), _("Acknowledgement of your withdrawal")
    lead = _("You have withdrawn from the contract for these goods. We received your declaration.")
    goods = [f"{name} × {units}" for name, units in said.goods]
    page = paper.page("".join([said.shop, title, lead, *goods, *(text for pair in facts for text in pair)]))

    def write(text: str, size: int, after: float = 0) -> None:
        page.set_font(paper.FAMILY, size=size)
        page.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT")
        page.ln(after)

    write(said.shop, SMALL)
    write(title, LARGE, after=3)
    write(lead, NORMAL, after=3)
    for text in goods:
        write(text, NORMAL)
    page.ln(3)
    for label, value in facts:
        write(f"{label}  {value}", NORMAL)
    return bytes(page.output())
