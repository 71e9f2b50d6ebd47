"""The processes of one running installation: the application server, the worker for long jobs, and the one
command that starts and stops both.

No Django here: commands as lists of words, child processes, signals.
"""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time

PATIENCE = 20
"""Seconds that children get to finish what they do before they are killed."""

WINDOWS = sys.platform == "win32"


def free(host, port):
    """None when `host:port` can be listened on, else why not, in words."""
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, OverflowError, UnicodeError):
        return f"地址 {host} 无法识别。"
    with socket.socket(info[0], info[1]) as probe:
        if not WINDOWS:  # there it would mean "share the port with whoever has it"
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(info[4])
        except PermissionError:
            return f"没有权限使用端口 {port}，请用 --port 换一个 1024 以上的端口。"
        except OSError as error:
            if error.errno == 99 or getattr(error, "winerror", 0) == 10049:
                return f"本机没有地址 {host}。"
            return f"端口 {port} 已被占用，请用 --port 换一个，例如 --port {port + 1 if port < 65535 else 8001}。"
    return None


def server_words(host, port, run_folder):
    """The command line of the application server."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if WINDOWS:
        return [sys.executable, "-m", "waitress", f"--listen={bind}", "--threads=8", "fupin.wsgi:application"]
    return [
        sys.executable, "-m", "gunicorn", "fupin.wsgi:application", "--bind", bind,
        "--preload", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "120",
        "--graceful-timeout", "15", "--keep-alive", "5", "--umask", "0o077",
        "--forwarded-allow-ips", "127.0.0.1,::1", "--worker-tmp-dir", str(run_folder),
        "--no-control-socket", "--log-level", "warning", "--logger-class", "fupin.server_log.ServerLog",
    ]  # fmt: skip


def start(words, folder, **environment):
    """Start a child in a process group of its own, so that Ctrl-C reaches it through us and in order."""
    options = {"cwd": folder, "env": os.environ | environment, "stdin": subprocess.DEVNULL}
    if WINDOWS:
        options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
        if sys.platform == "linux":
            options["preexec_fn"] = _die_with_parent
    return subprocess.Popen(words, **options)  # noqa: S603 (our own words)


def _die_with_parent():
    """Ask the kernel for SIGTERM when `up` itself is killed: no server may stay behind holding the port."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def answers(host, port, name="localhost"):
    """Whether the health page answers "ok". `name` is the host name to ask for."""
    link = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=5)  # noqa: S104
    with contextlib.closing(link):
        try:
            link.request("GET", "/healthz", headers={"Host": name, "X-Forwarded-Proto": "https"})
            return link.getresponse().status == 200
        except OSError:
            return False


def stop(children):
    """End all children: ask, wait, then insist. Every one is gone when this returns."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0, deadline - time.monotonic()))
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            _kill(child)
            child.wait()


def _kill(child):
    if WINDOWS:
        child.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def interrupt_on_signals():
    """SIGTERM (service managers) and SIGHUP (the terminal is gone) end us as Ctrl-C does.

    A shell that starts us in the background sets SIGINT to be ignored; it is put back.
    """

    def interrupted(*_):
        raise KeyboardInterrupt

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupted)
