"""`guicang verify`: every proof printed, exit status 1 on any difference, one consistent snapshot."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest

from guicang.cli.commands import verify
from guicang.inventory.models import StockLevel
from guicang.proofs import queries as proofs


def run(**options: Any) -> int:
    parser = argparse.ArgumentParser()
    verify.add_arguments(parser)
    return verify.run(parser.parse_args(["--json"] if options.get("as_json") else []))


def test_whole_books(world: Any, order: Any, capsys: pytest.CaptureFixture[str]) -> None:
    world.authorised(order(), 1)
    assert run() == 0
    printed = capsys.readouterr().out
    for proof in proofs.run():
        assert proof.name in printed


def test_a_difference_is_told_and_ends_with_1(world: Any, capsys: pytest.CaptureFixture[str]) -> None:
    StockLevel.objects.filter(virtual=False).update(on_hand=7)
    assert run() == 1
    assert "on_hand=7" in capsys.readouterr().out
    assert run(as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert told["differences"] == sum(proof["found"] for proof in told["proofs"])
    (levels,) = [proof for proof in told["proofs"] if proof["name"] == "stock_levels"]
    assert (levels["ok"], levels["found"], levels["differences"][0]["on_hand"]) == (False, 1, 7)


def test_an_empty_database_is_whole(db: None) -> None:
    found = {proof.name: proof for proof in proofs.run()}
    assert all(proof.ok for proof in found.values())
    assert not found["stock_accounts"].applicable
    assert found["stock_accounts"].note
