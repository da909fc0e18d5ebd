"""Object templates, as PyMISP ships them."""

import pytest
from pymisp import MISPObject

from securegrid.ingest.publishing.templates import UnknownTemplate, template


@pytest.mark.parametrize("name", ["credential", "network-connection", "file", "url"])
def test_a_template_is_as_pymisp_knows_it(name: str) -> None:
    known = MISPObject(name)
    found = template(name)
    assert (found.uuid, str(found.version)) == (known.template_uuid, str(known.template_version))
    assert (found.name, found.meta_category) == (name, known["meta-category"])


@pytest.mark.parametrize("name", ["no-such-template", "../objects/file", ""])
def test_another_is_unknown(name: str) -> None:
    with pytest.raises(UnknownTemplate):
        template(name)
