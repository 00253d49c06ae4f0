"""`guicang run` and `guicang`: what an operator meets before anything is served."""

from __future__ import annotations

import argparse
import socket

import pytest

from guicang.cli import main, registry
from guicang.cli.ports import is_free, port_number


def test_every_command_can_be_loaded_and_says_what_it_does() -> None:
    for name in registry.names():
        command = registry.load(name)
        assert (command.__doc__ or "").strip(), name
        command.add_arguments(argparse.ArgumentParser())


def test_a_taken_port_is_named_with_a_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free("127.0.0.1", port)
        assert main.main(["run", "--port", str(port)]) == main.UNUSABLE
    said = capsys.readouterr().err
    assert f"127.0.0.1 的端口 {port} 已被占用" in said
    assert f"GUICANG_PORT={port + 1} make run" in said


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", ""])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        port_number(text)


@pytest.mark.django_db
def test_default_secrets_refuse_to_serve(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("GUICANG_DEMO", raising=False)
    for name in ("GUICANG_SECRET_KEY", "GUICANG_AUDIT_KEY", "GUICANG_INDEX_KEY"):
        monkeypatch.setenv(name, "given")  # no file of keys is made
    assert main.main(["web", "--port", "1"]) == main.UNUSABLE
    assert "guicang.E001" in capsys.readouterr().err
