"""Hand-overs to an ERP as files: one JSON file a message under GUICANG_HOME/handover/<topic>/."""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings

from guicang.kernel.outbox import Envelope


def deliver(envelope: Envelope) -> None:
    """Write the envelope's file, whole or not at all; a repeat writes the same bytes under the same name.

    The name is the message's instant and id, so that files sort by time. A reader that takes a file
    away before the message is marked done may meet it once more: the `id` inside is what it has seen.
    """
    folder = Path(settings.HOME) / "handover" / envelope.topic
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{envelope.occurred_at:%Y%m%dT%H%M%S.%fZ}-{envelope.id}.json"
    if target.exists():
        return
    text = json.dumps(envelope.as_dict(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    # Hidden, and not *.json: a reader that polls never meets half a file. One name a process, so that
    # two workers that both hold the message (a lost lease) do not write into each other's.
    partial = folder / f".{envelope.id}.{os.getpid()}.part"
    with partial.open("w", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(target)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """The new name must survive a power cut before the message counts as done."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
