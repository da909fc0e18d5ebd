"""Django's own commands, for developers (people use ``securegrid``)."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "securegrid.portal.settings")
    os.environ.setdefault("SECUREGRID_MODE", "test")
    execute_from_command_line(sys.argv)
