"""Streams of events as their listeners meet them."""

from __future__ import annotations

from enum import StrEnum


class GapCause(StrEnum):
    """Why events are missing in a stream."""

    HISTORY_TRIMMED = "HISTORY_TRIMMED"
    """The cursor is older than the history that is kept, 7 days."""
    EPOCH_CHANGED = "EPOCH_CHANGED"
    """The stream was begun anew, for example from a backup; the cursor is of the former one."""
    OVERFLOW = "OVERFLOW"
    """The client read too slowly. Nothing is lost: resume after `resumeFrom`."""
