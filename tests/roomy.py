"""Room on the interpreter's stack, taken once instead of again and again.

Python keeps its frames in pieces of 16 kB. A call that does not fit takes a new piece from the kernel, and gives it back
when it returns: where a loop stands at the end of a piece, each of its calls costs two system calls and a fresh page. Below
the sixty frames of pytest the loops of a page stand there: 98,000 pieces for the tests of the board, 6 ms a page. The
product's server, whose stack is shallow, takes some twelve a page. A frame that asks for more than a piece gets one of its
own, of which about half is left for what it calls.
"""

from functools import wraps

SLOTS = 33_000
"""Values of 8 bytes: a piece is twice as large again until it holds them, here 512 kB, of which 250 are left."""


def roomy(function):
    """`function` as it is, on a stack with room for all that it calls."""

    @wraps(function)
    def called(*args, **kwargs):
        return function(*args, **kwargs)

    called.__code__ = called.__code__.replace(co_stacksize=SLOTS)
    return called
