"""A sheet of returns to request: order number, SKU, units, reason, a row each; sent as a file or pasted.

The preview is the act, rolled back: what it says of a row is what the step says. One set, at most 1,000 rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language, gettext

from guicang.catalog import queries as catalogue
from guicang.intake import errors
from guicang.intake.profiles import Profile
from guicang.intake.profiles.synonyms import names
from guicang.intake.tables import Converted, Limits, RowConverter, SetAside, Table, read_rows
from guicang.intake.tables.detect import names_of
from guicang.intake.tables.errors import NOT_DATA, file_fault
from guicang.kernel import commands
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from guicang.kernel.refusal import Outcome, Refused
from guicang.org import queries as org
from guicang.policy import queries as policies
from guicang.policy.facts import ReasonInfo, offered
from guicang.returns import queries as returns
from guicang.returns.steps.request import Request, Wanted, request
from guicang.sales import queries as sales

COLUMNS = ("order_number", "sku", "quantity", "reason", "shop")
NEEDED = COLUMNS[:3]
#: One set of the step: all of it is seen before anything is done, and done in one transaction.
MOST = 1_000
LIMITS = Limits(max_bytes=8 * 1024**2, max_cells=200_000)
SCOPE = "returns.sheet"


class Asked(NamedTuple):
    """A row of the sheet as texts, and where it stands."""

    number: int
    order_number: str
    sku: str
    units: int
    reason: str
    shop: str


@dataclass(slots=True)
class Line:
    """What becomes of a row: `faults` in words, else the return it is part of and the policy's verdict.

    `reason`: what the row's text is on the list of the order's company.
    """

    asked: Asked
    reason: ReasonInfo | None = None
    faults: list[str] = field(default_factory=list)
    return_id: UUID | None = None
    number: str = ""
    verdict: str = ""


@dataclass(slots=True)
class Sheet:
    """`made`: the returns are there; before that they are what would be made."""

    lines: list[Line]
    made: bool = False

    @property
    def good(self) -> int:
        return sum(not line.faults for line in self.lines)

    @property
    def returns(self) -> int:
        return len({line.return_id for line in self.lines if line.return_id})

    @property
    def text(self) -> str:
        """The rows as they are sent again with the button."""
        return _text([line.asked for line in self.lines])

    @property
    def left(self) -> str:
        """The rows that nothing came of, to be corrected."""
        return _text([line.asked for line in self.lines if line.faults])


def from_file(parts: Iterable[bytes]) -> list[Line]:
    """Rows of a CSV or XLSX. Raises FileFault, Refused(SheetTooLong)."""
    with TemporaryDirectory(dir=_folder()) as folder:
        path, size = Path(folder) / "sheet", 0
        with path.open("wb") as stream:
            for chunk in parts:
                size += len(chunk)
                if size > LIMITS.max_bytes:
                    raise file_fault("too_large", size=size, limit=LIMITS.max_bytes)
                stream.write(chunk)
        return _read(path)


def from_text(text: str) -> list[Line]:
    """Rows pasted from a spreadsheet; without a header they are order number, SKU, units, reason, shop."""
    rows = [row for row in text.replace("\r\n", "\n").split("\n") if row.strip()]
    if not rows:
        raise file_fault("empty_file", path="")
    mark = "\t" if "\t" in rows[0] else ","
    known = {name for texts in names("returns").values() for one in texts for name in names_of(one)}
    bare = not any(names_of(cell) & known for cell in rows[0].split(mark))
    if bare:
        width = max(row.count(mark) for row in rows) + 1
        rows.insert(0, mark.join(COLUMNS[:width]))
    with TemporaryDirectory(dir=_folder()) as folder:
        path = Path(folder) / "pasted"
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        found = _read(path)
    for line in found if bare else ():
        line.asked = line.asked._replace(number=line.asked.number - 1)
    return found


def plan(lines: list[Line], *, actor: Actor, now: datetime) -> Sheet:
    """What would become of each row; nothing is left behind. About 30 statements."""
    with transaction.atomic():
        _request(lines, actor, now)
        transaction.set_rollback(True)
    return Sheet(lines)


def carry_out(lines: list[Line], *, key: str, actor: Actor, now: datetime) -> Sheet:
    """Request what can be requested, once for a form's `key`: sent again, it answers what the first time made.

    About 40 statements. Raises Refused(KeyReused) for other rows under the same key.
    """

    def act() -> Mapping[str, Any]:
        _request(lines, actor, now)
        made = {str(line.asked.number): str(line.return_id) for line in lines if line.return_id}
        return {"made": made}

    rows = [list(line.asked) for line in lines]
    reply = commands.once(SCOPE, key, {"actor": str(actor.id), "rows": rows}, actor=actor, now=now, act=act)
    for line in lines:
        found = reply["made"].get(str(line.asked.number))
        line.return_id = UUID(found) if found else None
        if not found and not line.faults:
            line.faults.append(gettext("Nothing came of it the first time. Look at the row again."))
    _name(lines)
    return Sheet(lines, made=True)


def _request(lines: Sequence[Line], actor: Actor, now: datetime) -> None:
    """One return an order, as the step takes them; its refusals stand at each of its rows."""
    groups = _by_order(lines, actor)
    items = [_item(order, group) for order, group in groups]
    outcomes = request(requests=items, actor=actor, now=now) if items else []
    for (_order, group), outcome in zip(groups, outcomes, strict=True):
        for line, _wanted in group:
            line.return_id = outcome.id
            line.faults += _sentences(outcome)
    _name(lines)


def _sentences(outcome: Outcome) -> list[str]:
    return list(dict.fromkeys(str(refusal) for refusal in outcome.refusals))


def _name(lines: Sequence[Line]) -> None:
    found = returns.verdicts({line.return_id for line in lines if line.return_id})
    for line in lines:
        if line.return_id in found:
            line.number, line.verdict = found[line.return_id]


_Group = tuple[sales.OrderHead, list[tuple[Line, list[Wanted]]]]


def _by_order(lines: Sequence[Line], actor: Actor) -> list[_Group]:
    """The rows that name something to return, with their order; the others are told why not."""
    shops = _shops(actor)
    reasons = policies.reasons({shop.company_id for shop in shops.values()})
    open_lines = [line for line in lines if not line.faults]
    numbers = {line.asked.order_number for line in open_lines}
    orders: dict[str, list[sales.OrderHead]] = {}
    for shop_id in shops:
        for number, head in sales.orders_by_number(shop_id, numbers).items():
            orders.setdefault(number, []).append(head)
    named = {line.asked.shop for line in open_lines} - {""}
    codes = {shop_id: {shop.code, shop.name} & named for shop_id, shop in shops.items()}
    free = _free({head.id for heads in orders.values() for head in heads})
    found: dict[UUID, _Group] = {}
    for line in open_lines:
        heads = [
            head
            for head in orders.get(line.asked.order_number, ())
            if not line.asked.shop or line.asked.shop in codes[head.shop_id]
        ]
        if len(heads) == 1:
            known = offered(reasons[shops[heads[0].shop_id].company_id].values())
            if _reasoned(line, known) and (wanted := _wanted(line, free.get((heads[0].id, line.asked.sku), []))):
                found.setdefault(heads[0].id, (heads[0], []))[1].append((line, wanted))
        elif not heads:
            line.faults.append(gettext("There is no such order here. Check the number and the shop."))
        else:
            line.faults.append(gettext("Several shops have this order number. Add a column with the shop."))
    return list(found.values())


def _shops(actor: Actor) -> dict[UUID, org.ShopInfo]:
    """1 statement."""
    return {shop.id: shop for shop in org.shops().values() if actor.scope.holds(shop.company_id, shop.id, NIL)}


def offered_to(actor: Actor) -> dict[str, ReasonInfo]:
    """The reasons that rows may give by code, of the companies whose shops `actor` sees; 2 statements."""
    companies = policies.reasons({shop.company_id for shop in _shops(actor).values()})
    return {one.code: one for known in companies.values() for one in offered(known.values())}


def _free(order_ids: set[UUID]) -> dict[tuple[UUID, str], list[list[Any]]]:
    """(order, SKU code) -> [order line, units that can still come back], counted down by the rows."""
    shipped = sales.sold_lines_of(order_ids)
    codes = catalogue.skus({row.sku_id for row in shipped})
    found: dict[tuple[UUID, str], list[list[Any]]] = {}
    for row in sorted(shipped, key=lambda row: (row.shipped_at, row.order_line_id)):
        found.setdefault((row.order_id, codes[row.sku_id].code), []).append([row.order_line_id, row.free])
    return found


def _wanted(line: Line, free: list[list[Any]]) -> list[Wanted]:
    """The units of a row over the lines of its SKU; [] and a fault where they cannot come back."""
    if not free:
        line.faults.append(gettext("This order shipped no such SKU."))
        return []
    most = sum(units for _, units in free)
    if not most:
        line.faults.append(gettext("All that this order shipped of it is on returns already."))
        return []
    if line.asked.units > most:
        line.faults.append(gettext("Only %(free)s units can still come back. Lower the quantity.") % {"free": most})
        return []
    left, found = line.asked.units, dict[UUID, int]()
    for entry in free:
        units = min(left, entry[1])
        if units:
            entry[1] -= units
            left -= units
            found[entry[0]] = found.get(entry[0], 0) + units
    return [Wanted(line_id, units, line.reason.code if line.reason else "") for line_id, units in found.items()]


def _item(order: sales.OrderHead, group: Sequence[tuple[Line, list[Wanted]]]) -> Request:
    wanted = [one for _, some in group for one in some]
    return Request(order.shop_id, order.customer_id, wanted, currency=order.currency, entered_by="sheet")


def _read(path: Path) -> list[Line]:
    with read_rows(path, _profile(), limits=LIMITS) as table:
        converter, lines = RowConverter(table), list[Line]()
        for item in table:
            result = item if isinstance(item, SetAside) else converter.convert(item)
            if isinstance(result, SetAside) and result.code in NOT_DATA:
                continue
            lines.append(_line(result, table))
            if len(lines) > MOST:
                raise Refused([errors.SheetTooLong(most=MOST)])
    return lines


def _line(result: Converted | SetAside, table: Table) -> Line:
    if isinstance(result, SetAside):
        cells = result.cells
        asked = Asked(result.number, cells.get("order_number", ""), cells.get("sku", ""), 0, "", "")
        said = [f"{one.column} {errors.sentence(one.code, one.data)}".strip() for one in result.faults]
        return Line(asked, faults=said)
    values = {name: str(result.values.get(name) or "") for name in COLUMNS}
    units: Any = result.values["quantity"]
    asked = Asked(
        result.row.number, values["order_number"], values["sku"], units or 0, values["reason"].strip(), values["shop"]
    )
    if not units or units < 0:
        return Line(asked, faults=[gettext("Say how many units come back.")])
    return Line(asked)


def _reasoned(line: Line, known: Sequence[ReasonInfo]) -> bool:
    """Finds the reason that is written as code, in Chinese or in English; or says which there are."""
    typed = line.asked.reason.casefold()
    for one in known:
        said = {one.code, one.zh, one.en, *one.zh.split(" / ")}
        if typed in {name.casefold() for name in said}:
            line.reason = one
            return True
    chinese = (get_language() or "zh").startswith("zh")
    sentence = gettext("%(reason)s is no reason; use one of: %(known)s")
    words = ", ".join(one.zh if chinese else one.en for one in known)
    line.faults.append(sentence % {"reason": line.asked.reason or "-", "known": words})
    return False


def _profile() -> Profile:
    """Columns by any name that exports give them."""
    known = names("returns")
    columns = {name: tuple(known[name]) for name in COLUMNS}
    columns["quantity"] += ("数量", "退货件数", "退货数量")
    return Profile("sheet", "returns", zone="UTC", columns=columns, required=NEEDED, currency="CNY")


def _folder() -> Path:
    folder = settings.HOME / "staging"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(folder)


def _text(rows: Sequence[Asked]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerows([row.order_number, row.sku, row.units or "", row.reason, row.shop] for row in rows)
    return text.getvalue()
