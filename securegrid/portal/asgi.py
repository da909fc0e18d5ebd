"""The portal as an ASGI application; refuses to exist with unsafe settings."""

import os

from django.core.asgi import get_asgi_application

from securegrid.portal.startup import refuse_unsafe

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securegrid.portal.settings")
refuse_unsafe()
application = get_asgi_application()
