"""A warm copy of the child that opens workbooks: `python -I zygote.py UNPACK_FOLDER`.

It imports the folder once and forks for each request, so that what a fork does is what the child does, under the
same limits, without the 40 ms that an interpreter takes to start. Requests are lines `path<TAB>name`, and `<TAB>member` to begin at, on stdin; the
answer is a line of JSON (length of the messages, exit status, CPU seconds, peak memory in KiB) and the messages.
"""

import importlib.util
import json
import os
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])
sys.path.insert(0, str(FOLDER))


def load():
    spec = importlib.util.spec_from_file_location("unpack", FOLDER / "__main__.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(unpack, path, name, start="0"):
    """What a fork says of the file."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        os.close(out)
        os.dup2(into, 1)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.argv, unpack.START = ["unpack", path, name], int(start)
        try:
            unpack.main()
            sys.stdout.flush()
        except BaseException:
            os._exit(1)
        os._exit(0)
    os.close(into)
    began = time.monotonic()
    with os.fdopen(out, "rb") as pipe:
        said = pipe.read()
    _, status, used = os.wait4(child, 0)
    code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    head = [len(said), code, used.ru_utime + used.ru_stime, used.ru_maxrss, time.monotonic() - began]
    sys.__stdout__.buffer.write(json.dumps(head).encode() + b"\n" + said)
    sys.__stdout__.buffer.flush()


if __name__ == "__main__":
    import python_calamine  # noqa: F401 - in memory before the forks

    warm = load()
    for line in sys.stdin:
        answer(warm, *line.rstrip("\n").split("\t"))
