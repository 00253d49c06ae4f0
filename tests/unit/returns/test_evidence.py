"""Pictures of returns: who may add, see and remove them, how many there are, and that a person takes his along."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from guicang.kernel.actor import Actor, Scope
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Outcome, Refused
from guicang.parties import queries as vault
from guicang.parties.models import VaultFile
from guicang.parties.operations import STRAY_SECONDS, sweep_files, write_files
from guicang.returns import queries
from guicang.returns.models import Evidence, Return
from guicang.returns.operations.evidence import MOST, Removal, Showing, add_evidence, remove_evidence
from guicang.returns.steps.close import Closing, close
from guicang.trade.facts import CustomerFacts
from guicang.trade.operations import erase_customer, erase_order_person
from tests.journeys.acts import back, codes, do, dump, pay, verified
from tests.world import SYSTEM, Sold, World, another_world

WES = Actor("staff", new_id(), frozenset({"returns.note"}))
MAX = Actor("staff", new_id(), frozenset({"returns.note", "returns.remove_picture"}))
Commit = Any


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def photo(seed: int = 0) -> bytes:
    out = BytesIO()
    Image.frombytes("RGB", (40, 30), random.Random(seed).randbytes(3600)).save(out, "PNG")
    return out.getvalue()


def show(world: World, key: UUID, *seeds: int, actor: Actor = WES, line: UUID | None = None) -> list[Outcome]:
    more = {} if line is None else {"line_id": line}
    return add_evidence(pictures=[Showing(key, photo(seed), **more) for seed in seeds], actor=actor, now=world.now)


def on_disk(home: Path) -> list[Path]:
    return sorted(path for path in home.glob("vault/*/*") if path.is_file())


def buyer(sold: Sold) -> Actor:
    return Actor("customer", sold.customer_id)


def test_a_picture_is_kept_sealed_and_shown(world: World, order: Callable[..., Sold], home: Path) -> None:
    key = world.request(order(), 1)
    line = world.line(key).id
    (outcome,) = show(world, key, 1, line=line)
    assert outcome.ok
    assert outcome.id is not None
    (info,) = queries.evidence_of([key])[key]
    assert info == (
        outcome.id,
        key,
        line,
        "staff",
        "requested",
        40,
        30,
        "staff",
        WES.id,
        world.now,
        "image/jpeg",
        False,
    )
    for small in (False, True):
        found = queries.open_picture(outcome.id, WES, small=small)
        assert found is not None
        assert (found.media_type, Image.open(BytesIO(found.data)).size) == ("image/jpeg", (40, 30))
    assert len(on_disk(home)) == 2
    for path in on_disk(home):
        assert b"JFIF" not in path.read_bytes()
        assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    verified()


def test_trail_and_commands_hold_ids_only(world: World, order: Callable[..., Sold]) -> None:
    key = world.request(order(), 1)
    show(world, key, 1)
    digests = set(VaultFile.objects.values_list("digest", flat=True)) | set(
        VaultFile.objects.values_list("name", flat=True)
    )
    rows = {
        name: str(found)
        for name, found in dump().items()
        if name in ("audit.AuditRow", "kernel.Command", "kernel.OutboxMessage")
    }
    assert "add_picture" in rows["audit.AuditRow"]
    assert not [name for name, text in rows.items() if any(digest in text for digest in digests)]


def test_the_tenth_is_refused_and_nothing_moves(world: World, order: Callable[..., Sold], home: Path) -> None:
    sold = order()
    key = world.request(sold, 1)
    assert all(outcome.ok for outcome in show(world, key, *range(MOST)))
    before, files = dump(), on_disk(home)
    (refused,) = show(world, key, 99)
    assert (codes(refused), refused.id) == (["too_many_pictures"], None)
    commands = dump()
    assert {**commands, "kernel.Command": 0} == {**before, "kernel.Command": 0}
    assert on_disk(home) == files
    # The customer's side has a number of its own, and room is made by removing one.
    assert show(world, key, 99, actor=buyer(sold))[0].ok
    first = queries.evidence_of([key])[key][0].id
    assert remove_evidence(removals=[Removal(key, first, "unusable")], actor=MAX, now=world.now)[0].ok
    assert show(world, key, 100)[0].ok
    verified()


def test_of_twelve_at_once_nine_are_taken(world: World, order: Callable[..., Sold], home: Path) -> None:
    key = world.request(order(), 1)
    found = show(world, key, *range(12))
    assert [codes(outcome) for outcome in found] == [[]] * 9 + [["too_many_pictures"]] * 3
    assert len(on_disk(home)) == 18


def test_the_same_picture_twice_is_one(world: World, order: Callable[..., Sold], home: Path) -> None:
    sold = order()
    key, other = world.request(sold, 1), world.request(sold, 1)
    first, twin = show(world, key, 5, 5)
    (again,) = show(world, key, 5)
    assert first.id == twin.id == again.id
    assert Evidence.objects.count() == 1
    assert len(on_disk(home)) == 2
    # In another return, of another line or by the other side it is another statement.
    assert show(world, other, 5)[0].id != first.id
    assert show(world, key, 5, line=world.line(key).id)[0].id != first.id
    assert show(world, key, 5, actor=buyer(sold))[0].id != first.id


def test_one_bad_file_does_not_fail_the_others(world: World, order: Callable[..., Sold], home: Path) -> None:
    key = world.request(order(), 1)
    lie = Showing(key, b"<html><script>alert(1)</script>")
    stray = Showing(key, photo(2), line_id=new_id())
    found = add_evidence(pictures=[lie, Showing(key, photo(1)), stray], actor=WES, now=world.now)
    assert [codes(outcome) for outcome in found] == [["not_a_picture"], [], ["line_not_found"]]
    assert len(on_disk(home)) == 2


def test_who_may_add(world: World, order: Callable[..., Sold], home: Path) -> None:
    sold = order()
    key = world.request(sold, 1)
    with pytest.raises(Refused):
        show(world, key, 1, actor=Actor("staff", new_id()))
    elsewhere = Actor("staff", new_id(), WES.permissions, Scope(company_id=another_world().company_id))
    for actor in (Actor("customer", new_id()), elsewhere):
        assert codes(show(world, key, 1, actor=actor)[0]) == ["return_not_found"]
    assert codes(show(world, new_id(), 1)[0]) == ["return_not_found"]
    assert not Evidence.objects.exists()
    assert on_disk(home) == []


def test_a_return_that_is_over_takes_no_more(world: World, order: Callable[..., Sold]) -> None:
    key = back(world, order(), 1)
    pay(world, key)
    assert show(world, key, 1)[0].ok
    do(close, world, Closing(key))
    assert codes(show(world, key, 2)[0]) == ["return_is_over"]


def test_others_see_no_picture(world: World, order: Callable[..., Sold]) -> None:
    sold = order()
    key = world.request(sold, 1)
    found = show(world, key, 1)[0].id
    assert found is not None
    elsewhere = Actor("staff", new_id(), frozenset(), Scope(shop_id=another_world().shop_id))
    for actor in (Actor("customer", new_id()), elsewhere):
        assert queries.open_picture(found, actor) is None
    assert queries.open_picture(new_id(), SYSTEM) is None
    assert queries.open_picture(found, buyer(sold)) is not None


def test_removing(
    world: World, order: Callable[..., Sold], home: Path, django_capture_on_commit_callbacks: Commit
) -> None:
    sold = order()
    key, other = world.request(sold, 1), world.request(sold, 1)
    found = show(world, key, 1)[0].id
    assert found is not None

    def remove(actor: Actor, reason: str = "unusable", of: UUID = key) -> list[str]:
        return codes(remove_evidence(removals=[Removal(of, found, reason)], actor=actor, now=world.now)[0])

    before = list(Evidence.objects.values())
    with pytest.raises(Refused):
        remove(WES)
    assert remove(MAX, reason="") == ["reason_missing"]
    assert remove(MAX, reason="Frau Müller ist zu sehen") == ["reason_not_a_code"]
    assert remove(MAX, of=other) == ["picture_not_found"]
    assert remove(buyer(sold)) == ["picture_not_found"]
    assert remove(Actor("customer", new_id())) == ["return_not_found"]
    assert list(Evidence.objects.values()) == before
    with django_capture_on_commit_callbacks(execute=True):
        assert remove(MAX) == []
    assert remove(MAX) == ["picture_not_found"]
    assert queries.open_picture(found, MAX) is None
    assert queries.evidence_of([key]) == {}
    assert on_disk(home) == []
    verified()


def test_a_customer_takes_back_his_own_until_it_is_decided(world: World, order: Callable[..., Sold]) -> None:
    sold = order()
    open_one, decided = world.request(sold, 1), world.authorised(sold, 1)
    for key, expected in ((open_one, []), (decided, ["not_permitted"])):
        found = show(world, key, 1, actor=buyer(sold))[0].id
        assert found is not None
        outcome = remove_evidence(removals=[Removal(key, found)], actor=buyer(sold), now=world.now)[0]
        assert codes(outcome) == expected


def test_an_erased_person_takes_his_pictures(
    world: World, home: Path, django_capture_on_commit_callbacks: Commit
) -> None:
    mine, theirs = world.sell(world.facts(), world.facts(buyer="other"))
    key, other = back(world, mine, 1), world.request(theirs, 1)
    pay(world, key)
    found = [show(world, key, 1)[0].id, show(world, key, 2, actor=buyer(mine))[0].id]
    kept = show(world, other, 1)[0].id
    assert kept is not None
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_customer(begin("test", actor=SYSTEM, now=world.now, items=1), mine.customer_id) == 4
    for each in found:
        assert each is not None
        assert queries.open_picture(each, SYSTEM) is None
    assert queries.open_picture(kept, SYSTEM) is not None
    assert len(on_disk(home)) == 2
    # That there were pictures stays known, and no new ones are kept.
    assert [(one.id, one.erased) for one in queries.evidence_of([key])[key]] == [(each, True) for each in found]
    assert codes(show(world, key, 3)[0]) == ["person_erased"]
    verified()


def test_without_a_buyer_the_order_is_the_person(
    world: World, home: Path, django_capture_on_commit_callbacks: Commit
) -> None:
    facts = [world.facts(customer=CustomerFacts(personal={"name": name})) for name in ("甲", "乙")]
    first, second = world.sell(*facts)
    keys = [world.request(first, 1), world.request(second, 1)]
    assert first.customer_id == second.customer_id
    found = [show(world, key, 1)[0].id for key in keys]
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_order_person(begin("test", actor=SYSTEM, now=world.now, items=1), first.id) == 3
    assert [queries.open_picture(each, SYSTEM) is not None for each in found if each] == [False, True]
    assert len(on_disk(home)) == 2


def test_an_exchanged_file_does_not_open(world: World, order: Callable[..., Sold], home: Path) -> None:
    key = world.request(order(), 1)
    first, second = (outcome.id for outcome in show(world, key, 1, 2))
    assert first
    assert second
    names = {each: vault.files(queries.EVIDENCE, [each])[each][queries.WHOLE].name for each in (first, second)}
    vault.file_path(names[second]).replace(vault.file_path(names[first]))
    with pytest.raises(InvalidTag):
        queries.open_picture(first, SYSTEM)
    assert queries.open_picture(second, SYSTEM) is None


def test_what_a_crash_left_is_swept(world: World, order: Callable[..., Sold], home: Path) -> None:
    key = world.request(order(), 1)
    show(world, key, 1)
    kept = on_disk(home)
    write_files([("evidence", new_id(), "whole", b"lost"), ("evidence", new_id(), "whole", b"under way")])
    lost, under_way = [path for path in on_disk(home) if path not in kept]
    part = lost.with_name(f"{lost.name}.part")
    part.write_bytes(b"half")
    old = time.time() - STRAY_SECONDS - 1
    for path in (*kept, lost, part):
        os.utime(path, (old, old))
    sweep_files(None)  # type: ignore[arg-type] # the envelope says nothing
    assert on_disk(home) == sorted([*kept, under_way])


def test_a_fault_in_the_transaction_leaves_no_file(
    world: World, order: Callable[..., Sold], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = world.request(order(), 1)

    def broken(*_: Any) -> Iterator[None]:
        raise RuntimeError("the trail")

    monkeypatch.setattr("guicang.returns.operations.evidence.record", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        show(world, key, 1)
    assert Return.objects.filter(id=key).exists()
    assert not Evidence.objects.exists()
    assert not VaultFile.objects.exists()
    assert on_disk(home) == []


def test_statements_do_not_grow(world: World, order: Callable[..., Sold]) -> None:
    key = world.request(order(), 1)
    show(world, key, 0)
    counts = []
    for seeds in ((1,), (2, 3, 4, 5)):
        with CaptureQueriesContext(connection) as seen:
            assert all(outcome.ok for outcome in show(world, key, *seeds))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 18
