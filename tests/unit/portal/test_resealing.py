"""No sealed column is forgotten when the master key is rotated."""

from django.apps import apps
from django.db.models import BinaryField

from securegrid.portal.resealing import registered, registered_columns


def test_every_sealed_column_is_part_of_key_rotation() -> None:
    sealed = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, BinaryField) and field.name.startswith("sealed_")
    }
    known = {(column.model._meta.label, column.field) for column in registered_columns()}
    assert ("alliance.Misp", "sealed_key") in sealed
    assert known == sealed


def test_second_factors_are_part_of_key_rotation() -> None:
    assert "second factors" in registered()
