#!/usr/bin/env python
"""Entry point. Says in one line when the machine cannot run the product, before anything is imported."""

import os
import sys

if sys.version_info < (3, 11):
    sys.stderr.write(f"需要 Python 3.11 或更新版本，当前是 {sys.version.split()[0]}。\n")
    sys.exit(2)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fupin.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
