"""The installation's own folder and secrets: made once, readable by their owner only."""

import contextlib
import os
import secrets as random_source
import stat
import sys
from pathlib import Path

KEY = "secret_key"


def refuse(message):
    """Say in one line why the product cannot run on this machine, and end with exit code 2."""
    sys.stderr.write(f"{message}\n")
    raise SystemExit(2)


def var_folder(base):
    """The one folder the product writes to: `FUPIN_VAR`, or `var/` beside manage.py. Mode 0700.

    Ends the process with one line when the folder cannot be made or written.
    """
    folder = Path(os.environ.get("FUPIN_VAR") or base / "var").resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(folder)
        for name in ("files", "tmp", "run"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        refuse(f"数据文件夹 {folder} 不能写入（{error.strerror}）。请换一个可写的文件夹：FUPIN_VAR=路径。")
    if not os.access(folder, os.W_OK | os.X_OK):
        refuse(f"数据文件夹 {folder} 是只读的。请换一个可写的文件夹：FUPIN_VAR=路径。")
    return folder


def _close_to_others(folder):
    """Take group and world off a folder that is ours: empty, or one that holds our key. `FUPIN_VAR=/tmp` by
    mistake must not lock everybody out of /tmp."""
    ours = (folder / KEY).exists() or not any(folder.iterdir())
    if ours and stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


def secret(folder, name=KEY):
    """Read the secret `name`, making it (50 random bytes, mode 0600) the first time.

    Two processes may start at once: the finished file is linked into place, so one of them wins and nobody
    ever reads a half-written secret.
    """
    path = folder / name
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    except OSError as error:
        refuse(f"读不到密钥文件 {path}（{error.strerror}）。")
    fresh = folder / f".{name}.{os.getpid()}.{random_source.token_hex(4)}"
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(random_source.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        refuse(f"数据文件夹 {folder} 不能写入（{error.strerror}）。请换一个可写的文件夹：FUPIN_VAR=路径。")
