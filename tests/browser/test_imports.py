"""A file through the desk in a real browser, with and without JavaScript: looked at, described, taken, sent back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from guicang.kernel import worker
from guicang.org import queries as org
from guicang.sales.models import Order
from guicang.staff.models import User
from tests.browser.people import PASSWORD, opened, violations
from tests.journeys.acts import verified
from tests.world import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_file_is_taken(script: bool, live_server: Any, browser: Browser, world: World, tmp_path: Path) -> None:
    user = User(username="ada", role="admin", company_id=world.company_id)
    user.set_password(PASSWORD)
    user.save()
    file = tmp_path / "旗舰店.csv"
    rows = "".join(f"A{at},2026-11-01 10:00:00,GOODS,{'两' if at == 1 else 2},5.00\n" for at in range(6))
    file.write_text(f"主订单编号,订单创建时间,商家编码,几个,商品单价\n{rows}", encoding="gb18030")

    page = opened(browser, live_server, "ada", java_script_enabled=script)
    page.context.set_default_timeout(30_000)
    page.goto("/imports/")
    page.get_by_role("link", name="导入文件").first.click()
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="预览文件").click()
    page.get_by_text("请在下面指定哪一列是").wait_for()
    assert page.get_by_role("button", name="开始导入").is_disabled()
    page.get_by_label("几个").select_option("quantity")
    page.get_by_role("button", name="重新检查").click()
    page.get_by_text("两 在这里不是数字").wait_for()
    assert not Order.objects.exists(), "nothing is taken by looking"
    if script:
        assert violations(page) == ""
    page.get_by_role("button", name="开始导入").click()
    page.get_by_text("排队中").wait_for()
    worker.Worker(lane="files").drain()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"))  # the page looks again by itself
    page.get_by_text("已完成，有搁置行").wait_for()
    assert Order.objects.count() == 5
    if script:
        assert violations(page) == ""

    # The row that was set aside comes back corrected, read the same way.
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("下载被搁置的")).click()
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(Path(download.value.path()).read_text("utf-8-sig").replace("两", "2", 1), encoding="utf-8")
    page.set_input_files("[name=file]", corrected)
    page.get_by_role("button", name="预览更正后的行").click()
    page.get_by_text("前 1 行全部可读").wait_for()
    page.get_by_role("button", name="开始导入").click()
    page.get_by_text("排队中").wait_for()
    worker.Worker(lane="files").drain()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/$"))
    assert Order.objects.count() == 6
    assert org.companies([world.company_id])
    verified()
