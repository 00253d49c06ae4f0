"""Access tokens: shown once, stored as a hash, never more than their user may, worth nothing once over."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from guicang.audit.models import AuditRow
from guicang.kernel.actor import Actor
from guicang.kernel.commands import begin
from guicang.kernel.ids import new_id
from guicang.kernel.refusal import Refused
from guicang.proofs import queries as proofs
from guicang.staff import operations, queries, rules
from guicang.staff.models import AccessToken, User
from tests.world import NOW

DAY = timedelta(days=1)


def member(role: str = "agent", **more: Any) -> User:
    return User.objects.create(username=more.pop("username", role), role=role, **more)


def issue(user: User, actor: Actor | None = None, **more: Any) -> str:
    with transaction.atomic():
        context = begin("test", actor=actor or queries.actor_of(user), now=NOW, items=1)
        return operations.issue_token(context, user, **{"name": "ERP", "days": 90, **more})


def why(user: User, **more: Any) -> set[str]:
    with pytest.raises(Refused) as refused:
        issue(user, **more)
    return {refusal.code for refusal in refused.value.refusals}


def revoke(actor: Actor, token: AccessToken) -> None:
    with transaction.atomic():
        operations.revoke_token(begin("test", actor=actor, now=NOW, items=1), token.id)


@pytest.mark.django_db
def test_the_secret_is_nowhere() -> None:
    secret = issue(member())
    row = AccessToken.objects.get()
    assert secret.startswith("gc_")
    assert len(secret) >= 40
    assert row.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.startswith(row.start)
    assert len(row.start) < 12
    assert secret not in repr(AccessToken.objects.values()) + repr(AuditRow.objects.values())
    assert row.name not in repr(AuditRow.objects.values("before", "after", "reason"))
    assert issue(row.user) != secret


@pytest.mark.django_db
def test_it_acts_for_its_user_and_never_beyond(django_assert_num_queries: Any) -> None:
    rosa, company = member(), new_id()
    User.objects.update(company_id=company)
    secret = issue(rosa, permissions=["returns.view", "returns.settle", "staff.manage"])
    used = operations.use_token(secret, NOW)
    assert used is not None
    assert used[1].permissions == {"returns.view"}
    assert (used[1].kind, used[1].id, used[1].scope.company_id) == ("staff", rosa.id, company)
    User.objects.update(role="warehouse")
    everything = issue(User.objects.get(), permissions=None)
    User.objects.update(role="admin")  # more rights for the user are none for what was given away before
    grown = operations.use_token(everything, NOW)
    assert grown is not None
    assert grown[1].permissions == rules.permissions("warehouse")


@pytest.mark.django_db
def test_a_token_ends() -> None:
    rosa = member()
    secret = issue(rosa, days=30)
    token = AccessToken.objects.get()
    last = token.expires_at - timedelta(microseconds=1)
    assert operations.use_token(secret, last)
    assert operations.use_token(secret, token.expires_at) is None
    assert operations.use_token(secret + "x", NOW) is None
    assert operations.use_token("", NOW) is None
    for locked in ({"is_active": False}, {"must_change_password": True}):
        User.objects.update(**locked)
        assert operations.use_token(secret, NOW) is None
        User.objects.update(is_active=True, must_change_password=False)
    revoke(queries.actor_of(rosa), token)
    revoke(queries.actor_of(rosa), token)
    assert operations.use_token(secret, NOW) is None
    assert AuditRow.objects.filter(action="revoke").count() == 1
    assert [row.state for row in queries.tokens(queries.actor_of(rosa), NOW)] == ["revoked"]


@pytest.mark.django_db
def test_a_use_is_noted_once_a_minute() -> None:
    secret = issue(member())
    statements = []
    for seconds in (0, 1, 59, 60):
        with CaptureQueriesContext(connection) as queries_made:
            operations.use_token(secret, NOW + timedelta(seconds=seconds))
        statements.append(len(queries_made))
    assert statements == [2, 1, 1, 2]
    assert AccessToken.objects.get().last_used_at == NOW + timedelta(minutes=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ({"name": " "}, {"token_name_missing"}),
        ({"name": "n" * 61, "days": 0}, {"token_name_missing", "token_term"}),
        ({"days": 367}, {"token_term"}),
        ({"permissions": []}, {"token_without_rights"}),
        ({"permissions": ["returns.settle", "nothing"]}, {"token_without_rights"}),
    ],
)
def test_refusals(more: dict[str, Any], codes: set[str]) -> None:
    rosa = member()
    assert why(rosa, **more) == codes
    assert not AccessToken.objects.exists()
    assert not AuditRow.objects.exists()


@pytest.mark.django_db
def test_a_form_sent_twice_is_one_token_and_there_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    rosa, key = member(), new_id()
    issue(rosa, token_id=key)
    assert why(rosa, token_id=key) == {"token_made_already"}
    monkeypatch.setattr("guicang.staff.operations.tokens.MOST_TOKENS", 1)
    assert why(rosa) == {"too_many_tokens"}
    assert AccessToken.objects.count() == 1


@pytest.mark.django_db
def test_only_ones_own_unless_one_manages_staff() -> None:
    rosa, wes, ada = member(), member("warehouse"), member("admin")
    other = member("admin", username="other", company_id=new_id())
    issue(rosa)
    token = AccessToken.objects.get()
    User.objects.filter(id=rosa.id).update(company_id=new_id())
    for stranger in (wes, other):
        assert queries.tokens(queries.actor_of(stranger), NOW) == []
        with pytest.raises(Refused):
            revoke(queries.actor_of(stranger), token)
    assert AccessToken.objects.get().revoked_at is None
    assert [row.username for row in queries.tokens(queries.actor_of(ada), NOW)] == ["agent"]
    revoke(queries.actor_of(ada), token)
    assert AccessToken.objects.get().revoked_at == NOW


@pytest.mark.django_db
def test_a_token_that_was_removed_is_found() -> None:
    issue(member())
    assert all(proof.ok for proof in proofs.run())
    AccessToken.objects.all().delete()
    assert [proof.name for proof in proofs.run() if not proof.ok] == ["audited_rows_exist"]
