"""The portal: a Django project around the library core."""
