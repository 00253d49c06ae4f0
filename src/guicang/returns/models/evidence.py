"""What is shown and written about a return: pictures and notes, whose content lies in the vault of `parties`."""

from __future__ import annotations

from django.db import models

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class Evidence(Row):
    """A picture or document (PDF) of a return or of one of its lines (NIL: of all). It lies in the vault of `parties`.

    Whoever is erased takes the pictures with him; this row stays and says that there was one.
    """

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="evidence")
    line_id = models.UUIDField(default=NIL)
    #: Who shows it: customer or staff. Each side has a number of pictures of its own.
    side = models.CharField(max_length=10)
    #: The return's state at that moment: at the request, at the receipt, at the inspection.
    state = models.CharField(max_length=12)
    media_type = models.CharField(max_length=20)
    width = models.IntegerField()
    height = models.IntegerField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(default=NIL)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["parent", "recorded_at"], name="evidence_parent")]


class Note(Row):
    """That somebody of the staff wrote something down about a return. The words lie in the vault of `parties`."""

    parent = models.ForeignKey("returns.Return", models.PROTECT, related_name="notes")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(default=NIL)
    command_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["parent", "recorded_at"], name="note_parent")]
