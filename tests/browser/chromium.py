"""Where the browser of the browser tests is."""

import importlib.util
import os
import shutil
from pathlib import Path

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]
MISSING = "没有找到 Chromium，浏览器测试已跳过（Debian：apt install chromium fonts-noto-cjk）。"

NO_DRIVER = "没有安装 playwright，浏览器测试已跳过（.venv/bin/pip install -e '.[test,browser]'）。"


def installed():
    """Whether there is what drives a browser: 120 MB that only these tests need."""
    return importlib.util.find_spec("playwright") is not None


def find():
    """Path of a Chromium on this machine, "" when there is none. FUPIN_CHROMIUM names another one."""
    named = os.environ.get("FUPIN_CHROMIUM")
    if named:
        return named if Path(named).exists() else ""
    return next(
        (
            found
            for name in ("chromium", "chromium-browser", "google-chrome")
            if (found := shutil.which(name))
        ),
        "",
    )
