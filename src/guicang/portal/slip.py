"""The slip that lies in the parcel (S46): the code to scan and to read aloud, what is in it, where to, until when."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from guicang.insights.shopper_return import Sheet
from guicang.policy.queries.summary import money
from guicang.returns.lifecycle import awaited
from guicang.ui import paper
from guicang.ui.shopper_words import FREIGHT

#: Sizes in points, lengths in millimetres.
SMALL, NORMAL, LARGE = 10, 12, 26
QR_SIDE, LINE = 46, 6


class Slip(NamedTuple):
    """The texts of a slip, for the page and for the PDF."""

    title: str
    shop: str
    code: str
    facts: list[tuple[str, str]]
    goods: list[tuple[str, int]]
    advice: list[str]


def slip_of(sheet: Sheet) -> Slip:
    code = sheet.header.rma_code
    facts = [(_("Return number"), sheet.header.number)]
    if sheet.send_to:
        facts.append((_("Send to"), sheet.send_to))
    if sheet.until:
        facts.append((_("Send by"), localtime(sheet.until).strftime("%Y-%m-%d")))
    if sheet.seller_pays is not None:
        facts.append((_("Postage"), " ".join([str(FREIGHT[sheet.seller_pays]), *_cost(sheet)])))
    if sheet.fees:
        facts.append((_("May be deducted"), " ".join(sheet.fees)))
    goods = [(item.name, units) for item in sheet.items if (units := awaited(item.row))]
    return Slip(
        _("Return slip"),
        sheet.shop,
        "-".join(code[start : start + 4] for start in range(0, len(code), 4)),
        facts,
        goods,
        [
            _("Put this slip into the parcel, on top of the goods."),
            _("No printer? Write the code large on the parcel."),
            _("Pack the goods so that they arrive as you send them, with everything that came with them."),
            _("Keep the carrier's receipt, and enter the parcel number on the page of your return."),
        ],
    )


def _cost(sheet: Sheet) -> list[str]:
    """What the way back costs, where a table says so."""
    way = sheet.way_back
    if way is None:
        return []
    cost = {"cost": money(way.amount_minor, way.currency)}
    told = _("It costs %(cost)s, taken off the refund.") if way.deducted else _("It costs about %(cost)s.")
    return [told % cost]


def pdf(slip: Slip) -> bytes:
    """One A5 page. About 0.7 s for new characters, 0.1 s for known ones."""
    texts = [slip.title, slip.shop, slip.code, *slip.advice, "×1234567890. ·…"]
    texts += [text for pair in slip.facts for text in pair] + [name for name, _units in slip.goods]
    page = paper.page("".join(texts))

    def write(text: str, size: int, *, after: float = 0) -> None:
        page.set_font(paper.FAMILY, size=size)
        page.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT")
        page.ln(after)

    write(slip.shop, SMALL)
    write(slip.title, LARGE, after=2)
    page.image(paper.qr_png(slip.code.replace("-", "")), w=QR_SIDE)
    write(slip.code, LARGE, after=3)
    for label, value in slip.facts:
        write(f"{label}  {value}", NORMAL)
    page.ln(LINE / 2)
    for name, units in slip.goods:
        write(f"{name} × {units}", NORMAL)
    page.ln(LINE / 2)
    for place, text in enumerate(slip.advice, 1):
        write(f"{place}. {text}", SMALL, after=1)
    return bytes(page.output())
