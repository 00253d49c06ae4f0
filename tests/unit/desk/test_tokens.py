"""The page of access tokens, and `guicang token`."""

from __future__ import annotations

import re

import pytest

from guicang.cli import main
from guicang.kernel.clock import utcnow
from guicang.staff import operations, rules
from guicang.staff.models import AccessToken, User
from tests.unit.desk.conftest import Hire
from tests.unit.desk.test_pages import counted

FORM = {"act": "make", "name": "ERP", "days": "90", "reach": "look"}


def shown(page: bytes) -> list[str]:
    return re.findall(r"gc_[\w-]{40,}", page.decode())


def test_made_shown_once_revoked(hire: Hire) -> None:
    rosa = hire("agent")
    answer = rosa.post("/tokens/", FORM)
    (secret,) = shown(answer.content)
    assert "no-store" in answer.headers["Cache-Control"]
    assert shown(rosa.get("/tokens/").content) == []
    used = operations.use_token(secret, utcnow())
    assert used is not None
    assert used[1].permissions == {name for name in rules.permissions("agent") if name.endswith(".view")}
    token = AccessToken.objects.get()
    hire("warehouse").post("/tokens/", {"act": "revoke", "token": str(token.id)})
    assert operations.use_token(secret, utcnow())
    assert "ERP" not in hire("finance").get("/tokens/").content.decode()
    assert "ERP" in hire("admin").get("/tokens/").content.decode()
    rosa.post("/tokens/", {"act": "revoke", "token": str(token.id)})
    assert operations.use_token(secret, utcnow()) is None


def test_a_form_sent_again_and_forms_nobody_made(hire: Hire) -> None:
    rosa = hire("agent")
    key = re.search(r'name="key" value="([^"]+)"', rosa.get("/tokens/").content.decode())
    assert key
    form = {**FORM, "key": key[1], "reach": "chosen", "permission": ["returns.view", "returns.settle"]}
    assert shown(rosa.post("/tokens/", form).content)
    assert "made already" in rosa.post("/tokens/", form, follow=True).content.decode()
    for nonsense in ({"days": "x"}, {"days": "9999"}, {"name": ""}, {"reach": "chosen"}, {"reach": ""}):
        assert rosa.post("/tokens/", {**FORM, **nonsense}).status_code == 302, nonsense
    assert rosa.post("/tokens/", {"act": "revoke", "token": "nonsense"}).status_code == 302
    assert [row.permissions for row in AccessToken.objects.all()] == [["returns.view"]]


def test_the_page_in_both_languages_and_its_statements(hire: Hire) -> None:
    for language, words in (("en", "Access tokens"), ("zh-hans", "访问令牌")):
        ada = hire("admin", name=language, language=language)
        assert words in ada.get("/me/").content.decode()
        assert counted(ada, "/tokens/") <= 8
        few = counted(ada, "/tokens/")
        for number in range(3):
            ada.post("/tokens/", {**FORM, "name": f"<b>{number}</b>"})
        page = ada.get("/tokens/").content.decode()
        assert words in page
        assert "&lt;b&gt;2&lt;/b&gt;" in page
        assert counted(ada, "/tokens/") == few


@pytest.mark.django_db
def test_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GUICANG_DEMO", "1")  # the well-known secrets will do for a test
    User.objects.create(username="erp", role="warehouse")
    assert main.main(["token", "erp", "--days", "30", "--only", "returns.view"]) == 0
    used = operations.use_token(capsys.readouterr().out.strip(), utcnow())
    assert used is not None
    assert used[1].permissions == {"returns.view"}
    assert main.main(["token", "nobody"]) == 1
    assert main.main(["token", "erp", "--days", "0"]) == 1
    assert AccessToken.objects.count() == 1
