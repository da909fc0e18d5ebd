"""The portal as an ASGI application; refuses to exist with unsafe settings."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from securegrid.portal.limits import BodyLimit
from securegrid.portal.startup import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securegrid.portal.settings")
refuse_unsafe()
application = BodyLimit(get_asgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
