"""SKUs as sources state them, bundles, barcodes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import transaction

from guicang.audit.queries import history
from guicang.catalog import operations, queries
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome
from tests.unit.trade.world import codes, context

pytestmark = pytest.mark.django_db


def _record(*items: operations.SkuFacts) -> list[Outcome]:
    with transaction.atomic():
        return operations.record_skus(context(), items)


def test_a_sku_is_made_changed_and_left_alone() -> None:
    company_id = new_id()
    facts = operations.SkuFacts(company_id, "A-1", name="茶壶", tax_rate=Decimal("0.13"), barcodes=["690000"])
    results = [_record(facts)[0].data["result"] for _ in range(2)]
    (changed,) = _record(operations.SkuFacts(company_id, "A-1", weight_g=500))
    assert [*results, changed.data["result"]] == ["imported", "unchanged", "updated"]
    sku = queries.skus_by_code([(company_id, "A-1")])[company_id, "A-1"]
    assert (sku.name, sku.weight_g, sku.tax_rate, sku.standard_cost_minor) == ("茶壶", 500, Decimal("0.13"), None)
    assert queries.sku_of_barcode(company_id, "690000") == (sku.id, 1)
    assert [(item.action, item.after) for item in history(sku.id)][1] == ("change", {"weight_g": 500})


def test_codes_that_differ_by_case_are_two() -> None:
    company_id = new_id()
    _record(operations.SkuFacts(company_id, "15056bl"), operations.SkuFacts(company_id, "15056BL"))
    assert len(queries.skus_by_code([(company_id, "15056bl"), (company_id, "15056BL")])) == 2


def test_what_is_refused() -> None:
    company_id = new_id()
    items = [
        operations.SkuFacts(company_id, "A", weight_g=-1, tax_rate=Decimal(13)),
        operations.SkuFacts(company_id, "B"),
        operations.SkuFacts(company_id, "B"),
        operations.SkuFacts(company_id, " "),
    ]
    assert [codes(outcome) for outcome in _record(*items)] == [
        ["sku_invalid", "sku_invalid"],
        [],
        ["sku_repeated"],
        ["sku_invalid"],
    ]


def test_a_bundle_has_known_components_that_are_no_bundles() -> None:
    company_id = new_id()

    def compose(code: str, *parts: str) -> Outcome:
        with transaction.atomic():
            components = [operations.ComponentFacts(part, 1, 100) for part in parts]
            return operations.set_bundle(context(), company_id, code, components)

    with transaction.atomic():
        made = operations.ensure_skus(context(), company_id, {"A": "a", "B": "b"})
        assert operations.ensure_skus(context(), company_id, {"A": "other"}) == {"A": made["A"]}
    assert codes(compose("SET", "A", "Z")) == ["component_unknown"]
    bundle = compose("SET", "B", "A")
    assert bundle.ok
    assert codes(compose("SETS", "SET")) == ["bundle_in_bundle"]
    assert bundle.id
    found = queries.compositions([bundle.id])[bundle.id]
    assert [part.sku_id for part in found] == [made["B"], made["A"]]
