#!/usr/bin/env python
"""Entry point. Says in one line when the machine cannot run the product, before anything is imported."""

import gc
import os
import sys

if sys.version_info < (3, 11):
    sys.stderr.write(f"需要 Python 3.11 或更新版本，当前是 {sys.version.split()[0]}。\n")
    sys.exit(2)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fupin.settings")
    # Compiled modules go where everything else goes: the program folder may be read-only, and stays as it is.
    os.umask(0o077)
    # What is read at the start stays to the end: to look through it for garbage every 700 objects is a sixth of starting.
    gc.set_threshold(50_000, 20, 20)
    here = os.path.dirname(os.path.abspath(__file__))
    var = os.path.abspath(os.environ.get("FUPIN_VAR") or os.path.join(here, "var"))
    # PYTHONPYCACHEPREFIX= (empty) keeps them where Python does.
    sys.pycache_prefix = os.environ.setdefault("PYTHONPYCACHEPREFIX", os.path.join(var, "pycache")) or None
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.stderr.write("没有装好运行所需的软件包，请先运行：.venv/bin/pip install -e .\n")
        sys.exit(2)
    from fupin.regions import scope

    scope.process("command")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
