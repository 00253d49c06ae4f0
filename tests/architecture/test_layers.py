"""What import-linter cannot see. Its own contracts stand in pyproject.toml and run in `make check` and here."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "guicang"
LONGEST_FUNCTION = 70
LONGEST_FILE = 400
NAMED = {"get_model", "get_registered_model"}
IMPORTERS = {"import_string", "import_module", "__import__", "spec_from_file_location"}


def _modules(*, migrations: bool = False) -> Iterator[Path]:
    for path in sorted(SOURCE.rglob("*.py")):
        if migrations or "migrations" not in path.parts:
            yield path


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_import_contracts_hold() -> None:
    # In a process of its own: import-linter configures itself globally, once per process.
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def _contracts() -> dict[str, dict[str, list[str]]]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf8")
    return {each["id"]: each for each in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def test_every_context_with_tables_is_layered_inside() -> None:
    """The contracts name their contexts one by one: a new one must not slip past them."""
    layered = {name for contract in _contracts().values() for name in contract.get("containers", ())}
    contexts = {".".join(path.parent.relative_to(SOURCE.parent).parts) for path in SOURCE.rglob("models.py")}
    # Of integrations it is each adapter that is layered: their tables are only gathered above them.
    free = {"guicang.kernel", "guicang.integrations"}
    assert contexts - layered == free, "add it to the containers of the contract `rooms`"


def test_every_face_is_kept_from_models() -> None:
    faces = {name for name in ("portal", "desk", "kiosk", "api", "cli", "ui") if (SOURCE / name).is_dir()}
    assert {f"guicang.{name}" for name in faces} <= set(_contracts()["faces"]["source_modules"])


def test_no_model_is_fetched_by_name_outside_migrations() -> None:
    found = [
        f"{_named(path)}:{node.lineno}"
        for path in _modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if (isinstance(node, ast.Attribute) and node.attr in NAMED) or (isinstance(node, ast.Name) and node.id in NAMED)
    ]
    assert not found, f"apps.get_model passes by every import contract: {found}"


def test_nothing_is_imported_by_name_but_where_settings_say_so() -> None:
    """`import_string` and its like pass by the contracts too: each place that uses one stands here with its reason."""
    found = {
        _named(path)
        for path in _modules()
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if (isinstance(node, ast.Attribute) and node.attr in IMPORTERS)
        or (isinstance(node, ast.Name) and node.id in IMPORTERS)
    }
    assert found == {
        "src/guicang/cli/registry.py",  # its own commands
        "src/guicang/kernel/worker.py",  # handlers, named in settings
        "src/guicang/notifications/operations.py",  # gateway and address book, named in settings
        "src/guicang/proofs/queries.py",  # contexts below it
        "src/guicang/returns/steps/execute_refund.py",  # the provider of refunds, named in settings
    }


def test_functions_fit_on_a_screen() -> None:
    found = [
        f"{_named(path)}:{node.lineno} {node.name} ({size} lines)"
        for path in _modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert not found, found


def test_files_stay_short() -> None:
    found = [
        f"{_named(path)} ({lines} lines)"
        for path in _modules()
        if "tests" not in path.parts and (lines := len(path.read_text(encoding="utf8").splitlines())) > LONGEST_FILE
    ]
    assert not found, found


def test_modules_are_named_for_what_they_do() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py", "signals.py"}
    assert not [_named(path) for path in _modules() if path.name in vague]


@pytest.mark.parametrize("face", ["desk", "cli", "ui", "portal", "kiosk", "api"])
def test_faces_have_no_models(face: str) -> None:
    assert not (SOURCE / face / "models.py").exists()
