"""Notices: queued as references, written in the reader's language, sent through the gateway."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.core import mail
from pytest_django import Settings

from guicang.kernel import outbox, worker
from guicang.kernel.actor import Actor
from guicang.kernel.commands import Context
from guicang.kernel.ids import new_id
from guicang.kernel.models import OutboxMessage
from guicang.notifications import operations
from guicang.notifications.ports import Notice
from guicang.parties.models import VaultEntry
from guicang.parties.operations import PersonalFacts, keep

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DATA = {"number": "R-7", "code": "ABC", "amount": "12.00", "currency": "CNY"}


class Broken:
    def send(self, notice: Notice) -> None:
        raise OSError(f"550 no mailbox {notice.address}")


def context() -> Context:
    return Context(new_id(), Actor.system(), NOW)


def give_address(owner: UUID, email: str) -> None:
    keep(context(), [PersonalFacts("customer", owner, owner, {"email": email})])


def queue(owner: UUID, language: str = "en") -> None:
    message = operations.message(
        "return_authorised",
        owner_kind="customer",
        owner_id=owner,
        aggregate_id=new_id(),
        data=DATA,
        language=language,
    )
    outbox.queue(context(), [message])
    worker.Worker().drain()


def test_a_notice_reaches_the_address_in_the_vault_and_the_queue_holds_no_personal_data() -> None:
    owner = new_id()
    give_address(owner, email="rosa@example.org")
    queue(owner)
    (sent,) = mail.outbox
    row = OutboxMessage.objects.get()
    assert sent.to == ["rosa@example.org"]
    assert "R-7" in sent.subject
    assert "ABC" in sent.body
    assert sent.extra_headers["Message-ID"] == f"<{row.id}@guicang>"
    assert row.done_at is not None
    assert "rosa" not in str(row.body)


def test_a_notice_says_what_it_knows_and_leaves_out_the_rest() -> None:
    """An address, a day and a link where there are some; nothing to send back where no code was given."""
    whole = {"send_to": "Li 021-5555 1 Road", "until": "2026-04-01", "link": "https://shop.example/my/returns/1/"}
    said = operations.letter("return_authorised", {**DATA, **whole}, "en").text
    for part in (*whole.values(), DATA["code"]):
        assert part in said
    zh = operations.letter("return_authorised", {**DATA, **whole}, "zh-hans").text
    assert "退货请寄到：Li 021-5555 1 Road" in zh
    assert "2026-04-01" in zh
    empty = dict.fromkeys(whole, "")
    bare = operations.letter("return_authorised", {**DATA, **empty, "code": ""}, "en").text
    assert bare == "Your return R-7 is authorised."
    assert operations.letter("return_authorised", DATA, "en").text.endswith("state the code ABC.")


def test_a_masked_or_erased_address_gets_nothing_and_parks_nothing() -> None:
    masked, erased = new_id(), new_id()
    give_address(masked, email="r***@example.org")
    give_address(erased, email="gone@example.org")
    VaultEntry.objects.filter(owner_id=erased).delete()
    queue(masked)
    queue(erased)
    assert mail.outbox == []
    assert outbox.stats(NOW)["dead"] == 0


def test_a_gateway_that_fails_is_tried_again_and_its_words_are_not_kept(settings: Settings) -> None:
    owner = new_id()
    give_address(owner, email="rosa@example.org")
    settings.NOTICE_GATEWAY = "tests.unit.notifications.test_send.Broken"
    queue(owner)
    row = OutboxMessage.objects.get()
    assert (row.done_at, row.dead_at, row.attempts) == (None, None, 1)
    assert "rosa" not in row.last_error


def test_a_notice_nobody_wrote_is_a_fault_of_the_caller() -> None:
    with pytest.raises(KeyError):
        operations.message("no_such", owner_kind="customer", owner_id=new_id(), aggregate_id=new_id(), data=DATA)
    with pytest.raises(KeyError):
        operations.message("return_refunded", owner_kind="c", owner_id=new_id(), aggregate_id=new_id(), data={})
