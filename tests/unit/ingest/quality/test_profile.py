"""The profile: its defaults, an operator's changes, and why a bad one is refused."""

from datetime import date
from pathlib import Path

import pytest

from securegrid.ingest.quality.findings import RuleId, Severity
from securegrid.ingest.quality.profile import (
    MAX_BYTES,
    Profile,
    ProfileRefused,
    Refused,
    default_text,
)
from securegrid.ingest.quality.rules import RULES


def of(text: str) -> Profile:
    return Profile.of_text(text, "ours.toml")


def refused(text: str) -> ProfileRefused:
    with pytest.raises(ProfileRefused) as caught:
        of(text)
    return caught.value


def test_the_defaults_ship_and_are_complete() -> None:
    profile = Profile.load()
    assert profile.name == "default"
    assert {source.name for source in profile.sources} >= {"docodoco.jp", "IPAlert"}
    assert of(default_text()) == profile
    assert all(profile.severity(rule.id, rule.severity) is rule.severity for rule in RULES.values())


def test_every_entry_of_the_defaults_differs_from_nothing_in_the_code() -> None:
    """What the file says and what the code takes without it must not drift apart."""
    profile, bare = Profile.load(), Profile()
    for part in ("titles", "dates", "sizes", "context", "score"):
        assert getattr(profile, part) == getattr(bare, part), part
    assert profile.examples == bare.examples


def test_what_a_file_does_not_name_is_as_in_the_defaults(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text('name = "Ours"\n[sizes]\ntitle = 100\n[dates]\nearliest = 2000-01-01\n')
    profile = Profile.load(file)
    assert (profile.name, profile.sizes.title) == ("Ours", 100)
    assert profile.dates.earliest == date(2000, 1, 1)
    assert profile.sizes.value == Profile.load().sizes.value
    assert profile.dates.days_ahead == Profile.load().dates.days_ahead
    assert profile.tags == Profile.load().tags


def test_a_list_takes_the_place_of_the_default_one() -> None:
    profile = of('[tags]\ntlp = ["tlp:red"]\n[[sources]]\nname = "Ours"\n')
    assert profile.tags.tlp == ("tlp:red",)
    assert [source.name for source in profile.sources] == ["Ours"]


def test_rules_get_other_severities() -> None:
    profile = of('[rules]\ndouble = "off"\ntlp-missing = "warning"\n')
    assert profile.severity(RuleId.DOUBLE, Severity.ERROR) is None
    assert profile.severity(RuleId.TLP_MISSING, Severity.ERROR) is Severity.WARNING


@pytest.mark.parametrize(
    ("text", "why", "named"),
    [
        ("[sizes\n", Refused.NOT_TOML, "line 1"),
        ("a = [" + "[" * 50_000, Refused.NOT_TOML, ""),
        ("format = 2\n", Refused.OTHER_FORMAT, "2"),
        ('[rules]\ntlp-mising = "off"\n', Refused.UNKNOWN_RULE, "tlp-mising"),
        ('[rules]\ntlp-missing = "fatal"\n', Refused.UNFIT, "rules"),
        ("[sizes]\ntitel = 100\n", Refused.UNFIT, "titel"),
        ('[sizes]\ntitle = "100"\n', Refused.UNFIT, "sizes.title"),
        ("[sizes]\ntitle = 0\n", Refused.UNFIT, "sizes.title = 0"),
        ("[sizes]\nnetwork_v6 = 129\n", Refused.UNFIT, "sizes.network_v6"),
        ("[score]\nerror = 101\n", Refused.UNFIT, "score.error"),
        ("[score]\nerror = nan\n", Refused.UNFIT, "score.error"),
        ('[dates]\nearliest = "yesterday"\n', Refused.UNFIT, "dates.earliest"),
        ('[tags]\ntlp = [""]\n', Refused.UNFIT, "tags.tlp"),
        ('[[sources]]\nname = " "\n', Refused.UNFIT, "sources"),
        ('[[sources]]\nname = "A"\ntags = ["  "]\n', Refused.UNFIT, "sources.A"),
        ("sizes = 3\n", Refused.UNFIT, "sizes"),
        ("examples = 0\n", Refused.UNFIT, "examples"),
    ],
)
def test_a_bad_profile_is_refused_with_the_entry_named(text: str, why: Refused, named: str) -> None:
    problem = refused(text)
    assert (problem.why, problem.where) == (why, "ours.toml")
    assert named in problem.detail
    assert "ours.toml" in str(problem)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for content in (None, b"\xff\xfe\x00", b"#" * (MAX_BYTES + 1)):
        file = tmp_path / "ours.toml"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ProfileRefused):
            Profile.load(file)


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_bytes('\ufeffname = "私たち"\r\n'.encode())
    assert Profile.load(file).name == "私たち"
