"""The Chinese catalogue: collected from the sources, checked for completeness. English is what the sources say.

python -m tools.translations check     fails on a missing, doubtful or left-over translation
python -m tools.translations update    adds what is new, drops what nobody says any more
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings

SOURCE = Path(__file__).resolve().parent.parent / "src" / "guicang"
CATALOGUE = SOURCE / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "N_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
#: Django turns a template into calls among padding; only the calls are of interest.
TEMPLATE_CALL = re.compile(
    r"\b(gettext|ngettext|pgettext|npgettext)\(((?:\s*u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\s*,?)+)"
)

#: Header lines that say nothing here, or would make every update a change.
UNWANTED = tuple(
    f'"{name}'
    for name in (
        *("POT-Creation", "PO-Revision", "Generated-By"),
        *("Project-Id", "Report-Msgid", "Last-Translator", "Language-Team"),
    )
)

Found = tuple[str | tuple[str, ...], str | None]


def collect() -> Catalog:
    """Every message of the sources, with the files that say it."""
    header = "# Guicang 归仓, Simplified Chinese. English is what the sources say; `make fix` collects it."
    catalogue = Catalog(locale="zh_Hans", header_comment=header, charset="utf-8", fuzzy=False)
    for path in sorted(SOURCE.rglob("*")):
        found = _of_python(path) if path.suffix == ".py" else _of_template(path) if _is_template(path) else ()
        for message, context in found:
            catalogue.add(message, locations=[(str(path.relative_to(SOURCE)), 0)], context=context)
    return catalogue


def _is_template(path: Path) -> bool:
    return "templates" in path.parts and path.suffix in (".html", ".txt")


def _of_python(path: Path) -> Iterator[Found]:
    with path.open("rb") as handle:
        for _line, message, _comments, context in extract(
            "python", handle, keywords=KEYWORDS, options={"encoding": "utf-8"}
        ):
            yield message, context


def _of_template(path: Path) -> Iterator[Found]:
    from django.utils.translation.template import templatize

    for name, texts in TEMPLATE_CALL.findall(templatize(path.read_text(encoding="utf8"))):
        words = ast.literal_eval(f"[{texts}]")
        context = words.pop(0) if name.startswith(("p", "np")) else None
        yield (tuple(words[:2]) if "n" in name.partition("gettext")[0] else words[0]), context


def kept() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="zh_Hans")
    with CATALOGUE.open("rb") as handle:
        return read_po(handle, locale="zh_Hans")


def findings(said: Catalog, translated: Catalog) -> Iterator[str]:
    """What stands between this catalogue and a complete one."""
    for message in said:
        if not message.id:
            continue
        known = translated.get(message.id, message.context)
        where = message.locations[0][0]
        if known is None or not _complete(known):
            yield f"{where}: no translation of {message.id!r}"
        elif known.fuzzy:
            yield f"{where}: doubtful (fuzzy) translation of {message.id!r}"
        else:
            yield from (f"{where}: {error} in the translation of {message.id!r}" for error in known.check(translated))
            yield from (
                f"{where}: {name} is lost in {known.string!r}" for name in sorted(_names(message) - _names(known, 1))
            )
    for message in translated:
        if message.id and said.get(message.id, message.context) is None:
            yield f"nobody says {message.id!r} any more"


def _complete(message: Message) -> bool:
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return all(strings)


def _names(message: Message, translated: int = 0) -> set[str]:
    """The placeholders %(name)s of the text. A singular may say "one" where the plural has its number."""
    texts = message.string if translated else message.id
    last = texts[-1] if isinstance(texts, tuple | list) else texts
    return set(re.findall(r"%\((\w+)\)", str(last)))


def update() -> None:
    said, translated = collect(), kept()
    for message in said:
        known = translated.get(message.id, message.context) if message.id else None
        if known is not None:
            message.string, message.flags = known.string, known.flags
            message.user_comments = known.user_comments
    buffer = io.BytesIO()
    write_po(buffer, said, width=120, sort_output=True, omit_header=False, include_lineno=False)
    lines = [line for line in buffer.getvalue().decode().splitlines() if not line.startswith(UNWANTED)]
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text("\n".join(lines) + "\n", encoding="utf8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.translations")
    parser.add_argument("command", choices=["check", "update"])
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    if parser.parse_args().command == "update":
        update()
    found = list(findings(collect(), kept()))
    print("\n".join(found) or "translations: complete", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
