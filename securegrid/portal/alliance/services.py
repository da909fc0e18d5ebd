"""The alliance's services, by one name: members, MISPs, connections, rests and health."""

from securegrid.portal.alliance.connections import MispTest, connection_of, probe, test_misp
from securegrid.portal.alliance.health import record_health
from securegrid.portal.alliance.members import (
    add_member,
    change_alliance,
    member_by_name,
    rename_member,
    resume_member,
    suspend_member,
    the_alliance,
)
from securegrid.portal.alliance.misps import (
    add_misp,
    address_policy,
    change_misp,
    disconnect,
    replace_key,
    set_enabled,
)
from securegrid.portal.alliance.resting import claim_probe, rest_of, store_rest

__all__ = [
    "MispTest",
    "add_member",
    "add_misp",
    "address_policy",
    "change_alliance",
    "change_misp",
    "claim_probe",
    "connection_of",
    "disconnect",
    "member_by_name",
    "probe",
    "record_health",
    "rename_member",
    "replace_key",
    "rest_of",
    "resume_member",
    "set_enabled",
    "store_rest",
    "suspend_member",
    "test_misp",
    "the_alliance",
]
