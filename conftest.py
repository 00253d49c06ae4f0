"""Chooses the engine before Django starts, then hands over to `tests/`.

    pytest --engine=postgresql        or GUICANG_TEST_ENGINE=postgresql; the default is sqlite

Django must be ready when the first conftest or test module is imported, which is before pytest parses options of
conftest files: hence the look at the command line here.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import engines

ENGINES = ("sqlite", "postgresql")
HOME = Path(tempfile.mkdtemp(prefix="guicang-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)

pytest_plugins = ["tests.tables", "tests.world", "tests.write_guard", "tests.receiver"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, help="database engine of this run (default: sqlite)")


def _wanted_engine() -> str:
    """From the command line, else from the environment, which also carries it to xdist's workers."""
    for position, word in enumerate(sys.argv):
        if word.startswith("--engine="):
            return word.partition("=")[2]
        if word == "--engine" and position + 1 < len(sys.argv):
            return sys.argv[position + 1]
    return os.environ.get("GUICANG_TEST_ENGINE", "sqlite")


def _prepare() -> str:
    """Start the engine, point the settings at it, start Django. Answers why the engine is missing, or ''."""
    engine, missing = _wanted_engine(), ""
    if engine not in ENGINES:
        raise pytest.UsageError(f"unknown engine {engine!r}: choose one of {', '.join(ENGINES)}")
    os.environ["GUICANG_TEST_ENGINE"] = engine
    os.environ["GUICANG_HOME"] = str(HOME)
    os.environ["DJANGO_SETTINGS_MODULE"] = "guicang.config.settings"
    os.environ.pop("GUICANG_DATABASE_URL", None)
    if engine == "postgresql":
        try:
            # An xdist worker finds the controller's server here; each makes a database of its own on it.
            url = os.environ.get("GUICANG_TEST_PG_URL") or engines.shared().url
        except engines.EngineUnavailable as problem:
            missing = str(problem)
        else:
            os.environ["GUICANG_TEST_PG_URL"] = os.environ["GUICANG_DATABASE_URL"] = url

    import django
    from django.conf import settings as django_settings

    # A file, not shared memory: threads and child processes of a test must meet real locks.
    if engine == "sqlite":
        django_settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(HOME / "test.sqlite3")
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
    return missing


MISSING = _prepare()

# Examples run through a database: a time limit for each would measure the machine. In CI they are always the same.
settings.register_profile("small", max_examples=25, deadline=None, derandomize=os.environ.get("CI") == "true")
settings.register_profile("deep", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("GUICANG_TEST_TIER", "small"))


def pytest_configure(config: pytest.Config) -> None:
    if MISSING and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI=true, and {MISSING}")


def pytest_report_header(config: pytest.Config) -> str:
    engine = os.environ["GUICANG_TEST_ENGINE"]
    if engine == "sqlite" or MISSING:
        return f"engine: {engine}"
    return f"engine: {os.environ['GUICANG_TEST_PG_URL']} ({engines.find_binaries()})"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if MISSING:
        pytest.skip(f"{MISSING}")
