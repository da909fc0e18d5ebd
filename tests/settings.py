"""The portal's settings under test: test mode, and a database file so that threads share it."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SECUREGRID_MODE", "test")
os.environ.setdefault("SECUREGRID_ALLOW_LOOPBACK_MISPS", "true")
os.environ.setdefault("SECUREGRID_DATABASE_URL", "sqlite:///var/unused.sqlite3")
os.environ.setdefault("SECUREGRID_INDEX_URL", "sqlite:///" + tempfile.mkdtemp(prefix="sg-index-"))

from securegrid.portal.settings import *  # noqa: F403
from securegrid.portal.settings import DATABASES, PASSWORD_HASHERS

# Quick to make; a slow hash is for attackers, and these people live for one test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]

if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    _folder = Path(tempfile.mkdtemp(prefix="securegrid-test-"))
    DATABASES["default"]["NAME"] = str(_folder / "portal.sqlite3")
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
