"""Staging keeps every row, puts documents together, and leaves nothing on the disk."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from guicang.intake.profiles import FIELDS
from guicang.intake.staging import Staging

NAMES = ("order_number", "ordered_at", "sku", "name", "quantity", "unit_price", "gift")
VALUES = {
    "order_number": "A",
    "ordered_at": datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC),
    "sku": "S",
    "quantity": 3,
    "unit_price": Decimal("0.0010"),
    "gift": True,
}


def staging(folder: Path) -> Staging:
    made = Staging(folder)
    made.define({name: FIELDS["orders"][name] for name in NAMES})
    return made


def test_values_come_out_as_they_went_in_and_no_file_stays(tmp_path: Path) -> None:
    with staging(tmp_path) as rows:
        rows.add(2, "A", "", VALUES, ("A", "x\x1fy", "[z"))
        rows.add(3, "A", "", {**VALUES, "gift": None}, ("[", "]"))
        rows.seal()
        [group] = rows.groups()
        assert group.rows[0].values == {**VALUES, "name": None}
        assert str(group.rows[0].values["unit_price"]) == "0.0010"
        assert group.rows[1].values["gift"] is None
        assert rows.raw([2, 3]) == {2: ["A", "x\x1fy", "[z"], 3: ["[", "]"]}
        assert list(tmp_path.iterdir()) == [], "its file is gone from the directory while it is open"


@settings(max_examples=60)
@given(keys=st.lists(st.sampled_from("ABCDE"), max_size=30), after=st.integers(0, 6), size=st.integers(1, 4))
def test_documents_are_whole_in_the_order_of_their_first_row(
    tmp_path_factory: object, keys: list[str], after: int, size: int
) -> None:
    folder = Path(tmp_path_factory.mktemp("s"))  # type: ignore[attr-defined]
    with staging(folder) as rows:
        for number, key in enumerate(keys, 2):
            rows.add(number, key, "", {**VALUES, "order_number": key}, (key,))
        rows.seal()
        wanted = {key: [number for number, other in enumerate(keys, 2) if other == key] for key in dict.fromkeys(keys)}
        found = {group.rows[0].values["order_number"]: [row.number for row in group.rows] for group in rows.groups()}
        assert list(found.items()) == list(wanted.items())
        chunks = list(rows.chunks(after, size, 1_000))
        assert [group.position for chunk in chunks for group in chunk] == list(range(after + 1, len(wanted) + 1))
        assert all(len(chunk) <= size for chunk in chunks)


def test_documents_with_an_instant_come_in_its_order(tmp_path: Path) -> None:
    with staging(tmp_path) as rows:
        for number, (key, at) in enumerate((("A", "3"), ("B", "1"), ("A", "0"), ("C", "1")), 2):
            rows.add(number, key, at, {**VALUES, "order_number": key}, (key,))
        rows.seal()
        assert [[row.number for row in group.rows] for group in rows.groups()] == [[2, 4], [3], [5]]
