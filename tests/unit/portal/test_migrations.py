"""The migrations say what the models say, and the first release begins with one per room."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

ROOMS = ("accounts", "alliance", "disclosure", "imports", "indexing", "quality", "searches")


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_each_room_has_one_clean_first_migration() -> None:
    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    assert sorted(key for key in found if key[0] in ROOMS and key[1].startswith("0001")) == [
        (room, "0001_initial") for room in ROOMS
    ]
    assert {config.label for config in apps.get_app_configs()} >= set(ROOMS)


@pytest.mark.django_db
def test_the_shared_cache_has_its_table() -> None:
    assert "securegrid_cache" in connection.introspection.table_names()
