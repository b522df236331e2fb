"""The Python packages of this stack: `python3 environment.py requirements.txt` makes .venv hold what that file says.

Nothing is done when it does so already: the environment remembers, as its last step, which Python made it and what was
installed. So the second start is quick, and an installation that was broken off is begun again.
"""

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE / ".venv"
PYTHON = FOLDER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
MADE_BY = FOLDER / "made-by"


def main(requirements):
    if sys.version_info < (3, 10):
        sys.exit(f"Django 5 needs Python 3.10 or newer; this is {sys.version.split()[0]} in {sys.base_prefix}")
    interpreter = f"{sys.version} {sys.base_prefix}"
    if read(MADE_BY) != interpreter:
        make_environment()
        MADE_BY.write_text(interpreter)
    installed = FOLDER / f"{requirements.name}.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if read(installed) == wanted:
        print(f"{requirements.name}: nothing has changed")
        return
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    status = subprocess.call([*pip, "--requirement", requirements])
    if status != 0:
        sys.exit(status)
    installed.write_text(wanted)


def make_environment():
    if Path(sys.prefix) == FOLDER:
        # devup puts an existing .venv first on the PATH; this one is to be replaced, by the Python that it was made from.
        sys.exit(subprocess.call([sys._base_executable, __file__, *sys.argv[1:]]))
    print(f"making {FOLDER} with Python {sys.version.split()[0]}", flush=True)
    try:
        venv.create(FOLDER, clear=True, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit("this Python makes no virtual environments with pip (on Debian and Ubuntu: apt install python3-venv)")


def read(file):
    try:
        return file.read_text()
    except FileNotFoundError:
        return None


main(HERE / sys.argv[1])
