"""Who and what is there: ``servers/getVersion``, ``users/view``, ``organisations``."""

from datetime import UTC, datetime
from typing import Any

from securegrid.node.accounts import Org, Permission, Role
from securegrid.node.protocol import Answer, Call, Endpoint, Refused

# The version whose behaviour was measured and is kept to.
MISP_VERSION = "2.5.1"
_HOST_ORG = "The organisation that runs this node"
_ROLES = {
    # MISP's number, name and summary of each role.
    Role.ADMIN: ("1", "admin", "3", "publish"),
    Role.CONTRIBUTOR: ("4", "Publisher", "3", "publish"),
    Role.READ_ONLY: ("6", "Read Only", "0", "read_only"),
}
_FLAGS = {
    "perm_add": Permission.WRITE,
    "perm_modify": Permission.WRITE,
    "perm_modify_org": Permission.WRITE,
    "perm_publish": Permission.PUBLISH,
    "perm_delegate": None,
    "perm_sync": Permission.ADMIN,
    "perm_admin": Permission.ADMIN,
    "perm_audit": None,
    "perm_auth": None,
    "perm_site_admin": Permission.ADMIN,
    "perm_regexp_access": None,
    "perm_tagger": Permission.TAG,
    "perm_template": None,
    "perm_sharing_group": None,
    "perm_tag_editor": Permission.MAKE_TAG,
    "perm_sighting": Permission.SIGHT,
    "perm_object_template": None,
    "perm_publish_zmq": None,
    "perm_publish_kafka": None,
    "perm_decaying": None,
    "perm_galaxy_editor": None,
    "perm_warninglist": None,
    "perm_view_feed_correlations": None,
    "perm_analyst_data": None,
    "perm_skip_otp": None,
}


def version(call: Call) -> Answer:
    """``servers/getVersion``."""
    row = call.connection.execute("SELECT value FROM node WHERE key = 'uuid'").fetchone()
    return Answer(
        {
            "version": MISP_VERSION,
            "pymisp_recommended_version": MISP_VERSION,
            "perm_sync": call.caller.may(Permission.ADMIN),
            "perm_sighting": call.caller.may(Permission.SIGHT),
            "perm_galaxy_editor": False,
            "perm_analyst_data": False,
            "uuid": row[0],
            "request_encoding": ["gzip"],
            "filter_sightings": True,
        }
    )


def pymisp_version(_: Call) -> Answer:
    """``servers/getPyMISPVersion``."""
    return Answer({"version": MISP_VERSION})


def view_user(call: Call) -> Answer:
    """``users/view/me``: a key is its own user; nobody else can be looked at."""
    if call.argument() not in ("me", "", str(call.caller.key_id)):
        raise Refused(404, "Invalid user")
    org = next(o for o in _orgs(call) if o.id == call.caller.org_id)
    return Answer(
        {
            "User": _user(call),
            "Role": _role(call),
            "UserSetting": [],
            "Organisation": _organisation(org),
        }
    )


def organisations(call: Call) -> Answer:
    """``organisations/index``: local organisations, all of them with ``scope:all``."""
    scope = str(call.parameters().get("scope") or "local")
    keys = dict(
        call.connection.execute(
            "SELECT org_id, count(*) FROM auth_key WHERE revoked = 0 GROUP BY org_id"
        ).fetchall()
    )
    wanted = [o for o in _orgs(call) if scope == "all" or o.local == (scope == "local")]
    return Answer(
        [
            {
                "Organisation": {
                    **_organisation(org),
                    "user_count": str(keys.get(org.id, 0)),
                    "created_by_email": "Unknown",
                }
            }
            for org in wanted
        ]
    )


def view_organisation(call: Call) -> Answer:
    """``organisations/view/ID``, by id, UUID or name."""
    name = call.argument()
    for org in _orgs(call):
        if name and name.lower() in (str(org.id), org.uuid, org.name.lower()):
            return Answer({"Organisation": _organisation(org)})
    raise Refused(404, "Invalid organisation")


def _orgs(call: Call) -> list[Org]:
    return call.store.accounts(call.connection).orgs()


def _user(call: Call) -> dict[str, Any]:
    caller = call.caller
    return {
        "id": str(caller.key_id),
        "password": "*****",
        "org_id": str(caller.org_id),
        "email": caller.email,
        "autoalert": False,
        "invited_by": "0",
        "gpgkey": "",
        "certif_public": "",
        "nids_sid": "0",
        "termsaccepted": True,
        "newsread": "0",
        "role_id": _ROLES[caller.role][0],
        "change_pw": False,
        "contactalert": False,
        "disabled": False,
        "expiration": None,
        "current_login": "0",
        "last_login": "0",
        "force_logout": False,
        "date_created": str(caller.created),
        "date_modified": str(caller.created),
        "sub": None,
        "external_auth_required": False,
        "external_auth_key": "",
        "last_api_access": str(call.now),
        "notification_daily": False,
        "notification_weekly": False,
        "notification_monthly": False,
        "totp": "*****",
        "hotp_counter": None,
        "last_pw_change": str(caller.created),
        "totp_is_set": "0",
    }


def _role(call: Call) -> dict[str, Any]:
    number, name, permission, described = _ROLES[call.caller.role]
    made = _written(call.caller.created)
    flags = {
        flag: needed is not None and call.caller.may(needed) for flag, needed in _FLAGS.items()
    }
    # Reading through the API and seeing one's own trail are what every key can do.
    return {
        "id": number,
        "name": name,
        "created": made,
        "modified": made,
        **flags,
        "perm_auth": True,
        "default_role": False,
        "memory_limit": None,
        "max_execution_time": None,
        "restricted_to_site_admin": False,
        "enforce_rate_limit": False,
        "rate_limit_count": "0",
        "permission": permission,
        "permission_description": described,
    }


def _organisation(org: Org) -> dict[str, Any]:
    made = _written(org.created)
    return {
        "id": str(org.id),
        "name": org.name,
        "date_created": made,
        "date_modified": made,
        "description": _HOST_ORG if org.id == 1 else None,
        "type": "",
        "nationality": "",
        "sector": "",
        "created_by": "0",
        "uuid": org.uuid,
        "contacts": None,
        "local": org.local,
        "restricted_to_domain": None,
        "landingpage": None,
    }


def _written(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


ENDPOINTS = {
    ("servers", "getVersion"): Endpoint(version),
    ("servers", "getPyMISPVersion"): Endpoint(pymisp_version),
    ("users", "view"): Endpoint(view_user),
    ("organisations", "index"): Endpoint(organisations),
    ("organisations", "view"): Endpoint(view_organisation),
}
