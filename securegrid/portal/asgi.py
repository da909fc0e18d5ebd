"""The portal as an ASGI application; refuses to exist with unsafe settings."""

import os

import django
from django.conf import settings

from securegrid.portal.handler import OneThreadHandler
from securegrid.portal.limits import BodyLimit
from securegrid.portal.startup import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securegrid.portal.settings")
refuse_unsafe()
django.setup(set_prefix=False)

# Imported only now: they reach models, which exist when Django is set up.
from securegrid.portal.imports.doorway import upload_limit  # noqa: E402
from securegrid.portal.lifespan import Lifespan, begin, end  # noqa: E402

application = Lifespan(
    BodyLimit(OneThreadHandler(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE, upload_limit), begin, end
)
