"""The JSON API at ``/api/v1``: bearer tokens only, one shape of errors, OpenAPI."""
