"""The installation's own secrets: made once, kept in the var folder, readable by its owner only."""

import os
import secrets as random_source
from pathlib import Path


def var_folder(base):
    """The one folder the product writes to: `FUPIN_VAR`, or `var/` beside manage.py. Mode 0700."""
    folder = Path(os.environ.get("FUPIN_VAR") or base / "var").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret(folder, name):
    """Read the secret `name`, making it (50 random bytes, mode 0600) the first time.

    Two processes may start at once: O_EXCL lets one of them write, the other reads what it wrote.
    """
    path = folder / name
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    value = random_source.token_urlsafe(50)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(value)
    return value
