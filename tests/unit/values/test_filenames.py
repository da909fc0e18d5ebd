"""The table that tells file names from host names."""

import pytest

from securegrid.values.filenames import (
    FILE_EXTENSIONS,
    FILE_RATHER_THAN_DOMAIN,
    WELL_KNOWN_HOSTS,
    is_filename,
    looks_like_path,
)
from securegrid.values.hosts import host_kind, is_suffix


def test_extensions_of_files_are_no_top_level_domains() -> None:
    assert [extension for extension in sorted(FILE_EXTENSIONS) if is_suffix(extension)] == []


def test_every_doubtful_extension_is_a_top_level_domain() -> None:
    assert all(map(is_suffix, FILE_RATHER_THAN_DOMAIN))
    assert all(host_kind(host) for host in WELL_KNOWN_HOSTS)


@pytest.mark.parametrize(
    "name", ["evil.exe", "a.b.DLL", "evil.com.exe", "foo.zip", "run.sh", "setup.py", "README.md"]
)
def test_file_names(name: str) -> None:
    assert is_filename(name)


@pytest.mark.parametrize(
    "name", ["evil.com", "www.foo.zip", "transfer.sh", "evil.pl", "b92.rs", "exe", ".exe"]
)
def test_no_file_names(name: str) -> None:
    assert not is_filename(name)


@pytest.mark.parametrize(
    "path",
    [
        "C:\\x",
        "%TEMP%\\x",
        "\\\\srv\\share\\x",
        "/tmp/x",
        "/etc/passwd",
        "~/x",
        "sub\\x.exe",
        "../x",
    ],
)
def test_paths(path: str) -> None:
    assert looks_like_path(path)


@pytest.mark.parametrize(
    "text", ["evil.com/tmp", "/gate.php", "a\\b", '"Key"="C:\\x.exe"', "\\x.exe"]
)
def test_no_paths(text: str) -> None:
    assert not looks_like_path(text)
