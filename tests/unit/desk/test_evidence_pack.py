"""The evidence pack: the whole case of a return as one PDF, bounded, in the reader's language, and written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from guicang.audit.models import AuditRow
from guicang.insights import casefile
from guicang.insights.casefile import case_file
from guicang.kernel.actor import Actor
from guicang.returns.operations.evidence import Showing, add_evidence
from guicang.returns.operations.notes import Noting, add_notes
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.inspect import Inspecting, Part, inspect
from guicang.returns.steps.receive import Arrived, Receiving, receive
from guicang.returns.steps.request import request
from guicang.ui import evidence_pack
from tests.journeys.acts import do, id_of, pay, verified
from tests.unit.desk.conftest import Hire
from tests.unit.returns.test_evidence import home, photo  # noqa: F401 - `home` is a fixture
from tests.world import SYSTEM, Sold, World, another_world

Order = Callable[..., Sold]
WORDS = "到手就有划痕 😀\r\n请退款"
LARGEST = 2 * 1024 * 1024


def disputed(world: World, order: Order, pictures: int = 2) -> UUID:
    """Two units back, one of them rejected and the other paid, with pictures and a note."""
    key = id_of(request, world, replace(world.asked(order(), 2), words=WORDS))
    do(authorise, world, Authorisation(key))
    line = world.line(key).id
    for start in range(pictures):
        add_evidence(pictures=[Showing(key, photo(start))], actor=SYSTEM, now=world.now)
    add_notes(notes=[Noting(key, "internal: a known liar")], actor=SYSTEM, now=world.now)
    do(receive, world, Receiving(key, [Arrived(line, 2, weight_g=950)]))
    parts = [Part(line, 1), Part(line, 1, "send_back", accepted=False, found_condition="damaged", found_serial="SN-9")]
    do(inspect, world, Inspecting(key, parts))
    pay(world, key)
    return key


def told(key: UUID, world: World, language: str, actor: Actor = SYSTEM) -> str:
    with translation.override(language):
        case = case_file(key, actor, world.now)
        assert case is not None
        return "\n".join(
            str(text) for part in evidence_pack.sections(case) for text in (part.title, *sum(part.rows, ()))
        )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_case_is_told(language: str, world: World, order: Order, hire: Hire, home: Path) -> None:  # noqa: F811
    key = disputed(world, order)
    answer = hire("agent", language=language).get(f"/returns/{key}/evidence.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert f"guicang-evidence-{world.row(key).number}.pdf" in answer.headers["Content-Disposition"]
    assert answer.content.startswith(b"%PDF")
    assert len(answer.content) < LARGEST
    text = told(key, world, language)
    links = AuditRow.objects.filter(aggregate_id=key)
    assert links.count() > 4
    assert all(link.mac in text for link in links)
    said = {"en": ("Rejected", "Settlements", "Goods received"), "zh-hans": ("拒收", "结算", "收货记录")}[language]
    for each in (world.row(key).number, "划痕", "950 g", "SN-9", "10.00", *said):
        assert each in text, each
    assert "known liar" not in text
    verified()


def test_it_is_written_down_and_bounded(world: World, order: Order, hire: Hire, home: Path) -> None:  # noqa: F811
    key, rosa = disputed(world, order, 9), hire("agent")
    with CaptureQueriesContext(connection) as captured:
        answer = rosa.get(f"/returns/{key}/evidence.pdf")
    assert len(answer.content) < LARGEST
    assert len(captured) <= 70, len(captured)
    (link,) = AuditRow.objects.filter(aggregate_kind="export", action="evidence_pack")
    assert str(key) in link.after
    assert link.actor_kind == "staff"


def test_what_is_too_much_is_counted_instead(
    world: World,
    order: Order,
    home: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = disputed(world, order)
    assert "not printed here" not in told(key, world, "en")
    monkeypatch.setattr(casefile, "MOST_PICTURES", 1)
    monkeypatch.setattr(evidence_pack, "MOST_LINKS", 2)
    text = told(key, world, "en")
    links = AuditRow.objects.filter(aggregate_id=key).order_by("seq")
    assert [link.mac in text for link in links][-3:] == [False, True, True]
    assert f"{len(links) - 2} earlier links are not printed here." in text
    assert text.count("not printed here") == 2


def test_who_may_not_see_the_return_gets_nothing(world: World, order: Order, hire: Hire) -> None:
    key = world.request(order(), 1)
    wes = hire("warehouse")
    assert wes.get(f"/returns/{key}/evidence.pdf").status_code == 403
    assert "evidence.pdf" not in wes.get(f"/returns/{key}/").content.decode()
    assert "evidence.pdf" in hire("agent").get(f"/returns/{key}/").content.decode()
    elsewhere = another_world()
    other = hire("agent", name="eve", company_id=elsewhere.company_id)
    assert other.get(f"/returns/{key}/evidence.pdf").status_code == 404
    assert not AuditRow.objects.filter(action="evidence_pack").exists()
