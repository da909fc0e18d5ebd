"""The vendored files are those that scripts/vendor.py makes, each beside its licence."""

from scripts.vendor import PACKAGES, changed_files


def test_no_vendored_file_was_changed() -> None:
    assert changed_files() == []


def test_every_vendored_package_has_its_licence() -> None:
    for package in PACKAGES:
        assert (package.target / "LICENSE").stat().st_size > 500, package.name


def test_every_package_is_locked_by_version_and_hash() -> None:
    for package in PACKAGES:
        assert package.integrity.startswith("sha512-")
        assert package.version[0].isdigit()
