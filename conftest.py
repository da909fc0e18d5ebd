"""The tests' own plugins: one that skips nothing in silence, one that starts PostgreSQL."""

pytest_plugins = ["tests.strict", "tests.postgres"]
