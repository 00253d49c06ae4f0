"""What a newcomer is told: at every place that was promised, at most two sentences, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation

import guicang
from guicang.org.queries import KINDS
from guicang.returns import lifecycle
from guicang.ui.help import COMMANDS, HELP, PLACES
from tests.unit.desk.conftest import Hire, in_every_state
from tests.world import Sold, World

PACKAGE = Path(guicang.__file__).parent
MARK = '<details class="drop help'


@pytest.mark.parametrize("about", HELP)
def test_at_most_two_sentences_in_both_languages(about: str) -> None:
    said = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said[language] = str(HELP[about])
    assert 1 <= len(re.findall(r"[.](?= |$)", said["en"])) <= 2, said["en"]
    assert 1 <= len(re.findall("。", said["zh-hans"])) <= 2, said["zh-hans"]
    assert not re.search(r"[,.;:?!]", said["zh-hans"]), "punctuation of another language"


def test_every_command_and_every_master_is_explained() -> None:
    assert set(COMMANDS) == set(lifecycle.COMMANDS) - {"request"}
    assert set(KINDS) <= set(PLACES)


def test_nothing_is_explained_that_stands_nowhere() -> None:
    templates = [page.read_text(encoding="utf8") for page in PACKAGE.glob("*/templates/**/*.html")]
    named = {name for text in templates for name in re.findall(r'{% help "(\w+)"', text)}
    # A mark may also say what a command does, where its outcome stands.
    assert named - set(COMMANDS) == set(PLACES) - set(KINDS)


def test_pages_show_the_mark(world: World, order: Callable[..., Sold], hire: Hire) -> None:
    returns, ada = in_every_state(world, order), hire("admin")
    pages = ["/", "/returns/", "/stock/", "/journal/", "/journal/?tab=balance", "/outbox/", "/proofs/", "/ui/"]
    pages += [f"/settings/{kind}/" for kind in (*KINDS, "numbers")]
    pages += [f"/returns/{key}/" for key in returns.values()] + [f"/orders/{order().id}/counter/"]
    for page in pages:
        assert MARK in ada.get(page).content.decode(), page
    shown = ada.get(f"/returns/{returns['requested']}/").content.decode()
    for command in ("ask", "reject", "cancel"):
        assert str(COMMANDS[command]) in shown, command
