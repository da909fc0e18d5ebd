"""The API as one thing: its operations, its description, its error handling."""

from ninja import NinjaAPI

from securegrid import __version__
from securegrid.portal.api import imports, indexes, misps, owning, people, searching, stream, tokens
from securegrid.portal.api.auth import Token
from securegrid.portal.api.wire import JsonParser, install

# No interactive page: it would need scripts that the Content-Security-Policy forbids.
api = NinjaAPI(
    title="SecureGRID Portal",
    version=__version__,
    description=(
        "One search over every alliance member's MISP. Every request needs"
        " `Authorization: Bearer TOKEN`; cookies are not looked at. Errors have one shape and"
        " follow `Accept-Language` (English, Japanese)."
    ),
    docs_url=None,
    auth=Token(),
    parser=JsonParser(),
    urls_namespace="api",
)
install(api)
for module in (searching, stream, owning, misps, indexes, imports, people, tokens):
    api.add_router("", module.router)
