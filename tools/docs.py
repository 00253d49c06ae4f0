"""Documents generated from the sources.

python -m tools.docs check     fails where a file differs from what would be written
python -m tools.docs write     writes them
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from guicang.returns import labels, lifecycle

DOCS = Path(__file__).resolve().parent.parent / "docs"

#: The usual way of goods that come back; each arrow must stand in the table.
ROAD = (
    ("request", "requested"),
    ("authorise", "authorised"),
    ("ship", "in_transit"),
    ("receive", "received"),
    ("inspect", "inspected"),
    ("settle", "settled"),
    ("close", "closed"),
)

#: What `lifecycle.axes` may yield, in reading order; a test holds the two together.
AXES: dict[str, tuple[str, str, dict[str, tuple[str, str]]]] = {
    "reception": (
        "收货",
        "has it come",
        {
            "": ("无需收货", "nothing is to come"),
            "awaiting": ("待收货", "units are still to come"),
            "received": ("已收齐", "all came"),
            "short": ("短少", "some were given up: they were never sent"),
            "lost": ("丢失", "some were lost on the way"),
        },
    ),
    "acceptance": (
        "验收",
        "is it what was sold",
        {
            "": ("无可检验", "nothing came yet"),
            "pending": ("待检验", "units wait in the bay"),
            "review": ("待裁定", "held: what came is not what was sold"),
            "accepted": ("已接受", "inspected, at least some accepted"),
            "rejected": ("已拒收", "inspected, all rejected"),
        },
    ),
    "money": (
        "款项",
        "is it paid",
        {
            "none": ("无应退", "nothing is due"),
            "due": ("应退", "accepted units are not settled yet"),
            "submitted": ("退款中", "settled; the refund was handed to the gateway"),
            "paid": ("已退款", "settled and paid"),
            "failed": ("退款失败", "settled; the refund failed"),
        },
    ),
}

LIFE = """\
# The life of a return 退货单的一生

Written by `make fix` from `src/guicang/returns/lifecycle.py`, the only place that says what may happen when; do not
edit it here. What a command does is one file of its name in `src/guicang/returns/steps/`.
本页由 `make fix` 从 `src/guicang/returns/lifecycle.py` 生成，请勿手改。
每个命令做什么，见 `src/guicang/returns/steps/` 中的同名文件。

## The usual way 通常的路

```mermaid
stateDiagram-v2
{road}
```

## States 状态

A state is a label computed from what was decided and from the quantities of the lines. So one command may end in one
of several states: a parcel with half of the goods leaves the return in *receiving*, one with the rest in *received*.
Money never moves the state ahead of the goods: *settled* means nothing awaited, nothing pending and everything due
settled. 状态由已作的决定和各行数量算出：只到一半货是“收货中”，到齐了是“已收货”；款项从不让状态走在货物前面。

| state | 中文 | English | what may happen 可执行的命令 |
|---|---|---|---|
{states}

## The three axes of a line 每一行的三个维度

Goods, their acceptance and their money move at their own pace, so each line has three labels of its own, computed by
`lifecycle.axes` and stored. 收货、验收、款项各走各的，所以每一行有三个独立的标签。

{axes}

## Commands

| command | English | from | to | permission | who |
|---|---|---|---|---|---|
{commands_en}

## 命令

| 命令 | 中文 | 起始状态 | 结果状态 | 权限 | 谁可以 |
|---|---|---|---|---|---|
{commands_zh}

## Every way there is 全部可能

```mermaid
stateDiagram-v2
{arrows}
```
"""

WHO = {"customer": "买家", "staff": "员工", "system": "系统"}


def life_of_a_return() -> str:
    table = lifecycle.table()
    states = []
    for state in lifecycle.State:
        zh, en = labels.LABELS[state]
        possible = (
            ", ".join(f"`{row['command']}`" for row in table if state.value in row["from"]) or "nothing: the end 无"
        )
        states.append(f"| `{state.value}` | {zh} | {en} | {possible} |")
    return LIFE.format(
        road=_road(table),
        states="\n".join(states),
        axes="\n\n".join(_axis(name, *axis) for name, axis in AXES.items()),
        commands_en="\n".join(
            f"| `{row['command']}` | {row['en']} | {', '.join(row['from']) or 'nothing'} "
            f"| {', '.join(row['to'])} | `{row['permission']}` | {', '.join(row['who'])} |"
            for row in table
        ),
        commands_zh="\n".join(
            f"| `{row['command']}` | {row['zh']} | {_zh(row['from']) or '无'} "
            f"| {_zh(row['to'])} | `{row['permission']}` | {'、'.join(WHO[who] for who in row['who'])} |"
            for row in table
        ),
        arrows=_arrows(table),
    )


def _zh(states: Sequence[str]) -> str:
    return "、".join(labels.LABELS[lifecycle.State(state)][0] for state in states)


def _axis(name: str, zh: str, question: str, labels: dict[str, tuple[str, str]]) -> str:
    rows = [f"| {f'`{value}`' if value else '(empty)'} | {label} | {text} |" for value, (label, text) in labels.items()]
    return "\n".join([f"### {name} {zh}: {question}?", "", "| value | 中文 | English |", "|---|---|---|", *rows])


def _road(table: list[dict[str, Any]]) -> str:
    """ROAD as a diagram. Raises ValueError where the table does not know an arrow of it."""
    by_name = {row["command"]: row for row in table}
    lines = [
        f"    {state.value}: {' '.join(labels.LABELS[state])}" for state in map(lifecycle.State, dict(ROAD).values())
    ]
    before = "[*]"
    for name, after in ROAD:
        row = by_name[name]
        if after not in row["to"] or (row["from"] and before not in row["from"]):
            raise ValueError(f"{name} does not lead from {before} to {after}")
        lines.append(f"    {before} --> {after}: {row['zh']} {row['en']}")
        before = after
    return "\n".join([*lines, f"    {before} --> [*]"])


def _arrows(table: list[dict[str, Any]]) -> str:
    """One arrow a pair of states, with every command that may take it; a command that stays draws none."""
    by_pair: dict[tuple[str, str], list[str]] = {}
    for row in table:
        for source in row["from"] or ["[*]"]:
            for target in row["to"]:
                if source != target and row["command"] not in lifecycle.KEEPING:
                    by_pair.setdefault((source, target), []).append(row["command"])
    return "\n".join(f"    {source} --> {target}: {', '.join(names)}" for (source, target), names in by_pair.items())


def features() -> str:
    """The list of features with its own count, so that whoever changes a row counts nothing."""
    text = (DOCS / "features.md").read_text(encoding="utf8")
    states = Counter(re.findall(r"^\| [SB]\d+ \|[^|]*\| (done|part|not yet) \|", text, re.MULTILINE))
    counted = ", ".join(f"{states[state]} {state}" for state in ("done", "part", "not yet"))
    return re.sub(r"^Today: .*? not yet\.", f"Today: {counted}.", text, count=1, flags=re.MULTILINE)


def _setup() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guicang.config.settings")
    import django

    django.setup()


def openapi() -> str:
    """What `/api/v1/openapi.json` answers: a change of the API shows in the review."""
    _setup()
    from guicang.api.service import v1
    from guicang.config import urls

    assert urls.urlpatterns  # noqa: S101 # operations are declared where the addresses are

    return json.dumps(v1.get_openapi_schema(), indent=1, ensure_ascii=False) + "\n"


def refunds(language: str) -> str:
    """Worked numbers, by the planner itself."""
    _setup()
    from tools.refunds import page

    return page(language)


GENERATED: dict[str, Callable[[], str]] = {
    "life-of-a-return.md": life_of_a_return,
    "features.md": features,
    "openapi.json": openapi,
    "en/refunds.md": lambda: refunds("en"),
    "zh/refunds.md": lambda: refunds("zh"),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.docs")
    parser.add_argument("command", choices=["check", "write"])
    writing = parser.parse_args().command == "write"
    stale = []
    for name, make in GENERATED.items():
        path, text = DOCS / name, make()
        if writing:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf8")
        elif not path.exists() or path.read_text(encoding="utf8") != text:
            stale.append(str(path.relative_to(DOCS.parent)))
    print(f"stale: {', '.join(stale)}; run: make fix" if stale else "documents: fresh", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
