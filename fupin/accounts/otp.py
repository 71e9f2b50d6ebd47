"""The second factor: codes of six digits that change every 30 seconds (TOTP, RFC 6238), and recovery codes.

A code counts once, and one step before and after are taken for clocks that are a little off. The shared secret is
stored encrypted under the key ring, bound to its user, and goes over to a new key with everything else; recovery
codes are stored as hashes and deleted when used.
"""

import base64
import hmac
import secrets
import struct
import time
from hashlib import sha256
from urllib.parse import quote, urlencode

import segno
from django.db import transaction

from fupin.accounts.models import Authenticator, RecoveryCode
from fupin.crypt import boxes
from fupin.crypt.sealing import Unreadable

STEP = 30
DIGITS = 6
DRIFT = 1
SECRET_BYTES = 20
CODES = 10
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
ISSUER = "帮扶通"


def code_at(secret, step, digits=DIGITS):
    """The code of the time step `step` (RFC 4226: HMAC-SHA1, dynamic truncation), as text with leading zeros."""
    digest = hmac.digest(secret, struct.pack(">Q", step), "sha1")
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}}"


def step_of(secret, code, now, after=-1):
    """The time step within DRIFT of `now` (seconds) whose code this is, later than `after`; None when there is none.
    Every candidate is compared, each in constant time."""
    found = None
    for step in range(int(now // STEP) - DRIFT, int(now // STEP) + DRIFT + 1):
        if (
            hmac.compare_digest(code_at(secret, step).encode(), code.encode())
            and step > after
            and found is None
        ):
            found = step
    return found


def new_secret():
    return secrets.token_bytes(SECRET_BYTES)


def seal(secret, user):
    """The secret, sealed for `user` while it waits in the session for its first code: text."""
    return boxes.seal(secret, "fupin.otp.setup", user.pk)


def unseal(sealed, user):
    """The secret of `seal`. None when it is not this user's or its key is gone."""
    try:
        return boxes.open_sealed(sealed, "fupin.otp.setup", user.pk)
    except Unreadable:
        return None


def shown(secret):
    """The secret as text for typing: Base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def picture(secret, user):
    """The QR code for an authenticator app, as a `data:` address for an <img>: nothing is stored, nothing is cached."""
    query = urlencode({"secret": base64.b32encode(secret).decode(), "issuer": ISSUER}, quote_via=quote)
    address = f"otpauth://totp/{quote(ISSUER)}:{quote(user.username)}?{query}"
    return segno.make(address, error="m", micro=False).png_data_uri(scale=5, border=3)


def cleaned(text):
    """What was typed, without the blanks and hyphens that people add, in lower case and ASCII digits."""
    return "".join(text.split()).replace("-", "").translate(_WIDE).lower()


_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


def _digest(user, code):
    """Hash of a recovery code. It has 60 random bits, so no slow hash is needed."""
    key = f"fupin.recovery:{user.pk}".encode()
    return hmac.digest(key, code.encode(), sha256).hex()


@transaction.atomic
def enrol(user, secret, step):
    """Make `secret` the user's second factor; the code of `step` has been used. Returns new recovery codes."""
    Authenticator.objects.filter(user=user).delete()
    user.authenticator = Authenticator.objects.create(
        user=user, secret=base64.b32encode(secret).decode(), last_step=step
    )
    return new_codes(user)


@transaction.atomic
def new_codes(user):
    """Ten recovery codes in place of all earlier ones: returned once, stored as hashes."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(CODES)]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in (0, 4, 8)) for code in codes]


def remove(user):
    """Take the second factor off an account: its telephone is lost, or it is no longer wanted."""
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()


def accept(user, text):
    """Use up a code of the app ("code") or a recovery code ("recovery"); None when it is neither.

    The database decides who uses it: of two requests with the same code one gets in.
    """
    text = cleaned(text)
    if len(text) == DIGITS and text.isascii() and text.isdigit():
        device = Authenticator.objects.filter(user=user).first()
        secret = device and base64.b32decode(device.secret)
        step = step_of(secret, text, time.time(), device.last_step) if secret else None
        if step is None:
            return None
        used = Authenticator.objects.filter(pk=device.pk, last_step__lt=step).update(last_step=step)
        return "code" if used else None
    gone, _ = RecoveryCode.objects.filter(user=user, digest=_digest(user, text)).delete()
    return "recovery" if gone else None
