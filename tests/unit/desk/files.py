"""Files as they come in, taken at the hour of `tests.world`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from guicang.intake import files, runs
from guicang.intake.kinds import taker_for
from guicang.intake.profiles import load
from guicang.kernel.actor import Actor
from guicang.kernel.ids import NIL
from tests.world import NOW

#: Columns without which no order can be taken.
ORDERS = "order_number,ordered_at,sku,quantity,unit_price"


def order_rows(*quantities: str, first: int = 1) -> str:
    """Order rows of SKU GOODS with these texts for quantities, numbered from `first`."""
    rows = (f"{at},2026-11-01 10:00:00,GOODS,{text},1.00\n" for at, text in enumerate(quantities, first))
    return f"{ORDERS}\n{''.join(rows)}"


def kept(text: str, kind: str = "orders") -> UUID:
    """`text` as a file that somebody sent for no company alone."""
    return files.keep([text.encode()], kind=kind, name="file.csv", company_id=NIL, actor=Actor.system(), now=NOW)


def imported(
    text: str,
    kind: str = "orders",
    *,
    company: str = "",
    company_id: UUID = NIL,
    actor: Actor | None = None,
    name: str = "file.csv",
) -> runs.Report:
    """Take `text` in as a file of `kind` by our own template; `company_id` binds it to one company."""
    path = Path(mkdtemp()) / name
    path.write_text(text, encoding="utf-8")
    profile = load("template", kind)
    profile = replace(profile, place=replace(profile.place, company=company, shop=company, warehouse=company))
    taker = taker_for(profile, as_of=None, company_id=company_id)
    ignored = lambda *_: None  # noqa: E731
    return runs.run_file(runs.Request(path, profile), taker, actor=actor or Actor.system(), now=NOW, progress=ignored)
