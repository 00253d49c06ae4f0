"""Documents of a return: whole PDFs alone, given as files, erased with their person; what a verdict makes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from guicang.kernel.ids import NIL
from guicang.parties.models import VaultFile
from guicang.policy.rules import Book, Facts, Statement, eligibility
from guicang.returns import queries
from guicang.returns.operations.evidence import Removal, Showing, add_evidence, remove_evidence
from guicang.trade.facts import CustomerFacts
from guicang.trade.operations.erasure import erase_customer
from guicang.ui import pictures
from tests.journeys.acts import verified
from tests.journeys.test_approvals import context
from tests.unit.returns.test_evidence import photo
from tests.world import NOW, SYSTEM, Sold, World

Order = Callable[..., Sold]
PDF = b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def show(key: Any, data: bytes) -> list[str]:
    (outcome,) = add_evidence(pictures=[Showing(key, data)], actor=SYSTEM, now=NOW)
    return [refusal.code for refusal in outcome.refusals]


def test_a_document_is_kept_as_it_came_and_given_as_a_file(world: World, order: Order) -> None:
    key = world.request(order(customer=CustomerFacts("lin")), 1)
    assert show(key, PDF) == []
    assert show(key, PDF) == []
    (info,) = queries.evidence_of([key])[key]
    assert (info.media_type, info.is_document, info.width) == ("application/pdf", True, 0)
    for small in (False, True):
        answer = pictures.answer(queries.open_picture(info.id, SYSTEM, small=small))
        assert answer.content == PDF
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="document.pdf"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    show(key, photo())
    looked = pictures.answer(queries.open_picture(queries.evidence_of([key])[key][1].id, SYSTEM))
    assert looked.headers["Content-Disposition"] == 'inline; filename="picture.jpg"'
    verified()


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (PDF.replace(b"%%EOF", b""), "not_a_document"),
        (b"%PDF-9.9\n%%EOF", "not_a_document"),
        (b"%PDF-1.7" + b" " * (10 * 1024 * 1024) + b"%%EOF", "picture_too_big"),
        (b"\n" + PDF, "not_a_picture"),
        (b"<html>%PDF-1.7 %%EOF</html>", "not_a_picture"),
    ],
)
def test_what_is_no_whole_document_is_refused(data: bytes, wanted: str, world: World, order: Order) -> None:
    key = world.request(order(), 1)
    assert show(key, data) == [wanted]
    assert queries.evidence_of([key]) == {}
    assert not VaultFile.objects.exists()


def test_documents_go_when_they_are_removed_and_with_their_person(world: World, order: Order) -> None:
    sold = order(customer=CustomerFacts("lin"))
    key = world.request(sold, 1)
    show(key, PDF)
    show(key, PDF.replace(b"1 0 obj", b"2 0 obj"))
    first, second = (one.id for one in queries.evidence_of([key])[key])
    assert remove_evidence(removals=[Removal(key, first, "not_related")], actor=SYSTEM, now=NOW)[0].ok
    assert queries.open_picture(first, SYSTEM) is None
    with transaction.atomic():
        erase_customer(context(), sold.customer_id)
    assert [(one.id, one.erased) for one in queries.evidence_of([key])[key]] == [(second, True)]
    assert queries.open_picture(second, SYSTEM) is None
    verified()


@pytest.mark.parametrize(
    ("proof", "facts", "wanted"),
    [
        ("invoice", {"documents": 0, "pictures": 0}, ["proof_missing"]),
        ("invoice", {"documents": 0}, ["proof_missing"]),
        ("invoice", {"documents": 1, "pictures": 0}, []),
        ("invoice", {"documents": 0, "pictures": 1}, []),
        ("invoice", {"documents": 0, "pictures": 0, "invoiced": True}, []),
        ("invoice", {}, []),
        ("order", {"documents": 0, "pictures": 0}, []),
        ("order", {"documents": 0, "has_order": False}, ["no_order"]),
        ("invoice", {"documents": 0, "has_order": False}, ["no_order", "proof_missing"]),
        ("none", {"documents": 0}, []),
    ],
)
def test_a_verdict_says_what_proof_is_missing(proof: str, facts: dict[str, Any], wanted: list[str]) -> None:
    statement = Statement.from_data({"policies": [{"code": "p", "zh": "p", "terms": {"days": 7, "proof": proof}}]})
    book = Book(NIL, 1, statement)
    for _again in range(2):  # the second one is remembered
        found = eligibility(Facts(datetime(2026, 11, 3, tzinfo=UTC), **facts), book)
        assert [one.code for one in found.reasons if one.answer == "review"] == wanted
        assert found.answer == ("review" if wanted else "allow")
    without = eligibility(Facts(datetime(2026, 11, 3, tzinfo=UTC), has_order=False), Book(NIL, 1, statement))
    assert without.answer == ("allow" if proof == "none" else "review")
