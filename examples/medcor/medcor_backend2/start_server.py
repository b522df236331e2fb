"""The short way by hand: `python manage.py runserver` on this backend's own port."""

import os
import sys
from pathlib import Path

from dotenv import load_dotenv

HERE = Path(__file__).parent

load_dotenv(HERE / ".env")
os.execv(sys.executable, [sys.executable, str(HERE / "manage.py"), "runserver", f"0.0.0.0:{os.environ['BACKEND2_PORT']}"])
