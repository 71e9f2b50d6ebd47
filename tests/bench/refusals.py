"""What refusing costs: `python -m tests.bench.refusals` prints seconds and the child's memory for each hostile file.

Seconds are of the whole call, the start of the child included; the best of three.
"""

import tempfile
import time
from pathlib import Path

from fupin.excel import reader
from tests.fupin.excel.hostile import CASES


def measured(path, name):
    """`(code, seconds, KiB)`; KiB is 0 where the child did not live to tell."""
    held = [0]
    reader.Heard.ENDED = staticmethod(held.append)
    began = time.monotonic()
    try:
        reader.read_all(path, name)
        code = "read"
    except reader.Refused as refused:
        code = refused.code
    return code, time.monotonic() - began, held[-1]


def main():
    print(f"{'file':38} {'code':22} {'s':>6} {'MiB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stored"
        for case, (_, name, make) in CASES.items():
            path.write_bytes(make())
            code, seconds, memory = min((measured(path, name) for _ in range(3)), key=lambda found: found[1])
            print(f"{case:38} {code:22} {seconds:6.2f} {memory / 1024:6.0f}", flush=True)


if __name__ == "__main__":
    main()
