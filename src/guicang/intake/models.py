"""Files that came in: runs, rows set aside, and what became of each line of a past return."""

from __future__ import annotations

from typing import Any

from django.db import models

from guicang.kernel.ids import NIL
from guicang.kernel.models import Row


class ImportRun(Row):
    """One file by one profile. `done_groups` is where a broken run resumes; counters add up to the file.

    `company_id` is the only one whose rows the file holds; NIL while that is unknown, or where there are several.
    """

    company_id = models.UUIDField(default=NIL)
    #: The uploaded file; NIL from the command line.
    file_id = models.UUIDField(default=NIL)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(default=NIL)
    kind = models.CharField(max_length=12)
    profile = models.CharField(max_length=80)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    as_of = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="running")
    rows = models.BigIntegerField(default=0)
    done_groups = models.BigIntegerField(default=0)
    #: {imported, updated, unchanged, set_aside, other_command, ...: rows} and, for returns, the sums by bucket.
    counters: Any = models.JSONField(default=dict)
    #: The header as the file writes it, for the file of its rows set aside.
    headers: Any = models.JSONField(default=list)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["digest", "profile", "kind"], name="import_run_file"),
            models.Index(fields=["company_id", "-started_at"], name="import_run_of_company"),
        ]


class ImportFile(Row):
    """A file somebody sent, with the profile by which he means to have it read. Name and content can be erased.

    draft -> queued -> running -> done | failed | stopped; a stopped or failed one can be queued again. `content` is
    its name under GUICANG_HOME/uploads, which nobody can guess; '' after erasing. `company_id` NIL: rows of all.
    """

    company_id = models.UUIDField(default=NIL)
    actor_id = models.UUIDField()
    kind = models.CharField(max_length=12)
    file_name = models.CharField(max_length=200)
    content = models.CharField(max_length=64)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    profile_name = models.CharField(max_length=80)
    profile = models.TextField()
    state = models.CharField(max_length=10, default="draft")
    #: {code, message, data} of what stopped it.
    fault: Any = models.JSONField(default=dict)
    #: How often it was queued: part of the message's key.
    starts = models.IntegerField(default=0)
    stop_wanted = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(null=True)
    #: Bytes read of all, while it is read.
    read_done = models.BigIntegerField(default=0)
    read_total = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["company_id", "-created_at"], name="import_file_of_company")]


class SavedProfile(Row):
    """A profile a company keeps for its own files, as TOML."""

    company_id = models.UUIDField(default=NIL)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=80)
    profile = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company_id", "kind", "name"], name="saved_profile")]


class SetAsideRow(Row):
    """A row that was not taken, why, and its text. Raw rows are personal data: these rows can be erased."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="set_aside_rows")
    row_number = models.BigIntegerField()
    column = models.CharField(max_length=80, default="")
    code = models.CharField(max_length=40)
    data: Any = models.JSONField(default=dict)
    raw: Any = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "row_number"], name="set_aside_row")]


class ReturnSourceLine(Row):
    """What became of a line (or part of one) of a past return document.

    `value` is quantity x unit price as exact text; parts of a split line share its row number.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="return_lines")
    shop_id = models.UUIDField()
    document = models.CharField(max_length=80)
    row_number = models.BigIntegerField()
    part = models.SmallIntegerField(default=0)
    kind = models.CharField(max_length=10)
    bucket = models.CharField(max_length=10)
    reason = models.CharField(max_length=40, default="")
    units = models.BigIntegerField()
    value = models.CharField(max_length=60)
    #: Of the value and of all amounts; '' where the row's cannot be read.
    currency = models.CharField(max_length=3)
    recorded_minor = models.BigIntegerField(default=0)
    sale_share_minor = models.BigIntegerField(default=0)
    price_difference_minor = models.BigIntegerField(default=0)
    return_id = models.UUIDField(default=NIL)
    return_line_id = models.UUIDField(default=NIL)
    order_line_id = models.UUIDField(default=NIL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "row_number", "part"], name="return_source_line")]
        indexes = [models.Index(fields=["shop_id", "document"], name="source_line_document")]
