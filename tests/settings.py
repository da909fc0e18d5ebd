"""The portal's settings under test: test mode, and a database file so that threads share it."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECUREGRID_MODE", "test")
os.environ.setdefault("SECUREGRID_ALLOW_LOOPBACK_MISPS", "true")
os.environ.setdefault("SECUREGRID_DATABASE_URL", "sqlite:///var/unused.sqlite3")

# A folder for each test worker (which inherit the environment of the process that starts them):
# in a shared one, each would sweep away the indexes that only another's database knows.
_OURS = "sg-index-"
_own = f"{_OURS}{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}-"
_index = os.environ.get("SECUREGRID_INDEX_URL", "")
if not _index or (_OURS in _index and _own not in _index):
    os.environ["SECUREGRID_INDEX_URL"] = f"sqlite:///{tempfile.mkdtemp(prefix=_own)}"

# What tests upload, and the warning lists' index, which one worker makes for all.
os.environ.setdefault("SECUREGRID_IMPORTS_DIR", tempfile.mkdtemp(prefix="sg-imports-"))

from securegrid.portal.settings import *  # noqa: E402, F403
from securegrid.portal.settings import DATABASES, PASSWORD_HASHERS  # noqa: E402

# Quick to make; a slow hash is for attackers, and these people live for one test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]

if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    _folder = Path(tempfile.mkdtemp(prefix="securegrid-test-"))
    DATABASES["default"]["NAME"] = str(_folder / "portal.sqlite3")
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
