"""Taking, giving and putting back on the pages, what the list and the first page count, and the rules of a company."""

from __future__ import annotations

import re
from collections.abc import Callable

from guicang.kernel.ids import NIL
from guicang.returns import queries as returns
from guicang.returns.operations.assigning import assignment_rules
from guicang.staff.models import User
from tests.unit.desk.conftest import Hire
from tests.world import Sold, World

Order = Callable[..., Sold]


def of(name: str) -> User:
    return User.objects.get(username=name)


def test_taken_from_the_list_each_is_answered(world: World, order: Order, hire: Hire) -> None:
    rosa, wes = hire("agent", "rosa", first_name="Rosa"), hire("agent", "wes")
    mine, both = world.request(order(), 1), world.request(order(), 1)
    rosa.post("/returns/assign/", {"act": "take", "pick": str(mine)})
    page = wes.post("/returns/assign/", {"act": "take", "pick": [str(mine), str(both)]}, follow=True).content.decode()
    number = world.row(mine).number
    assert "The owner of 1 return is set." in page
    assert f"{number}: Rosa has this return." in page
    assert [world.row(key).owner_id for key in (mine, both)] == [of("rosa").id, of("wes").id]


def test_filters_and_counts(world: World, order: Order, hire: Hire) -> None:
    rosa = hire("agent", "rosa")
    mine, nobodys = world.request(order(), 1), world.request(order(), 1)
    stored = world.authorised(order(), 1)
    rosa.post(f"/returns/{mine}/owner/", {"act": "take"})

    def listed(query: str) -> set[str]:
        return {row.number for row in rosa.get(f"/returns/?{query}").context["page"].rows}

    numbers = {key: world.row(key).number for key in (mine, nobodys, stored)}
    assert listed("owner=me") == {numbers[mine]}
    assert listed("owner=nobody") == {numbers[nobodys], numbers[stored]}
    assert listed("owner=nobody&department=service") == {numbers[nobodys]}
    assert listed("department=warehouse") == {numbers[stored]}
    for page in ("/", "/returns/"):
        context = rosa.get(page).context
        owned = context["owned"] if page == "/" else context["page"].owned
        assert (owned.mine, owned.nobodys) == (1, 2)
        assert owned.departments == {"service": 2, "warehouse": 1, "finance": 0, "management": 0}


def test_given_with_a_note_and_put_back(world: World, order: Order, hire: Hire) -> None:
    rosa, wes = hire("agent", "rosa"), hire("agent", "wes", first_name="Wes")
    key = world.request(order(), 1)
    rosa.post(f"/returns/{key}/owner/", {"act": "give", "to": str(of("wes").id), "note": "Speaks French"})
    page = wes.get(f"/returns/{key}/").content.decode()
    assert "Speaks French" in page
    assert re.search(r"→ Wes", page)
    assert 'value="take"' not in page
    assert 'value="put_back"' in page
    assert 'id="owner"' in rosa.get(f"/returns/{key}/").content.decode()
    wes.post(f"/returns/{key}/owner/", {"act": "put_back"})
    assert world.row(key).owner_id == NIL
    nobody = rosa.post(f"/returns/{key}/owner/", {"act": "give", "to": "x"}, follow=True).content.decode()
    assert "Nobody of that name works on this return." in nobody
    assert [note.text for note in returns.notes_of([key])[key]] == ["Speaks French"]


def test_the_rules_of_a_company(world: World, hire: Hire) -> None:
    ada = hire("admin", company_id=world.company_id)
    assert b"people of the role, in turn" in ada.get("/settings/assignment/").content
    said = {f"way.{place}": "nobody" for place in assignment_rules(world.company_id)}
    said |= {f"role.{place}": role for place, (_, role) in assignment_rules(world.company_id).items()}
    wanted = {**said, "way.service": "in_turn", "company": str(world.company_id)}
    ada.post("/settings/assignment/", wanted)
    assert assignment_rules(world.company_id)["service"] == ("in_turn", "agent")
    ada.post("/settings/assignment/", {**wanted, "way.service": "?"})
    assert assignment_rules(world.company_id)["service"] == ("in_turn", "agent")


def test_notices_that_one_does_without(hire: Hire) -> None:
    rosa = hire("agent", "rosa")
    assert b"Staff: given a return" in rosa.get("/me/").content
    rosa.post("/me/notices/", {"notice": ["staff_due", "staff_escalated"]})
    assert of("rosa").muted_notices == ["staff_counter_offer", "staff_given", "staff_offer_accepted"]
