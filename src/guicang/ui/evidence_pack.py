"""The evidence pack of a return (S65): its whole case as one PDF, for a platform, a bank or a court.

It says what the page of the return says to the same reader, without what is for staff alone (notes, points of risk),
and every link of the trail with its seal. Whoever makes one is written down.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from guicang.audit.operations import exported
from guicang.audit.queries import HistoryItem
from guicang.insights.casefile import PERMISSION, CaseFile, case_file
from guicang.insights.reckoning import tell
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.policy.queries.summary import money
from guicang.ui import paper
from guicang.ui.templatetags import guicang as shown
from guicang.ui.templatetags.refunds import failure, method, refund_state
from guicang.ui.words import CLOCK_OUTCOMES, OFFER_STATES

__all__ = ["MEDIA_TYPE", "PERMISSION", "answer", "made", "pdf", "sections"]

MEDIA_TYPE = "application/pdf"
#: Characters of one text and links of the trail that a pack holds: what is left out is counted.
MOST_TEXT, MOST_LINKS = 4_000, 200
#: Points of a picture's longer side, and how well it is kept.
SIDE, QUALITY = 900, 70
#: Characters of a cell: one that is higher than a page cannot be laid out.
_CELL = 1_200
_DECIDING = frozenset(
    "authorise reject ask answer appeal release retype expire price cancel escalate short_close redispose".split()
)
Row = tuple[str, str]


class Section(NamedTuple):
    title: str
    rows: list[Row]


class Pack(NamedTuple):
    name: str
    data: bytes


def made(return_id: UUID, actor: Actor, now: datetime) -> Pack | None:
    """The pack, in the reader's language; None where the return is not seen. The trail keeps who made it."""
    case = case_file(return_id, actor, now)
    if case is None:
        return None
    header = case.found.header
    data = pdf(case)
    with transaction.atomic():
        context = begin(PERMISSION, actor=actor, now=now, items=1)
        said = {"return": str(header.id)}
        exported(context, header.company_id, table="evidence_pack", form="pdf", rows=1, filters=said)
    return Pack(f"guicang-evidence-{header.number}.pdf", data)


def answer(pack: Pack | None) -> HttpResponse:
    """The pack as a file to keep; raises Http404 for None."""
    if pack is None:
        raise Http404
    headers = {
        "Content-Disposition": f'attachment; filename="{pack.name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HttpResponse(pack.data, content_type=MEDIA_TYPE, headers=headers)


def sections(case: CaseFile) -> list[Section]:
    """What the pack says besides its pictures; sections with nothing to say are left out."""
    parts = (
        (_("Case"), _case(case)),
        (_("What was asked for"), _asked(case)),
        (_("Verdict"), _verdict(case)),
        (_("What was decided"), _decisions(case)),
        (_("Part refund, the buyer keeps it"), _offers(case)),
        (_("Parcels"), _parcels(case)),
        (_("Goods received"), _receipts(case)),
        (_("Inspections"), _inspections(case)),
        (_("Deadlines"), _deadlines(case)),
        (_("Settlements"), _settlements(case)),
        (_("Refunds"), _refunds(case)),
        (_("Pictures and documents"), _files(case)),
        (_("Audit trail"), _trail(case)),
    )
    made = ((title, [(label, text) for label, text in rows if text]) for title, rows in parts)
    return [Section(title, rows) for title, rows in made if rows]


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _case(case: CaseFile) -> Iterator[Row]:
    d = case.found
    yield _("Return number"), d.header.number
    yield "RMA", d.header.rma_code
    yield _("Orders"), ", ".join(d.orders.values())
    yield _("Shop"), d.shop
    yield _("Customer"), d.customer
    yield _("Warehouse"), d.warehouse
    yield _("Type"), shown.kind(d.header.type)
    yield _("State"), shown.state_text(d.header.state)
    yield _("Requested"), shown.when(d.header.requested_at)
    yield _("Refunded"), money(d.header.refund_minor, d.header.currency)
    yield _("This pack"), _joined(case.made_by, shown.when(case.made_at))


def _asked(case: CaseFile) -> Iterator[Row]:
    d = case.found
    for line in d.lines:
        why = shown.reason_in(line.row.reason, d.reasons) if line.row.reason else ""
        condition = shown.reason(line.row.condition) if line.row.condition else ""
        declared = _("Declared: %(condition)s") % {"condition": condition} if condition else ""
        yield _goods(case, line.row.id, line.row.requested), _joined(line.code, line.row.serial, why, declared)
    for answer in d.field_answers:
        yield shown.says(answer.field), answer.text
    yield _("The customer says"), d.words
    for text in d.answers.values():
        yield _("The customer says"), text


def _goods(case: CaseFile, line_id: UUID, units: int) -> str:
    line = next(one for one in case.found.lines if one.row.id == line_id)
    return f"{line.name or line.code or shown.line_kind(line.row.kind)} × {units}"


def _verdict(case: CaseFile) -> Iterator[Row]:
    said = case.verdict
    answers = {"allow": _("Allowed"), "review": _("A person decides"), "refuse": _("Not eligible")}
    yield _("Verdict"), answers.get(said.answer, said.answer)
    for one in (*said.reasons, *said.follows):
        yield one.policy, one.text
    yield _("Exception"), shown.reason(said.override) if said.override else ""
    yield "", _("Policy version %(number)s") % {"number": said.version} if said.version else ""


def _who(case: CaseFile, kind: str, key: UUID) -> str:
    if kind == "staff":
        return case.found.people.get(key, "")
    return _("customer") if kind == "customer" else _("the system")


def _decisions(case: CaseFile) -> Iterator[Row]:
    for item in case.found.history:
        if item.action in _DECIDING:
            yield shown.when(item.occurred_at), _told(case, item)
    for stage in reversed(case.found.approval.stages if case.found.approval else []):
        for seat in stage.seats:
            yield shown.when(seat.at), _joined(_("Stage %(n)s") % {"n": stage.number}, seat.by) if seat.at else ""


def _told(case: CaseFile, item: HistoryItem) -> str:
    why = shown.reason_in(item.reason, case.found.reasons) if item.reason else ""
    return _joined(shown.command_label(item.action), _who(case, item.actor_kind, item.actor_id), why)


def _offers(case: CaseFile) -> Iterator[Row]:
    for one in case.found.talk.offers:
        who = _("customer") if one.side == "customer" else _who(case, one.actor_kind, one.actor_id)
        amount, became = money(one.amount_minor, one.currency), OFFER_STATES[one.state][0]
        yield shown.when(one.made_at), _joined(who or shown.side(one.side), amount, became)


def _parcels(case: CaseFile) -> Iterator[Row]:
    for one in case.found.parcels:
        times = ((_("Sent"), one.sent_at), (_("Arrived"), one.arrived_at))
        told = [f"{label} {shown.when(at)}" for label, at in times if at]
        yield _joined(one.carrier, one.tracking) or "—", _joined(*told, _weight(one.weight_g)) or "—"


def _weight(grams: int) -> str:
    return f"{grams} g" if grams else ""


def _receipts(case: CaseFile) -> Iterator[Row]:
    for one in case.receipts:
        yield shown.when(one.occurred_at), _joined(_goods(case, one.line_id, one.quantity), _weight(one.weight_g))


def _inspections(case: CaseFile) -> Iterator[Row]:
    lines = {line.row.id: line.row for line in case.found.lines}
    for one in case.found.inspections:
        declared, found = lines[one.line_id].condition, one.found_condition
        yield (
            shown.when(one.occurred_at),
            _joined(
                _goods(case, one.line_id, one.quantity),
                _("Grade %(grade)s") % {"grade": one.grade} if one.accepted else _("Rejected"),
                shown.disposition(one.disposition),
                _("Declared: %(condition)s") % {"condition": shown.reason(declared)} if declared else "",
                _("Found: %(condition)s") % {"condition": shown.reason(found)} if found else "",
                _("Missing: %(things)s") % {"things": shown.required(one.missing)} if one.missing else "",
                one.found_serial,
            ),
        )


def _deadlines(case: CaseFile) -> Iterator[Row]:
    for one in sorted(case.found.clocks, key=lambda clock: (clock.set_at, clock.due_at)):
        became = str(CLOCK_OUTCOMES.get(one.outcome, one.outcome))
        due = _("due %(at)s") % {"at": shown.when(one.due_at)}
        yield shown.clock(one.kind), _joined(due, became, shown.when(one.done_at))


def _settlements(case: CaseFile) -> Iterator[Row]:
    d = case.found
    for settlement in d.settlements:
        reversal = _("Reversal") if settlement.reverses_id.int else ""
        yield (
            shown.when(settlement.occurred_at),
            _joined(money(settlement.cash_minor, settlement.currency), reversal),
        )
        for one in tell(settlement.explanation, d.reading):
            goods = f"{one.name} × {one.units}" if one.name and one.units else one.name
            points = one.label == "points_taken_back"
            amount = str(one.amount_minor) if points else money(one.amount_minor, settlement.currency)
            policy = _("Policy: %(policy)s, version %(version)s") % {"policy": one.policy, "version": one.version}
            yield shown.component(one.label), _joined(goods, amount, one.text, policy if one.policy else "")


def _refunds(case: CaseFile) -> Iterator[Row]:
    for one in case.found.refunds:
        way = method(one.method) if one.method else shown.tender(one.kind)
        state = refund_state(one.state)
        amount, why = money(one.amount_minor, one.currency), failure(one.failure) if one.failure else ""
        yield shown.when(one.occurred_at), _joined(amount, way, state, one.reference, why)


def _files(case: CaseFile) -> Iterator[Row]:
    names = {line.row.id: line.name or line.code for line in case.found.lines}
    for place, one in enumerate(case.found.pictures, 1):
        what = _("PDF document") if one.is_document else _("Picture")
        gone = _("Erased with the customer") if one.erased else ""
        left_out = "" if one.erased or one.is_document or one.id in case.pictures else _("not printed here")
        told = _joined(shown.side(one.side), names.get(one.line_id), shown.when(one.recorded_at), gone, left_out)
        yield f"{place}. {what}", told


def _trail(case: CaseFile) -> Iterator[Row]:
    links = case.found.history
    for item in links[-MOST_LINKS:]:
        yield f"{item.seq}. {shown.when(item.recorded_at)}", f"{_told(case, item)}\n{item.mac}"
    if len(links) > MOST_LINKS:
        yield "", _("%(n)s earlier links are not printed here.") % {"n": len(links) - MOST_LINKS}


def pdf(case: CaseFile) -> bytes:
    """A4 pages in the reader's language."""
    title, parts = _("Evidence pack"), sections(case)
    texts = [title, case.found.header.number, "0123456789 /{}nb…×·.g"]
    texts += [text for part in parts for text in (part.title, *(cell for row in part.rows for cell in row))]
    page = paper.page("".join(texts), paper.A4)
    page.footer = lambda: _foot(page, case.found.header.number)
    _heading(page, title, 20)
    for part in parts:
        _heading(page, part.title, 12)
        _rows(page, part.rows)
    _pictures(page, case)
    return bytes(page.output())


def _foot(page: Any, number: str) -> None:
    page.set_y(-10)
    page.set_font(paper.FAMILY, size=8)
    page.cell(0, 4, f"{number}  {page.page_no()} / {{nb}}", align="R")


def _heading(page: Any, text: str, size: int) -> None:
    if page.will_page_break(size * 0.5 + 14):
        page.add_page()
    page.ln(3)
    page.set_font(paper.FAMILY, size=size)
    page.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT")
    page.ln(1)


def _rows(page: Any, rows: Iterable[Row]) -> None:
    page.set_font(paper.FAMILY, size=9)
    page.set_draw_color(200)
    page.set_line_width(0.1)
    look = {"borders_layout": "HORIZONTAL_LINES", "first_row_as_headings": False, "line_height": 4.6, "padding": 0.8}
    with page.table(col_widths=(1, 3), text_align="LEFT", **look) as table:
        for label, text in rows:
            clean = text.replace("\r", "").replace("\t", " ")[:MOST_TEXT]
            for start in range(0, len(clean), _CELL):
                table.row((label if not start else "", clean[start : start + _CELL]))


def _pictures(page: Any, case: CaseFile) -> None:
    """Each with the number that the list of files gives it, scaled down."""
    from PIL import Image

    for place, one in enumerate(case.found.pictures, 1):
        data = case.pictures.get(one.id)
        if data is None:
            continue
        with Image.open(io.BytesIO(data)) as picture:
            small = picture.convert("RGB")
            small.thumbnail((SIDE, SIDE))
        kept = io.BytesIO()
        small.save(kept, "JPEG", quality=QUALITY)
        # Half a page each, so that two stand on one.
        wide = min(120.0, 105.0 * small.width / small.height)
        if page.will_page_break(wide * small.height / small.width + 12):
            page.add_page()
        _heading(page, f"{place}. {shown.side(one.side)} {shown.when(one.recorded_at)}", 9)
        page.image(kept, w=wide)
