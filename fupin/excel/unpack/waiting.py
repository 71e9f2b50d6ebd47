"""The child that waits: `python -I -S unpack --wait PARSER`, its stdin a socket. It never opens a file itself: for each it
forks, and the fork is what the child that is started for one file would be, without the 35 ms of its start.

Asked with four bytes of length, the pipe for the messages beside them, and `path NUL name NUL member`. Answers with the
fork's number, and at the next byte (any) with how it ended: ENDED. When the other side is gone a fork still at work is
killed, and the child ends.
"""

import gc
import os
import signal
import socket
import struct
import sys

ENDED = struct.Struct("<iddq")
"""Exit status (a signal negative), processor seconds of the fork and of this child with all its forks, most memory in KiB."""


def serve(main):
    """Fork for each file that is asked for; `main(path, name, member)` is what a fork does."""
    import datetime  # noqa: F401 - in memory before the forks, as is the parser
    import resource

    import python_calamine  # noqa: F401

    link = socket.socket(fileno=0)
    gc.freeze()
    while True:
        head, fds, *_ = socket.recv_fds(link, 4, 1)
        if not head:
            return
        said = link.recv(int.from_bytes(head, "little"), socket.MSG_WAITALL)
        child = os.fork()
        if not child:
            _be_the_child(main, fds[0], said)
        os.close(fds[0])
        link.sendall(child.to_bytes(4, "little"))
        asked = link.recv(1)  # until then its number is nobody else's, so it can be killed by it
        if not asked:
            os.kill(child, signal.SIGKILL)
        _, status, used = os.wait4(child, 0)
        if not asked:
            return
        whole = sum(
            _seconds(resource.getrusage(who)) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        link.sendall(ENDED.pack(os.waitstatus_to_exitcode(status), _seconds(used), whole, used.ru_maxrss))


def _seconds(used):
    return used.ru_utime + used.ru_stime


def _be_the_child(main, pipe, said):
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)  # the socket is closed by it
        os.dup2(pipe, 1)
        os.closerange(2 + 1, max(pipe, nothing) + 1)
        path, name, member = said.decode("utf-8", "surrogatepass").split("\0")
        main(path, name, int(member))
        sys.stdout.flush()
        code = 0
    finally:
        os._exit(code)
