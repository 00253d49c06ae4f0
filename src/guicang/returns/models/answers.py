"""What was answered to a company's own fields."""

from __future__ import annotations

from django.db import models

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class FieldAnswer(Row):
    """The answer to a field, for a return or for one of its lines (NIL: for all of it).

    `value` as `policy.rules.checked` has it; '' for a text, which lies in the vault of `parties` and goes with its
    person.
    """

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="answers", db_index=False)
    line_id = models.UUIDField(default=NIL)
    field_id = models.UUIDField()
    value = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parent", "line_id", "field_id"], name="field_answer_once")]
