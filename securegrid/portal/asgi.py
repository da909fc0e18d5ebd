"""The portal as an ASGI application; refuses to exist with unsafe settings."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from securegrid.portal.limits import BodyLimit
from securegrid.portal.startup import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securegrid.portal.settings")
refuse_unsafe()
_django = get_asgi_application()

# Imported only now: it reaches models, which exist when Django is set up.
from securegrid.portal.lifespan import Lifespan, begin, end  # noqa: E402

application = Lifespan(BodyLimit(_django, settings.DATA_UPLOAD_MAX_MEMORY_SIZE), begin, end)
