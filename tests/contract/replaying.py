"""Replays recorded requests against a node and tells in what the answers differ."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract import node_seed
from tests.contract.serving import Answered, ask
from tests.contract.shapes import Finding, differences

COPIED = Path(__file__).parent / "recordings"
SHARED = Path(__file__).parents[3] / "shared" / "misp" / "recordings"

# Which key a request was recorded with, where it was not the administrator's.
_KEYS = {
    node_seed.READER_KEY: """authkey_readonly_add authkey_readonly_search err_readonly_event_add
        attributes_add_readonly_user sightings_add_readonly tags_add_readonly feeds_index_readonly
        users_view_me_readonly maintenance_readonly maintenance_getVersion_readonly
        maintenance_restsearch_accept_html maintenance_over ratelimit_call1 ratelimit_call2
        ratelimit_call3 ratelimit_call4 ratelimit_call5 ratelimit_getVersion_after
        role_without_perm_auth""",
    node_seed.USER_KEY: """attributes_add_other_org err_user_restsearch events_add_as_user
        err_user_restsearch_orgonly servers_index_user tags_attach_new_user
        user_admin_index_denied users_view_me_user user_must_change_pw
        user_terms_not_accepted authkey_ipbound_use""",
    node_seed.EXPIRED_KEY: "authkey_expired_use",
    node_seed.REVOKED_KEY: "authkey_disabled_user",
}
KEY_OF = {name: key for key, names in _KEYS.items() for name in names.split()}

# Recorded after events 7 to 9, their tags and the sightings were written.
_LATER = """
    attributes_add attributes_add_dup attributes_add_invalid_category
    attributes_add_invalid_type attributes_add_invalid_value attributes_add_list
    attributes_add_missing_value attributes_add_multiline attributes_add_normalised
    attributes_add_normalised_ipv6 attributes_add_valuelist attributes_delete
    attributes_delete_again attributes_delete_hard attributes_edit attributes_index
    attributes_view err_user_restsearch_orgonly events_add_dup_uuid events_edit_tag_only
    rs_after_sighting_includeDecay rs_after_sighting_includeSightings sightings_index_event
    sightings_listSightings tags_add_dup tags_attach tags_attach_new tags_attach_new_user
    err_dup_keys err_empty_body err_json_array_body err_json_string_body rs_empty_dict
"""
LATER = frozenset(_LATER.split())

# Recorded on a server with far more events: the shape is compared, not what was found.
_LARGE = """
    ev_rs_limit50_metadata events_index_eventinfo_search events_index_limit50
    events_index_page999 events_index_tag_date rs_count_all rs_count_limit rs_limit_huge
    rs_type_ipsrc_limit1000_bigpage variant_nostringify_ev_metadata
    variant_nostringify_events_index variant_nostringify_rs_context
    variant_nostringify_rs_hit
"""
LARGE = frozenset(_LARGE.split())

# What was done just before, within the same recording session.
_ADDED = (
    "/attributes/add/7",
    {"type": "ip-dst", "value": "203.0.113.210", "comment": "コメント"},
)
_DELETED = ("/attributes/delete/98", None)
BEFORE: dict[str, list[tuple[str, Any]]] = {
    "attributes_add_dup": [_ADDED],
    "attributes_view": [_ADDED],
    "attributes_edit": [_ADDED],
    "attributes_delete": [_ADDED],
    "attributes_delete_hard": [_ADDED, _DELETED],
    "attributes_delete_again": [_ADDED, ("/attributes/delete/98/1", None)],
}


@dataclass(frozen=True)
class Recording:
    """One recorded exchange."""

    name: str
    request: dict[str, Any]
    response: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        """The recorded response headers."""
        return dict(self.response["headers"])


def recordings() -> list[Recording]:
    """All that are there: the shared ones where present, else the copies in the project."""
    folder = SHARED if SHARED.is_dir() else COPIED
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def replay(recording: Recording, url: str) -> Answered:
    """Send the recorded request, with the key of the role that it was recorded with."""
    for path, body in BEFORE.get(recording.name, []):
        sent = {"Authorization": node_seed.ADMIN_KEY, "Content-Type": "application/json"}
        content = json.dumps(body).encode() if body else None
        assert ask(url, "POST", path, headers=sent, body=content).status == 200
    request = recording.request
    key = KEY_OF.get(recording.name, node_seed.ADMIN_KEY)
    headers = {k: v.replace("<APIKEY>", key) for k, v in request["headers"].items()}
    return ask(url, request["method"], request["path"], headers=headers, body=_body(recording))


def findings(recording: Recording, answered: Answered) -> Iterator[Finding]:
    """In what the answer differs: status, kind of content, shape, and which ids it holds."""
    expected = recording.response["status"]
    if answered.status != expected:
        yield f"status: {expected} -> {answered.status}"
        return
    yield from _header_findings(recording, answered)
    kind = recording.headers.get("Content-Type", "")
    if not kind.startswith("application/json"):
        return
    body = recording.response.get("json")
    yield from differences(body, answered.json())
    ours, theirs = _ids(answered.json()), _ids(body)
    if ours != theirs and recording.name not in LARGE:
        yield f"ids: {_few(theirs)} -> {_few(ours)}"


def _header_findings(recording: Recording, answered: Answered) -> Iterator[Finding]:
    names = ["Content-Type", "X-Result-Count", "X-Response-Format", "X-Export-Module-Used"]
    if recording.name in LARGE:
        names.remove("X-Result-Count")
    for name in names:
        theirs, ours = recording.headers.get(name, ""), answered.headers.get(name.lower(), "")
        if theirs.lower() != ours.lower():
            yield f"{name}: {theirs or 'none'} -> {ours or 'none'}"


def _ids(body: Any) -> list[str]:
    """The ids of what was found, sorted; errors and actions have none."""
    found = body.get("response", []) if isinstance(body, dict) else body
    if isinstance(found, dict):
        found = found.get("Attribute", [])
    if not isinstance(found, list):
        return []
    ids = (_id(entry) for entry in found if isinstance(entry, dict))
    return sorted(ids, key=lambda text: (len(text), text))


def _id(entry: dict[str, Any]) -> str:
    """An entry's own id, or that of the event, organisation, … that it holds."""
    inner = (v for v in entry.values() if isinstance(v, dict) and "id" in v)
    holder = entry if "id" in entry else next(inner, {})
    return str(holder.get("id", ""))


def _few(ids: list[str]) -> str:
    return ",".join(ids[:8]) + (f"..{len(ids)}" if len(ids) > 8 else "") or "none"


def _body(recording: Recording) -> bytes | None:
    body = recording.request["body"]
    if recording.name == "rs_gzip_request":
        # Kept as unreadable text in the recording; this is what was packed.
        return gzip.compress(b'{"returnFormat": "json", "value": ["219.167.13.11"]}')
    if recording.name == "err_latin1_body":
        return '{"returnFormat":"json","value":["café"]}'.encode("latin-1")
    if body is None or isinstance(body, str):
        return body.encode() if body else None
    return json.dumps(body).encode()


def _read(path: Path) -> Recording:
    exchange = json.loads(path.read_text())
    return Recording(path.stem, exchange["request"], exchange["response"])
