"""Re-makes every vendored front-end file from npm packages locked by version and hash.

``python scripts/vendor.py`` fetches the packages with ``npm pack``;
``python scripts/vendor.py --packages DIR`` takes tarballs that are already there;
``python scripts/vendor.py --check`` compares the files in the tree with VENDORED.md.
"""

import argparse
import base64
import hashlib
import io
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "securegrid/portal/ui/static/vendor"
TESTS = ROOT / "tests/vendor"
ICON_LIST = Path(__file__).with_name("icons.txt")
TABLER_LICENSE = """The MIT License (MIT)

Copyright (c) 2018-2026 The Tabler Authors
Copyright (c) 2018-2026 codecalm.net Paweł Kuna

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in
all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN
THE SOFTWARE.

tabler.min.css contains parts of Bootstrap, Copyright (c) 2011-2026 The Bootstrap Authors,
under the same licence.
"""
SOURCE_MAP = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\n*]*(\*/)?\s*$")


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package: what is locked, and which of its files are kept under which name."""

    name: str
    version: str
    integrity: str
    license: str
    files: dict[str, str]
    target: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def tarball(self) -> str:
        """The file name that ``npm pack`` gives the package."""
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "sha512-oF7JgXhDW9UXCy/k1ZYFUQgzu/rm19ORWPSPNL91vPluB2PB9+MV55tyQdH/w7o2EAbTYUG5SDW1R60mdkdqGg==",
        "0BSD",
        {
            "dist/htmx.min.js": "htmx.min.js",
            "dist/ext/hx-sse.min.js": "hx-sse.min.js",
            "LICENSE": "LICENSE",
        },
        STATIC / "htmx",
    ),
    Package(
        "@tabler/core",
        "1.6.1",
        "sha512-lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg==",
        "MIT",
        {"dist/css/tabler.min.css": "tabler.min.css"},
        STATIC / "tabler",
        {"LICENSE": TABLER_LICENSE},
    ),
    Package(
        "@tabler/icons",
        "3.51.0",
        "sha512-0pinvPZz7YeX+OSfxuEAbnEPWbocVXW5iU8h5lh41pYG8sZuQfpWECC980lxOT0clGIcNGn8xsBr+zKaRGdA/g==",
        "MIT",
        {"LICENSE": "LICENSE"},
        STATIC / "tabler-icons",
    ),
    Package(
        "echarts",
        "6.1.0",
        "sha512-q0yaFPggC9FUdsWH4blavRWFmxdrIodbkoKNAjJudAI6CA9gNPxHtV2RcZNEepZVlk4yvBYkOkbk6HIVpIyHZA==",
        "Apache-2.0",
        {"dist/echarts.common.min.js": "echarts.min.js", "LICENSE": "LICENSE", "NOTICE": "NOTICE"},
        STATIC / "echarts",
    ),
    Package(
        "axe-core",
        "4.14.1",
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        "MPL-2.0",
        {"axe.min.js": "axe.min.js", "LICENSE": "LICENSE"},
        TESTS / "axe-core",
    ),
)


def main() -> int:
    """Make or check the vendored files; 0 when they are as locked."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--packages", type=Path, help="folder that already holds the tarballs")
    options.add_argument("--check", action="store_true", help="only compare the tree")
    given = options.parse_args()
    if given.check:
        wrong = changed_files()
        print("\n".join(wrong) or "vendored files are as locked")
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as folder:
        source = given.packages or fetched(Path(folder))
        for package in PACKAGES:
            make(package, source)
    write_list(STATIC, [p for p in PACKAGES if p.target.is_relative_to(STATIC)])
    write_list(TESTS, [p for p in PACKAGES if p.target.is_relative_to(TESTS)])
    return 0


def fetched(folder: Path) -> Path:
    """All packages, fetched by npm's own client into ``folder``."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch the packages (or give --packages DIR)")
    for package in PACKAGES:
        spec = f"{package.name}@{package.version}"
        subprocess.run([npm, "pack", "--silent", spec], cwd=folder, check=True)  # noqa: S603
    return folder


def make(package: Package, source: Path) -> None:
    """Write one package's files anew; stops when the tarball is not the locked one."""
    content = (source / package.tarball).read_bytes()
    if integrity(content) != package.integrity:
        sys.exit(f"{package.tarball} is not the locked package: {integrity(content)}")
    shutil.rmtree(package.target, ignore_errors=True)
    package.target.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for path, name in package.files.items():
            kept = SOURCE_MAP.sub(b"\n", member(archive, path))
            (package.target / name).write_bytes(kept)
        if package.name == "@tabler/icons":
            (package.target / "icons.svg").write_text(sprite(archive), encoding="utf-8")
    for name, text in package.extra.items():
        (package.target / name).write_text(text, encoding="utf-8")


def member(archive: tarfile.TarFile, path: str) -> bytes:
    """One file of an npm package."""
    found = archive.extractfile(f"package/{path}")
    if found is None:
        sys.exit(f"{path} is not in the package")
    return found.read()


def sprite(archive: tarfile.TarFile) -> str:
    """One SVG holding every icon of icons.txt as a symbol; the page's CSS sets stroke width."""
    symbols = [
        symbol(name, member(archive, f"icons/outline/{name}.svg").decode())
        for name in ICON_LIST.read_text(encoding="utf-8").split()
    ]
    return "\n".join(
        ['<svg xmlns="http://www.w3.org/2000/svg">', *symbols, "</svg>", ""],
    )


def symbol(name: str, svg: str) -> str:
    """An icon's paths (without its invisible frame) as a symbol."""
    paths = [path for path in re.findall(r"<path [^>]*/>", svg) if 'stroke="none"' not in path]
    drawn = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24"><g {drawn}>{"".join(paths)}</g></symbol>'


def integrity(content: bytes) -> str:
    """npm's form of a SHA-512."""
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def write_list(folder: Path, packages: list[Package]) -> None:
    """Say beside the files where they come from, with a SHA-256 of each."""
    lines = ["# Vendored files", "", "Made by `python scripts/vendor.py`; do not edit by hand.", ""]
    for package in packages:
        lines += [
            f"## {package.name} {package.version} ({package.license})",
            "",
            f"Package integrity: `{package.integrity}`",
            "",
            "| file | SHA-256 |",
            "|---|---|",
            *(listed(path, folder) for path in sorted(package.target.iterdir())),
            "",
        ]
    (folder / "VENDORED.md").write_text("\n".join(lines), encoding="utf-8")


def listed(path: Path, folder: Path) -> str:
    """One row of VENDORED.md."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"| {path.relative_to(folder)} | `{digest}` |"


def changed_files() -> list[str]:
    """Files that are missing, unlisted, or differ from the hash in VENDORED.md."""
    return [problem for folder in (STATIC, TESTS) for problem in _changed_in(folder)]


def _changed_in(folder: Path) -> list[str]:
    text = (folder / "VENDORED.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (\S+) \| `([0-9a-f]{64})` \|$", text, re.MULTILINE))
    present = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "VENDORED.md"
    }
    return sorted(
        f"{folder / name}: not as listed in VENDORED.md"
        for name in listed.keys() | present.keys()
        if listed.get(name) != present.get(name)
    )


if __name__ == "__main__":
    sys.exit(main())
