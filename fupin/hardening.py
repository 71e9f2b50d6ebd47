"""Checks of `check --deploy` beyond Django's: each promise of login, headers, uploads and logs that a setting could
quietly take back. `tests/fupin/test_hardening.py` breaks every one of them, and Django's own, one at a time."""

import django
from django.conf import settings
from django.core.checks import Error, Info, Tags, Warning, register
from django.utils.module_loading import import_string

from fupin.accounts import sessions

FLOOR = (5, 2, 19)
"""The oldest Django whose known holes are closed."""
FIRST = ["fupin.headers.RequestNumber", "fupin.headers.SecurityHeaders"]
NEEDED = ["django.middleware.csrf.CsrfViewMiddleware", "fupin.headers.BodyLimit", "fupin.accounts.sessions.KeepAlive",
          "fupin.accounts.door.LoginDoor"]  # fmt: skip
COUNTY = {"county_office", "finance", "auditor", "system_admin", "administrator"}
VALIDATORS = {f"fupin.accounts.passwords.{name}" for name in ("Length", "Classes", "Guessable", "Fresh")}


def rules():
    """`(number, whether it holds, what is wrong)` of this installation's settings."""
    s = settings
    hasher = import_string(s.PASSWORD_HASHERS[0])
    yield 10, django.VERSION[:3] >= FLOOR, f"Django {django.get_version()} 太旧，至少要 5.2.19。"
    yield 11, (
        hasher.algorithm == "argon2" and hasher.time_cost >= 3 and hasher.memory_cost >= 64 * 1024
        and hasher.parallelism == 1
    ), "PASSWORD_HASHERS 的第一个须是 argon2（t≥3，m≥64 MiB，p=1）。"  # fmt: skip
    order = [s.MIDDLEWARE.index(name) for name in NEEDED if name in s.MIDDLEWARE]
    yield 12, (
        s.MIDDLEWARE[:2] == FIRST and len(order) == len(NEEDED) and s.MIDDLEWARE.index(NEEDED[3]) == max(order)
    ), "MIDDLEWARE 缺少请求编号、安全响应头、CSRF、请求大小、会话或登录检查，或者次序不对。"  # fmt: skip
    yield 13, (
        s.SESSION_ENGINE == "fupin.accounts.sessions" and s.SESSION_COOKIE_AGE <= 12 * 3600
        and sessions.IDLE <= 30 * 60 and sessions.ABSOLUTE <= 12 * 3600
        and s.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    ), "会话须 30 分钟不用即退、最长 12 小时，以 JSON 存放。"  # fmt: skip
    yield 14, set(s.OTP_ROLES) >= COUNTY, "FUPIN_OTP_ROLES 没有包括全部县级岗位：它们登录须两步验证。"
    yield (
        15,
        0.3 <= s.LOGIN_SECONDS <= 2,
        "LOGIN_SECONDS 须在 0.3 到 2 秒之间，否则从应答快慢看得出账号是否存在。",
    )
    yield 16, (
        (s.DATA_UPLOAD_MAX_MEMORY_SIZE or 1 << 60) <= 2_621_440 and (s.DATA_UPLOAD_MAX_NUMBER_FIELDS or 1 << 60) <= 4000
        and (s.DATA_UPLOAD_MAX_NUMBER_FILES or 1 << 60) <= 12 and s.REQUEST_BYTES <= 64 << 20
        and s.ANONYMOUS_BYTES <= 4 << 20
    ), "上传的大小、项数或文件数没有限制。"  # fmt: skip
    yield (
        17,
        s.FILE_UPLOAD_PERMISSIONS == 0o600 and s.FILE_UPLOAD_DIRECTORY_PERMISSIONS == 0o700,
        "上传的文件须只有本人可读（0600、0700）。",
    )
    yield (
        18,
        not s.MEDIA_ROOT and s.STATIC_ROOT not in [s.FILES, *s.FILES.parents],
        "上传的文件不得放在能用网址直接取到的地方。",
    )
    yield (
        19,
        not any(name.strip() in {"*", ""} for name in s.ALLOWED_HOSTS),
        "FUPIN_HOSTS 须写明域名，不能是 *。",
    )
    yield 20, not s.USE_X_FORWARDED_HOST and not s.USE_X_FORWARDED_PORT, "不得相信 X-Forwarded-Host。"
    yield 21, s.LOG_DAYS >= 180, "FUPIN_LOG_DAYS 至少 180 天。"
    yield 22, not s.DEMO, "FUPIN_DEMO 只用于本机演示。"
    yield 23, (
        s.SESSION_COOKIE_NAME.startswith("__Host-") and s.CSRF_COOKIE_NAME.startswith("__Host-")
        and {s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE} <= {"Lax", "Strict"} and s.SESSION_COOKIE_HTTPONLY
        and s.SESSION_COOKIE_PATH == s.CSRF_COOKIE_PATH == "/"
        and s.SESSION_COOKIE_DOMAIN is s.CSRF_COOKIE_DOMAIN is None
    ), "Cookie 须以 __Host- 开头，SameSite=Lax，脚本读不到会话。"  # fmt: skip
    yield 24, {v["NAME"] for v in s.AUTH_PASSWORD_VALIDATORS} >= VALIDATORS, "AUTH_PASSWORD_VALIDATORS 不全。"
    handlers = s.LOGGING["handlers"]
    used = {
        name
        for logger in [s.LOGGING["root"], *s.LOGGING["loggers"].values()]
        for name in logger.get("handlers", [])
    }
    yield (
        25,
        all(handlers[name].get("formatter") == "json" for name in used - {"nowhere"})
        and s.LOGGING["formatters"]["json"] == {"()": "fupin.logs.Json"},
        "日志须经 fupin.logs.Json：它去掉号码。",
    )


@register(Tags.security, deploy=True)
def promises_stand(app_configs=None, **kwargs):
    found = [Error(words, id=f"fupin.E0{number}") for number, holds, words in rules() if not holds]
    if not settings.DENGBAO:
        found.append(Info("等保密码规则（三类字符、180 天、最近五次）已关闭，请留存依据。", id="fupin.I001"))
    if settings.DENGBAO and settings.PASSWORD_DAYS > 180:
        found.append(Warning("PASSWORD_DAYS 超过 180 天。", id="fupin.W026"))
    return found
