"""requirements.lock against pyproject.toml: every pinned dependency locked to the same version, every line with
hashes, no address of an index. `python .ci/check_lock.py --write` makes the lock again with pip-compile."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
HEAD = """\
# 生产环境的依赖，逐个锁定版本和校验值；由 .ci/check_lock.py --write 生成，不要手改。
# 安装：python3 -m venv .venv && .venv/bin/pip install --require-hashes -r requirements.lock
"""
ADDRESS = re.compile(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b|\w+://", re.M)
PIN = re.compile(r"^([A-Za-z0-9_.-]+)(\[[^\]]*\])?==([^\s;\\]+)", re.M)


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def write():
    words = ["pip-compile", "--generate-hashes", "--no-emit-index-url", "--no-emit-trusted-host",
             "--no-emit-find-links", "--no-emit-options", "--strip-extras", "--no-header", "--no-annotate",
             "--quiet", "--output-file", "-", "pyproject.toml"]  # fmt: skip
    made = subprocess.run([Path(sys.executable).parent / words[0], *words[1:]], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout  # fmt: skip
    LOCK.write_text(HEAD + made, encoding="utf-8")


def problems(lock, project):
    """What is wrong with the text `lock` for the dependencies of the parsed `project`."""
    if ADDRESS.search(lock):
        yield "requirements.lock 含有软件源地址。"
    locked = {plain(name): version for name, _, version in PIN.findall(lock)}
    for wanted in project["project"]["dependencies"]:
        name, _, version = PIN.match(wanted).groups()
        if "win32'" in wanted and "!=" not in wanted:
            continue  # locked on Linux: what only Windows needs is not in it
        if locked.get(plain(name)) != version:
            yield f"{name}：pyproject.toml 是 {version}，requirements.lock 是 {locked.get(plain(name))}。"
    for name, entry in re.findall(r"^([A-Za-z0-9_.-]+)==((?:.*\\\n)*.*)", lock, re.M):
        if "--hash=sha256:" not in entry:
            yield f"{name} 没有校验值。"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found = list(problems(LOCK.read_text(encoding="utf-8"), project))
    sys.stdout.write("\n".join(found) + "\n" if found else "")
    sys.exit(1 if found else 0)
