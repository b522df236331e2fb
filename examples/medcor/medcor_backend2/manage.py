#!/usr/bin/env python
"""Django's commands for medcor_backend2. What the environment does not say comes from .env beside this file."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line
from dotenv import load_dotenv

if __name__ == "__main__":
    load_dotenv(Path(__file__).with_name(".env"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medcor_backend2.settings")
    execute_from_command_line(sys.argv)
