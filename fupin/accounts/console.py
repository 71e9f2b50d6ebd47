"""Who does key work at the console: a person with password and second factor, or a written reason where nobody sits.

A page asks for a fresh login before something grave; a command asks here. What was done stands in the trail with the
account, and with the name under which the machine knows whoever typed it.
"""

import getpass
import sys
from dataclasses import dataclass

from django.core.management.base import CommandError

from fupin.accounts import failures, otp, throttle
from fupin.accounts.models import User
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record

MAY = (P.USER_MANAGE, P.ACCESS_REVIEW)
"""Key work is that of who runs the accounts or watches over them: system, security and head administrators."""
SHORTEST = 6
REFUSED = "账号、密码或动态码不对，或者没有这项权限，或者错误次数过多。"


@dataclass(frozen=True)
class Operator:
    """Who it is: an account, or None and a reason; `login` is the machine's name for them."""

    user: User | None
    reason: str
    login: str

    def record(self, action, target, **detail):
        """Write the act into the trail. Raises NotRecorded."""
        said = {"reason": self.reason} if self.reason else {}
        return record(action, target, by=self.user, operator=self.login, **said, **detail)


def add_arguments(parser):
    parser.add_argument("--as", dest="username", metavar="账号", help="由谁操作：接着问密码和动态码")
    parser.add_argument("--reason", default="", help="无人值守时写明依据（至少 6 个字），代替 --as")


def operator(username, reason):
    """The Operator behind `--as` or `--reason`. Raises CommandError."""
    reason = reason.strip()
    if username:
        return Operator(_proven(username), reason[:200], _login())
    if len(reason) < SHORTEST:
        raise CommandError(
            "请用 --as 账号 说明由谁操作；无人值守时用 --reason 写明依据（至少 6 个字）。", returncode=2
        )
    return Operator(None, reason[:200], _login())


def _login():
    try:
        return getpass.getuser()[:40]
    except (KeyError, OSError):  # a container without a list of users
        return ""


def _proven(username):
    if not throttle.attempt(username, None):
        failures.note(throttle.LOGIN, username, None, looked=False)
        raise CommandError(REFUSED, returncode=2)
    user = User.objects.filter(username=username, is_active=True, password_until=None).first()
    right = user is not None and user.check_password(_asked("密码："))
    if right and hasattr(user, "authenticator"):
        right = otp.accept(user, _asked("动态码或恢复码：")) is not None
    elif right and user.needs_otp:
        raise CommandError("这个账号须先在网页上设好两步验证。", returncode=2)
    if not right or not any(user.may(permission) for permission in MAY):
        failures.note(throttle.LOGIN, username, None, looked=True)
        raise CommandError(REFUSED, returncode=2)
    throttle.succeeded(username, None)
    return user


def _asked(words):
    """A secret from the terminal, unseen; from a pipe a line each."""
    return getpass.getpass(words) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
