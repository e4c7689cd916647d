"""Chips of the status strip that every workspace shows alike."""

from desktop.ui import i18n
from desktop.ui.status_strip import Chip, Severity
from desktop.workspaces.sync.ports import SyncStatus

ALARM = "differs"
"""The id of the chip."""


def alarm_chip(sync: SyncStatus) -> Chip | None:
    """That this device and its server do not hold the same, or None while they do."""
    if not sync.mismatch_count:
        return None
    if sync.has_repair_failed:
        text, severity = i18n.tr("sync.alarm"), Severity.DANGER
    else:
        text, severity = i18n.tr("sync.alarm.repairing"), Severity.DEGRADED
    return Chip(ALARM, "triangle-alert", text, severity, tip=i18n.tr("sync.alarm.tip"))
