"""Names of what owners choose, for people, in their language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securegrid.portal.alliance.models import TlsMode, Visibility

VISIBILITY: dict[Visibility, Promise] = {
    Visibility.EXISTS: _("That there is a hit"),
    Visibility.COUNT: _("How many hits there are"),
    Visibility.TITLE: _("Event titles, dates and tags"),
    Visibility.FULL: _("The full attribute"),
}
VISIBILITY_HINTS: dict[Visibility, Promise] = {
    Visibility.EXISTS: _("only yes or no for each value"),
    Visibility.COUNT: _("the number of attributes that hit, nothing of their content"),
    Visibility.TITLE: _("which events know the value, without their attributes"),
    Visibility.FULL: _("also type, category, comment, first and last seen"),
}
TLS: dict[TlsMode, Promise] = {
    TlsMode.VERIFY: _("Verify (public certificate authorities)"),
    TlsMode.OWN_CA: _("Verify by an own certificate authority"),
    TlsMode.INSECURE: _("Do not verify (the key can be stolen on the way)"),
}
