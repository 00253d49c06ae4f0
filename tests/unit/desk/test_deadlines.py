"""Clocks as staff and customers see them: the head of a return, lists, the first page, the deadline of a platform."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from guicang.insights.dossier import dossier
from guicang.insights.home import due
from guicang.insights.shopper_return import sheet
from guicang.insights.worklist import Filters, listed
from guicang.kernel.actor import EVERYTHING, Actor
from guicang.returns.models import Clock
from guicang.returns.steps import tick
from guicang.returns.steps.authorise import Authorisation, authorise
from guicang.returns.steps.deadline import Deadline, set_deadlines
from guicang.returns.steps.receive import Arrived, Receiving, receive
from tests.journeys.acts import do
from tests.journeys.test_policies import state
from tests.unit.desk.conftest import Hire
from tests.world import NOW, Sold, World

Order = Callable[..., Sold]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TERMS = {"days": 30, "review_hours": 48, "review_then": "escalate", "ship_days": 10, "refund_days": 7}


def found(now: object = NOW, **filters: object) -> list[UUID]:
    rows, _more = listed(EVERYTHING, Filters(**filters), now, 50)  # type: ignore[arg-type] # by name
    return [row.id for row in rows]


def three(world: World, order: Order) -> tuple[UUID, UUID, UUID]:
    """One to be decided within 48 hours, one to be sent within 10 days, one to be refunded on the 7th day at last."""
    state(world, {"terms": TERMS})
    review, ship, refund = (world.request(order(1), 1) for _ in range(3))
    do(authorise, world, Authorisation(ship), Authorisation(refund))
    do(receive, world, Receiving(refund, [Arrived(world.line(refund).id, 1)]))
    return review, ship, refund


def test_the_head_has_every_running_clock_and_the_wait_its_own(world: World, order: Order) -> None:
    review, ship, refund = three(world, order)
    do(set_deadlines, world, Deadline(review, NOW + DAY, "approve"))
    heads = {key: dossier(key, Actor.system(), NOW) for key in (review, ship, refund)}
    seen = {key: [(one.kind, one.side) for one in head.running] for key, head in heads.items() if head}
    assert seen == {
        review: [("platform", "platform"), ("review", "merchant")],
        ship: [("ship", "customer")],
        refund: [("refund", "merchant")],
    }
    waits = {key: head.waits.until for key, head in heads.items() if head and head.waits}
    due_at = dict(Clock.objects.filter(outcome="").exclude(kind="platform").values_list("parent_id", "due_at"))
    assert waits == due_at


def test_lists_by_what_is_due(world: World, order: Order) -> None:
    review, ship, refund = three(world, order)
    other = world.request(order(1), 1, resolution="refund")
    do(authorise, world, Authorisation(other))
    assert found(sort="due") == [review, refund, ship, other]
    assert found(sort="due", after=refund) == [ship, other]
    assert found(overdue=True) == []
    late = NOW + 9 * DAY
    assert found(late, overdue=True, sort="due") == [review, refund]
    assert found(late, overdue=True, clock="refund") == [refund]
    assert found(late, clock="ship", sort="due") == [ship, other]
    assert found(due_before=NOW + 3 * DAY) == [review]
    tick.act_due(NOW + 3 * DAY)
    assert found(escalated=True) == [review]
    counted = due(EVERYTHING, late, late + DAY)
    assert counted == (2, 2, 1, 1)


def test_a_customer_sees_his_own_clock_alone(world: World, order: Order) -> None:
    review, ship, refund = three(world, order)
    for key, until in ((review, None), (ship, world.row(ship).expires_at), (refund, None)):
        waits = sheet(key, world.row(key).customer_id, NOW).waits
        assert waits is not None
        assert waits.until == until


def test_the_deadline_of_a_platform_is_typed_in_the_readers_zone(world: World, order: Order, hire: Hire) -> None:
    key = world.request(order(1), 1)
    agent = hire("agent")
    address = f"/returns/{key}/deadline/"
    assert agent.post(address, {"due_at": "2030-01-02T03:04", "then": "approve"}).status_code == 302
    clock = Clock.objects.get(parent_id=key, outcome="")
    assert (timezone.localtime(clock.due_at).isoformat()[:16], clock.then) == ("2030-01-01T19:04", "approve")
    page = agent.get(f"/returns/{key}/").content.decode()
    assert 'value="2030-01-02T03:04"' in page
    assert "then the return is authorised" in page or "到期自动同意" in page
    agent.post(address, {"due_at": "nonsense"})
    assert Clock.objects.get(parent_id=key, outcome="").id == clock.id
    agent.post(address, {"due_at": ""})
    assert not Clock.objects.filter(parent_id=key, outcome="").exists()
    assert hire("warehouse").post(address, {"due_at": ""}).status_code == 403


def test_pages_say_what_is_overdue_and_who_was_called(world: World, order: Order, hire: Hire) -> None:
    review, _ship, _refund = three(world, order)
    agent = hire("agent", language="en")
    assert f"/returns/{review}/" in agent.get("/returns/?clock=review&sort=due").content.decode()
    assert f"/returns/{review}/" not in agent.get("/returns/?overdue=1&sort=due").content.decode()
    tick.act_due(NOW + 3 * DAY)
    page = agent.get("/returns/?escalated=1").content.decode()
    assert f"/returns/{review}/" in page
    assert "Escalated · Approver" in page or "已升级 · 审批" in page
    told = agent.get(f"/returns/{review}/").content.decode()
    assert "was due" in told or "到期时间" in told
