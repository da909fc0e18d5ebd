"""Every deliberate difference between the node and a MISP, with the recordings that show it."""

from typing import NamedTuple


class Difference(NamedTuple):
    """One difference; ``recordings`` and ``findings`` are patterns as of ``fnmatch``.

    ``recordings`` name the recorded exchanges (``tests/contract/recordings``) that differ for
    this reason, ``findings`` in what. A contract test replays all of them: what differs and is
    not listed fails, and what is listed and no longer differs fails as well.
    """

    code: str
    misp: str
    node: str
    why: str
    recordings: tuple[str, ...]
    findings: tuple[str, ...]


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "unfiltered-search",
        "An empty filter, an empty or unusable body, PUT, or only unknown parameters return"
        " everything with status 200.",
        "400, unless a `limit` shows that paging through everything is meant. A filter that is"
        ' given but empty (or holds `""`, `!`, `%`) is always 400.',
        "One slip in a client would read out the whole node.",
        (
            "rs_empty_*",
            "rs_null_value",
            "rs_bang_only",
            "rs_list_empty_string",
            "rs_only_empty_string_in_list",
            "rs_percent_only",
            "rs_contenttype_missing",
            "rs_put",
            "rs_quickFilter",
            "rs_searchall",
            "err_empty_body",
            "err_json_*_body",
        ),
        ("status: 200 -> 400",),
    ),
    Difference(
        "negated-value",
        "A negated value (`!a`, `NOT`) excludes nothing.",
        "It excludes the value, as negated types, tags and events do.",
        "MISP promises it in its documentation; a broken exclusion shows what was to be left out.",
        ("rs_neg_value_mix", "rs_neg_value_mix2", "rs_or_dict_not"),
        ("X-Result-Count: *", "ids: *", ".response.Attribute[[]]: full -> empty"),
    ),
    Difference(
        "unpublished-private",
        "Events that are not published are visible to other organisations of the server, unless"
        " its setting `unpublishedprivate` is on.",
        "Only the organisation that made an event (and administrators) see it before it is"
        " published.",
        "A draft is not yet meant for others; the safer of MISP's two settings, always on.",
        (
            "authkey_readonly_search",
            "err_user_restsearch",
            "ratelimit_call[123]",
            "user_must_change_pw",
            "user_terms_not_accepted",
        ),
        ("X-Result-Count: 2 -> 1", "ids: 62,79 -> 79"),
    ),
    Difference(
        "bad-limit",
        "A limit that is no number is an internal error (500).",
        "400 that says what is wrong.",
        "The client is at fault, and 500 makes clients retry.",
        ("rs_limit_garbage",),
        ("status: 500 -> 400",),
    ),
    Difference(
        "unicode",
        "Characters beyond the basic plane (emoji, some kanji) in a title, text or tag are an"
        " internal error (500).",
        "They are stored.",
        "SQLite has no such limit, and names like 𠮷野家 are real.",
        ("events_add_emoji", "tags_add_emoji"),
        ("status: 500 -> 200",),
    ),
    Difference(
        "nameless-tag",
        "A tag without a name is an internal error (500).",
        "405 that says what is wrong, as for a tag with a bad colour.",
        "The client is at fault.",
        ("tags_add_noname",),
        ("status: 500 -> 405",),
    ),
    Difference(
        "formats",
        "`returnFormat` knows CSV, text, XML, STIX, Suricata, hosts and more.",
        "`json` and `count`; any other is 404 `Invalid output format.`, MISP's own answer to a"
        " format that it lacks.",
        "The node is for search and exchange; exports belong to a full MISP.",
        (
            "ev_rs_csv",
            "ev_rs_stix2",
            "rs_fmt_attack-sightings",
            "rs_fmt_cache",
            "rs_fmt_csv",
            "rs_fmt_hashes",
            "rs_fmt_hosts",
            "rs_fmt_kunai",
            "rs_fmt_netfilter",
            "rs_fmt_nohit_cache",
            "rs_fmt_nohit_csv",
            "rs_fmt_nohit_stix2",
            "rs_fmt_nohit_text",
            "rs_fmt_nohit_xml",
            "rs_fmt_opendata",
            "rs_fmt_openioc",
            "rs_fmt_rpz",
            "rs_fmt_snort",
            "rs_fmt_stix*",
            "rs_fmt_suricata",
            "rs_fmt_text",
            "rs_fmt_xml",
            "rs_fmt_yara",
        ),
        ("status: * -> 404",),
    ),
    Difference(
        "correlations",
        "Events show related events, and `includeCorrelations` related attributes.",
        "`RelatedEvent` is always empty, `RelatedAttribute` never comes.",
        "The node keeps no correlations; the portal relates across members.",
        (
            "ev_rs_all",
            "ev_rs_eventid",
            "ev_rs_limit50_metadata",
            "ev_rs_metadata_*",
            "ev_rs_quickfilter",
            "ev_rs_searchinfo",
            "ev_rs_sgReferenceOnly",
            "ev_rs_tags",
            "events_view_6",
            "rs_flag_includeCorrelations",
            "rs_flags_all",
        ),
        ("*.RelatedEvent[[]]: full -> empty", "*.RelatedAttribute: missing"),
    ),
    Difference(
        "galaxies",
        "Tags that name a galaxy cluster are shown with the cluster as well.",
        "They are plain tags; `Galaxy` is always empty, `GalaxyCluster` never comes.",
        "The clusters' texts are many megabytes that searches do not need.",
        (
            "ev_rs_eventid",
            "ev_rs_metadata_*",
            "ev_rs_quickfilter",
            "ev_rs_sgReferenceOnly",
            "events_index_get",
            "events_index_limit50",
            "events_index_post",
            "events_index_searchattribute",
            "events_index_sort",
            "events_view_6",
        ),
        ("*.Galaxy[[]]: full -> empty", "*.GalaxyCluster: missing"),
    ),
    Difference(
        "decay",
        "`includeDecayScore` and `excludeDecayed` score attributes by age (and then also merge"
        " the event's tags into the attribute's).",
        "Both are ignored.",
        "There are no decaying models; the portal scores.",
        (
            "rs_after_sighting_includeDecay",
            "rs_flag_includeDecayScore",
            "rs_flag_excludeDecayed",
            "rs_flags_all",
        ),
        (
            "*.decay_score: missing",
            ".response.Attribute[[]].Tag*",
            ".response.Attribute[[]].first_seen: *",
            ".response.Attribute[[]].last_seen: *",
            "ids: 1,61,62,79 -> 1,61,62,74,79",
        ),
    ),
    Difference(
        "no-pages",
        "Browsers get a login page: 302 to it, or its HTML.",
        "Every answer is JSON; without a key 403.",
        "The node has no pages, and clients need not tell HTML from an answer.",
        ("err_bad_key_html", "err_no_key_html", "maintenance_html"),
        ("status: * -> 403",),
    ),
    Difference(
        "server-modes",
        "A MISP can be in maintenance (302), down behind its web server (503), or limit requests"
        " per role (429).",
        "It has no such modes: it answers or it does not run.",
        "One process without a web server before it; limits belong to a proxy.",
        (
            "infra_phpfpm_down",
            "maintenance_getVersion_readonly",
            "maintenance_readonly",
            "maintenance_restsearch_accept_html",
            "ratelimit_call[45]",
        ),
        ("status: * -> 200",),
    ),
    Difference(
        "key-conditions",
        "A key can be bound to addresses, and a role can lack API access.",
        "Keys have a role, an end and can be revoked; nothing else.",
        "Addresses are a firewall's or a proxy's work, and every key is for the API.",
        ("authkey_ipbound_use", "role_without_perm_auth"),
        ("status: 403 -> 200",),
    ),
    Difference(
        "not-offered",
        "There are endpoints for keys, users, servers, feeds, galaxies, warning lists, statistics"
        " and objects' and sightings' own searches.",
        "404, also for those who might not use them.",
        "Keys are made by `securegrid node key`; the rest a small node does not have.",
        (
            "attributes_index",
            "authkey_add_*",
            "feeds_index*",
            "galaxies_index",
            "objects_restsearch*",
            "servers_index*",
            "sightings_rs*",
            "statistics",
            "user_admin_index*",
            "user_disable",
            "user_enable",
            "warninglists_checkValue",
        ),
        ("status: * -> 404",),
    ),
    Difference(
        "newer-types",
        "`describeTypes` lists the types of MISP 2.5.1.",
        "It lists those of the installed PyMISP, which knows a few more.",
        "The tables come from PyMISP, so that its users and the node agree.",
        ("attributes_describeTypes",),
        (".result.*: added",),
    ),
    Difference(
        "first-user",
        "The administrator that a MISP's installation makes has null where other users have text.",
        "Every key is shown as an ordinary user.",
        "A key is its own user; there is no first one.",
        ("users_view_me", "variant_nostringify_users_me"),
        (".User.*: NoneType -> str",),
    ),
    Difference(
        "user-settings",
        "Users have settings; `UserSetting` is an object where there are some.",
        "There are none; `UserSetting` is always the empty list.",
        "A key is its own user, and has nothing to set.",
        ("variant_nostringify_users_me",),
        (".UserSetting: dict -> list",),
    ),
    Difference(
        "integers",
        "Servers with another PDO setting send integers as integers.",
        "Integers are strings, as most servers send them.",
        "One form is enough; clients must accept both (trap 6).",
        ("variant_nostringify_*",),
        ("*: int -> str",),
    ),
)
