#!/usr/bin/env python
"""Run a management command. `bin/manage` does the same inside the project's own environment."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medicaim.settings.dev")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
