"""The short way by hand: `python manage.py runserver` on this backend's own port."""

import os
import sys
from pathlib import Path

MANAGE = Path(__file__).with_name("manage.py")

os.execv(sys.executable, [sys.executable, str(MANAGE), "runserver", "0.0.0.0:8002"])
