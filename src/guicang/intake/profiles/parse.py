"""From TOML to a Profile, strictly: every unknown key and wrong value is named, all at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from guicang.intake.profiles.fields import FIELDS, KINDS
from guicang.intake.profiles.schema import Codes, Commands, LineClass, Ownership, Place, Profile

ENCODINGS = ("auto", "utf-8", "utf-16", "gb18030", "gbk", "cp1252", "iso-8859-1", "iso-8859-15", "big5", "shift_jis")
DELIMITERS = ("auto", ",", ";", "\t", "|")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LINE_CLASSES: tuple[LineClass, ...] = ("goods", "postage", "discount", "fee", "manual")


class Section:
    """One table of the TOML file: typed reads, and a complaint for each key that nobody read."""

    def __init__(self, raw: object, where: str, errors: list[str]) -> None:
        self.where, self.errors = where, errors
        self._read: set[str] = set()
        if not isinstance(raw, dict):
            self.complain("must be a table")
            raw = {}
        self.raw = cast("dict[str, Any]", raw)

    def complain(self, what: str, key: str = "") -> None:
        path = ".".join(part for part in (self.where, key) if part)
        self.errors.append(f"{path or 'profile'}: {what}")

    def take(self, key: str) -> object:
        self._read.add(key)
        return self.raw.get(key)

    def text(self, key: str, default: str = "") -> str:
        value = self.take(key)
        if value is None or isinstance(value, str):
            return default if value is None else value
        self.complain("must be a text", key)
        return default

    def choice(self, key: str, options: tuple[str, ...], default: str) -> str:
        value = self.text(key, default)
        if value in options:
            return value
        self.complain(f"{value!r} is not one of {', '.join(map(repr, options))}", key)
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.complain("must be true or false", key)
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.take(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.complain("must be a text or a list of texts", key)
        return ()

    def section(self, key: str) -> Section:
        value = self.take(key)
        return Section({} if value is None else value, f"{self.where}.{key}".strip("."), self.errors)

    def close(self, known: str = "") -> None:
        for key in self.raw.keys() - self._read:
            hint = f" (known: {known or ', '.join(sorted(self._read))})"
            self.complain(f"unknown key{hint}", key)


def parse(raw: Mapping[str, object], name: str, kind: str) -> tuple[Profile | None, list[str]]:
    """The profile for files of `kind`, or None with every error of it."""
    errors: list[str] = []
    top = Section(raw, "", errors)
    kinds = top.texts("kind")
    for bad in [item for item in kinds if item not in KINDS] or ([] if kinds else [""]):
        top.complain(f"{bad!r} is not one of {', '.join(KINDS)}", "kind")
    kinds = tuple(item for item in kinds if item in KINDS)
    parts = {item: top.section(item) for item in kinds}
    kind = kind if kind in kinds else (kinds[0] if kinds else "orders")
    shared = _headers(top.section("columns"), {field for item in kinds for field in FIELDS[item]})
    required, merged = top.texts("required"), top.texts("merged")
    columns, extra = _of_kind(parts, kind, shared)
    profile = _profile(top, name, kind, columns)
    top.close()
    wanted = tuple(dict.fromkeys((*required, *extra)))
    for key, fields in (("required", wanted), ("merged", merged)):
        for field in fields:
            if field not in columns:
                top.complain(f"{field!r} has no entry in [columns]", key)
    if not wanted:
        top.complain("name at least one field, or a header row cannot be told from data", "required")
    if errors or profile is None:
        return None, errors
    return replace(profile, required=wanted, merged=merged), errors


def _headers(section: Section, known: set[str]) -> dict[str, tuple[str, ...]]:
    columns = {field: section.texts(field) for field in section.raw if field in known}
    for field, headers in columns.items():
        if not headers or not all(header.strip() for header in headers):
            section.complain("must name at least one header", field)
    section.close(known="the fields of this kind, see `guicang import template`")
    return columns


def _of_kind(
    parts: Mapping[str, Section], kind: str, shared: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Columns and required fields of one kind: the shared ones and those of its own section."""
    result: dict[str, tuple[str, ...]] = {}
    required: tuple[str, ...] = ()
    for item, section in parts.items():
        own = _headers(section.section("columns"), set(FIELDS[item]))
        needed = section.texts("required")
        section.close()
        if item == kind:
            result = {field: names for field, names in shared.items() if field in FIELDS[item]} | own
            required = needed
    return result, required


def _profile(top: Section, name: str, kind: str, columns: dict[str, tuple[str, ...]]) -> Profile | None:
    profile = Profile(
        name=name,
        kind=kind,
        columns=columns,
        required=(),
        title=top.text("title"),
        zone=_zone(top),
        encoding=top.choice("encoding", ENCODINGS, "auto"),
        delimiter=top.choice("delimiter", DELIMITERS, "auto"),
        sheet=top.text("sheet"),
        decimal=cast("Literal['auto', '.', ',']", top.choice("decimal", ("auto", ".", ","), "auto")),
        dates=_dates(top),
        currency=_currency(top, columns, kind),
        price_includes_tax=top.flag("price_includes_tax", default=True),
        history=top.flag("history", default=False),
        tax_rate=_tax_rate(top),
        ownership=_ownership(top.section("ownership")),
        place=_place(top.section("place")),
        codes=_codes(top.section("codes")),
        commands=_commands(top.section("commands"), kind, columns),
        values=_values(top.section("values")),
        unknown_sku=cast("Literal['create', 'refuse']", top.choice("unknown_sku", ("create", "refuse"), "refuse")),
        unknown_customer=top.text("unknown_customer", "UNKNOWN"),
    )
    return profile if profile.zone else None


def _zone(top: Section) -> str:
    zone = top.text("zone")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        top.complain(f"{zone!r} is no time zone (such as Asia/Shanghai)", "zone")
        return ""
    return zone


def _dates(top: Section) -> tuple[str, ...]:
    formats = top.texts("dates")
    if formats == ("auto",):
        return ()
    for text in formats:
        if not any(mark in text for mark in ("%Y", "%y", "%s")):
            top.complain(f"{text!r} is no date format (such as %Y-%m-%d %H:%M:%S)", "dates")
    return formats


def _currency(top: Section, columns: Mapping[str, object], kind: str) -> str:
    currency = top.text("currency")
    if currency and not _CURRENCY.fullmatch(currency):
        top.complain(f"{currency!r} is no ISO 4217 code (such as CNY)", "currency")
    has_money = any(FIELDS[kind][field].kind in ("amount", "price") for field in columns)
    if has_money and not currency and "currency" not in columns:
        top.complain("give a fixed currency or map the column `currency`", "currency")
    return currency


def _tax_rate(top: Section) -> Decimal | None:
    text = top.text("tax_rate")
    if not text:
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(-1)
    if not 0 <= rate < 1:
        top.complain(f'{text!r} is no rate between 0 and 1 (13 % is "0.13")', "tax_rate")
        return None
    return rate


def _ownership(section: Section) -> Ownership:
    modes = ("owned", "mirrored")
    goods, books = section.choice("goods", modes, "owned"), section.choice("books", modes, "owned")
    value = section.take("cut_over")
    section.close()
    instant: datetime | None = None
    if isinstance(value, datetime) and value.tzinfo is not None:
        instant = value.astimezone(UTC)
    elif isinstance(value, date) or value not in (None, "none", "before_first_row"):
        section.complain('must be an instant with its offset, "before_first_row" or "none"', "cut_over")
    return Ownership(
        goods=cast("Literal['owned', 'mirrored']", goods),
        books=cast("Literal['owned', 'mirrored']", books),
        cut_over=instant,
        before_first_row=value == "before_first_row",
    )


def _place(section: Section) -> Place:
    place = Place(**{key: section.text(key) for key in ("company", "channel", "shop", "market", "store", "warehouse")})
    section.close()
    return place


def _codes(section: Section) -> Codes:
    ignore_case = section.flag("ignore_case", default=False)
    exact: dict[str, LineClass] = {}
    prefixes: dict[str, LineClass] = {}
    for line_class in _LINE_CLASSES:
        for entry in section.texts(line_class):
            key = entry.casefold() if ignore_case else entry
            group, key = (prefixes, key[:-1]) if key.endswith("*") else (exact, key)
            if not key or group.setdefault(key, line_class) != line_class:
                section.complain(f"{entry!r} is empty or stands in two lists", line_class)
    section.close()
    return Codes(exact, tuple(sorted(prefixes.items(), key=lambda item: -len(item[0]))), ignore_case)


def _commands(section: Section, kind: str, columns: Mapping[str, object]) -> Commands:
    document = "return_number" if kind == "returns" and "return_number" in columns else "order_number"
    default = section.choice("default", ("sale", "return"), "return" if kind == "returns" else "sale")
    prefixes = section.texts("return_prefixes")
    column, returns = section.text("column"), frozenset(section.texts("returns"))
    negative = section.choice("negative", ("write_off", "return"), "write_off")
    section.close()
    if bool(column) != bool(returns) or (column and column not in columns):
        section.complain("`column` (a mapped field) and `returns` (its texts) go together", "column")
    return Commands(
        default=cast("Literal['sale', 'return']", default),
        document=document,
        return_prefixes=prefixes,
        column=column,
        returns=returns,
        negative=cast("Literal['write_off', 'return']", negative),
    )


def _values(section: Section) -> dict[str, dict[str, str]]:
    known = {field.name for fields in FIELDS.values() for field in fields.values() if field.kind in ("code", "boolean")}
    result: dict[str, dict[str, str]] = {}
    for field in [name for name in section.raw if name in known]:
        table = section.section(field)
        result[field] = {text.casefold(): table.text(text) for text in table.raw}
        table.close()
    section.close(known=", ".join(sorted(known)))
    return result
