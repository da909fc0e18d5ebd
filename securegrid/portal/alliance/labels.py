"""Names of what owners choose, for people, in their language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from securegrid.portal.alliance.models import MispMode, TlsMode, Visibility

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
MODES: dict[MispMode, Promise] = {
    MispMode.INDEXED: _("Indexed (recommended)"),
    MispMode.LIVE: _("Live"),
}
MODE_HINTS: dict[MispMode, Promise] = {
    MispMode.INDEXED: _(
        "The portal keeps keyed fingerprints of your attributes, never values, and asks your MISP "
        "only for its own hits, by UUID. Your server learns nothing of searches that do not hit. "
        "A hit is as fresh as the last sync; until the first one is complete, nobody can search "
        "your MISP."
    ),
    MispMode.LIVE: _(
        "Every searched value is sent to your MISP, hit or not, and can be read in its log. "
        "Answers are of this moment; the portal keeps nothing of your data. An index that was "
        "kept is destroyed."
    ),
}
