"""Names of states, faults and formats of imports for people, in their language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from securegrid.portal.imports.models import State
from securegrid.portal.imports.records import AUTO, Fault

STATES: dict[State, Promise] = {
    State.READING: pgettext_lazy("state of an import", "being read"),
    State.PUBLISHING: pgettext_lazy("state of an import", "being published"),
    State.UNDOING: pgettext_lazy("state of an import", "being undone"),
    State.READY: pgettext_lazy("state of an import", "to be looked at"),
    State.PUBLISHED: pgettext_lazy("state of an import", "published"),
    State.UNDONE: pgettext_lazy("state of an import", "undone"),
    State.FAILED: pgettext_lazy("state of an import", "not readable"),
    State.DISCARDED: pgettext_lazy("state of an import", "discarded"),
}
FAULTS: dict[Fault, tuple[Promise, Promise]] = {
    Fault.FORMAT_NOT_KNOWN: (
        _("no reader knows this format"),
        _("Choose the format yourself and have the file read again."),
    ),
    Fault.NOTHING_UNDERSTOOD: (
        _("no line of the file is of this format"),
        _("Look at the lines below, choose another format and have the file read again."),
    ),
    Fault.NOTHING_FOUND: (
        _("the file was understood, but nothing in it becomes data"),
        _("For access logs only anonymous sources become data; see the numbers below."),
    ),
    Fault.TOO_LONG: (
        _("the file holds more than can be read here"),
        _("Split it, or use the command line, which has no limit."),
    ),
    Fault.FILE_GONE: (
        _("the uploaded file is no longer there"),
        _("Upload it again."),
    ),
    Fault.NOTHING_NEW: (
        _("all of this file was imported before"),
        _("There is nothing to do."),
    ),
    Fault.KEY_GONE: (
        _("the portal has no usable auth key for this MISP"),
        _("Enter a key that may write, or give the MISP its key again."),
    ),
    Fault.UNEXPECTED: (
        _("something went wrong in the portal; it has been noted"),
        _("Try again; if it repeats, tell the operator."),
    ),
}
"""What happened, and what to do."""
FORMATS: dict[str, Promise] = {
    AUTO: _("Recognise it by its content"),
    "access-log": _("Access log (Apache, nginx, AWS ALB)"),
    "geolocation": _("Rows of a geolocation service"),
    "honeypot": _("Honeypot (IPAlert, Cowrie, Dionaea, connections)"),
    "fortigate": _("FortiGate security log"),
    "misp-json": _("MISP events (JSON)"),
    "stix2": _("STIX 2.1 bundle"),
    "table": _("Table (CSV, TSV, XLSX)"),
}
"""A format that is not among them is called by its name."""


def format_name(name: str) -> str:
    """What a format is called."""
    return str(FORMATS.get(name, name))
