"""No page reads a table that grows with the years from end to end: what the engine says of every statement's plan.

SQLite: no SCAN, except in the order of an index with a limit. PostgreSQL, with sequential scans made as dear as
can be: none is left, so there is an index for each; and none that runs through a whole index without a limit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guicang.accounting.operations.vouchers import number_credit_notes, number_vouchers
from guicang.insights.became import BECAME
from guicang.kernel.commands import Context
from guicang.kernel.ids import NIL
from guicang.kernel.sqlite import shape
from guicang.policy.rules import PLAIN, Book
from guicang.returns.models import Return
from guicang.returns.operations import pricing
from guicang.returns.operations.replaying import Place, Replay
from guicang.returns.steps import tick
from guicang.trade.facts import CustomerFacts
from tests.journeys.test_blind_prices import agree, state
from tests.journeys.test_blind_prices import asked as blind_request
from tests.journeys.test_drawers import begun
from tests.journeys.test_payees import sent
from tests.unit.desk.conftest import Hire, in_every_state
from tests.world import NOW, SYSTEM, Sold, World, another_world

#: Tables that hold what years bring; the rest are masters and settings. Without the numbers of credit notes: a test
#: has too few of them for PostgreSQL to use their key.
GROWING = {
    *("returns_override", "returns_approvalstage", "returns_agreedprice"),
    *(
        "returns_return",
        "returns_clock",
        "returns_returnline",
        "returns_receipt",
        "returns_inspection",
        "returns_settlement",
    ),
    *("returns_settlementline", "sales_order", "sales_orderline", "sales_shipment", "sales_shipmentline"),
    *(
        "sales_linediscount",
        "sales_tender",
        "sales_payment",
        "sales_cancellation",
        "sales_invoice",
        "sales_invoiceline",
    ),
    *("inventory_stockmove", "inventory_stockvalue", "accounting_entry", "accounting_entryline"),
    *(
        "accounting_voucher",
        "accounting_creditnote",
        "accounting_creditnoteline",
        "audit_auditrow",
    ),
    *("parties_customer", "parties_vaultentry", "logistics_parcel", "kernel_outboxmessage", "payments_refund"),
    *("payments_payee", "payments_payoutitem", "payments_cashmove"),
}
#: Ways of PostgreSQL to read tables whole that small tables tempt it to.
WAYS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material")
#: Indexes that hold only what is not over.
SMALL = {
    "refund_unpaid",
    "return_open",
    "return_open_oldest",
    "return_department",
    "return_leaks",
    "return_risk",
    "return_stage",
    "approval_stage_open",
    "return_due",
    "return_escalated",
    "clock_due",
    "clock_warn",
    "outbox_waiting",
    "outbox_dead",
}


def whole_reads(sql: str) -> list[str]:
    """Tables of GROWING that `sql` reads whole."""
    return sorted(set(_sqlite(sql) if connection.vendor == "sqlite" else _postgresql(sql)) & GROWING)


def _sqlite(sql: str) -> Iterator[str]:
    names = {}
    for word, alias in _aliases(sql):
        names[alias] = word
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [row[3] for row in cursor.fetchall()]
    sorts = any("TEMP B-TREE FOR ORDER BY" in step for step in steps)
    for step in steps:
        if not (step.startswith("SCAN ") or (step.startswith("SEARCH ") and _VAGUE.search(step))):
            continue
        ordered = "USING" in step and " LIMIT " in sql and not sorts
        if not ordered and not any(name in step for name in SMALL):
            yield names.get(step.split()[1], step.split()[1])


#: A search by nothing but a place or a label, which a large part of the rows may share.
_VAGUE = re.compile(r"\(((company_id|shop_id|warehouse_id|state|type|return_label)=\?( AND )?)+\)")


def _aliases(sql: str) -> Iterator[tuple[str, str]]:
    words = sql.replace("(", " ").replace(")", " ").split()
    for place, word in enumerate(words[:-1]):
        if word in ("FROM", "JOIN"):
            alias = words[place + 2] if place + 2 < len(words) and words[place + 2][:1] in ("U", "V", "W") else ""
            yield words[place + 1].strip('"'), (alias or words[place + 1]).strip('"')


def _postgresql(sql: str) -> Iterator[str]:
    with connection.cursor() as cursor:
        for way in WAYS:
            cursor.execute(f"SET LOCAL {way} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        (found,) = cursor.fetchone()
        for way in WAYS:
            cursor.execute(f"SET LOCAL {way} = on")
    plan = json.loads(found) if isinstance(found, str) else found
    yield from _nodes(plan[0]["Plan"], limited=False)


def _nodes(node: dict[str, Any], *, limited: bool) -> Iterator[str]:
    limited = (limited or node["Node Type"] == "Limit") and node["Node Type"] not in ("Sort", "Aggregate")
    whole = node["Node Type"] == "Seq Scan" or (
        "Index Name" in node and "Index Cond" not in node and not limited and node["Index Name"] not in SMALL
    )
    # Of an empty table PostgreSQL reads whatever it likes.
    if whole and "Relation Name" in node and _has_rows(node["Relation Name"]):
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _nodes(below, limited=limited)


def _has_rows(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
        return cursor.fetchone() is not None


@pytest.fixture(autouse=True)
def _figures(db: None) -> None:
    """An ANALYZE of a test before this one was rolled back, and the connection still goes by what it found."""
    if connection.vendor == "sqlite":
        shape.state(connection)


@pytest.fixture
def years(world: World, order: Callable[..., Sold]) -> dict[str, Any]:
    """A return in every state, and what people search by."""
    sold = order(customer=CustomerFacts("known", personal={"name": "Wang", "phone": "13800000000"}))
    returns = in_every_state(world, order)
    asked = Return.objects.get(id=world.authorised(sold, 1))
    number_vouchers(NOW)
    number_credit_notes(NOW)
    _, shift = begun(world)
    transfer, batch = sent(world)
    money = {"shift": shift, "transfer": transfer, "batch": batch}
    return money | {"returns": returns, "sold": sold, "asked": asked, "sku": world.sku_id, "shop": world.shop_id}


def addresses(years: dict[str, Any]) -> list[str]:
    asked, sold = years["asked"], years["sold"]
    typed = (asked.number[:-1], "RMA1", sold.row.number, "SF123456", "13800000000", "Wang", "a@b.c")
    lists = ("refunded_not_received", "received_not_refunded", "goods_differ", "parcels_unknown")
    return [
        *("/wholesale/prices/", "/wholesale/prices/?q=known"),
        *("/", "/stock/", "/stock/?q=GOODS", f"/stock/{years['sku']}/", "/journal/"),
        *("/journal/?tab=balance", "/journal/?tab=balance&since=2026-11-01&until=2026-11-30"),
        *("/returns/", "/returns/?sort=old", f"/returns/?after={asked.id}", f"/returns/?shop={years['shop']}"),
        *(f"/returns/?state={state}" for state in ("requested", "closed")),
        *(f"/returns/?queue={queue}" for queue in ("review", "awaited", "bay", "due")),
        *(f"/returns/?list={name}" for name in lists),
        *("/returns/?owner=me", "/returns/?owner=nobody&sort=old", "/returns/?department=finance", "/me/"),
        *("/returns/?due=today&sort=due", "/returns/?overdue=1&clock=refund&sort=due", "/returns/?escalated=1"),
        f"/returns/?sort=due&after={asked.id}",
        *(f"/returns/?became={code}" for code in BECAME),
        *("/reports/decisions/", f"/reports/decisions/?since=2026-10-01&until=2026-11-30&shop={years['shop']}"),
        *("/returns/?overdue=1", "/returns/?type=repair", "/returns/?since=2026-10-01&until=2026-11-30"),
        *(f"/returns/?q={text}" for text in typed),
        *("/orders/", f"/orders/?after={sold.id}", f"/orders/?shop={years['shop']}", "/orders/?label=full"),
        *(f"/orders/?q={text}" for text in typed),
        *(f"/returns/{key}/" for key in years["returns"].values()),
        f"/orders/{sold.id}/",
        *("/refunds/", "/refunds/?payee=missing", "/refunds/files/", "/drawers/"),
        *(f"/refunds/files/{years['batch']}/", f"/refunds/{years['transfer']}/account/", f"/drawers/{years['shift']}/"),
    ]


@pytest.mark.parametrize("bound", ["", "company_id", "shop_id", "warehouse_id"])
def test_no_page_reads_a_growing_table_whole(bound: str, years: dict[str, Any], world: World, hire: Hire) -> None:
    client = hire("admin", **({bound: getattr(world, bound)} if bound else {}))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    found = {}
    whole = ("/policy/check/", "/policy/try/", f"/policy/check/?orders={years['sold'].row.number}")
    for address in (*addresses(years), *(() if bound in ("shop_id", "warehouse_id") else whole)):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code in (200, 302), address
        for query in queries:
            asks = query["sql"].startswith("SELECT") and "ANY('{}'" not in query["sql"]  # of nobody: not run
            if asks and (tables := whole_reads(query["sql"])):
                found[address] = (tables, query["sql"])
    assert not found, "\n".join(f"{address}: {what}" for address, what in found.items())


def test_no_step_reads_a_growing_table_whole(world: World, order: Callable[..., Sold]) -> None:
    in_every_state(world, order)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        in_every_state(world, order)
        number_vouchers(NOW)
        number_credit_notes(NOW)
    found = {}
    for query in queries:
        sql = query["sql"].strip()
        of_the_test = 'WHERE "sales_order"."shop_id" =' in sql  # `World.sell` looks at all its orders
        asks = sql.startswith(("SELECT", "UPDATE")) and "ANY('{}'" not in sql and not of_the_test
        if asks and (tables := whole_reads(sql)):
            found[sql] = tables
    assert not found, "\n".join(f"{tables}: {sql}" for sql, tables in found.items())


def test_no_price_without_an_order_reads_a_growing_table_whole(world: World, order: Callable[..., Sold]) -> None:
    sold = order()
    for at in range(30):
        order(1, buyer=f"somebody-{at}")
    state(world, sources=("agreed", "last", "lowest", "lowest_any"), days=90)
    agree(world, sold, 400, NOW.date(), NOW.date())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        (priced,) = pricing.priced([blind_request(world, sold, 3)], Context(NIL, SYSTEM, NOW))
    assert priced.lines[0].priced["rule"] == "agreed"
    found = {query["sql"]: tables for query in queries if (tables := whole_reads(query["sql"]))}
    assert not found, found
    assert len(queries) <= 12


def test_no_replay_of_the_past_reads_a_growing_table_whole(years: dict[str, Any]) -> None:
    few = another_world()  # a small part of what there is
    few.request(few.sell(few.facts())[0], 1)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    long_ago = NOW - timedelta(days=9)
    replay = Replay(few.company_id, long_ago, NOW + timedelta(days=9), Book(NIL, 0, PLAIN), None, True)
    with CaptureQueriesContext(connection) as queries:
        assert replay.total() == len([case for _place, cases in replay.chunks(Place(long_ago, NIL)) for case in cases])
    found = {
        query["sql"]: tables
        for query in queries
        if query["sql"].startswith("SELECT")
        and "ANY('{}'" not in query["sql"]
        and (tables := whole_reads(query["sql"]))
    }
    assert not found, "\n".join(f"{tables}: {sql}" for sql, tables in found.items())


def test_no_look_at_the_clocks_reads_a_growing_table_whole(world: World, order: Callable[..., Sold]) -> None:
    in_every_state(world, order)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        tick.act_due(NOW + timedelta(days=400))
        tick.warn_due(NOW + timedelta(days=400))
    selects = [query["sql"].strip() for query in queries if query["sql"].strip().startswith(("SELECT", "UPDATE"))]
    looks = [sql for sql in selects if '"acted_at" IS NULL' in sql or '"warned_at" IS NULL' in sql]
    assert len(looks) >= 3
    found = {sql: tables for sql in selects if "ANY('{}'" not in sql and (tables := whole_reads(sql))}
    assert not found, found


def test_a_whole_read_is_seen(years: dict[str, Any]) -> None:
    assert whole_reads(str(Return.objects.filter(link_kind="x").query.sql_with_params()[0]).replace("%s", "'x'"))
