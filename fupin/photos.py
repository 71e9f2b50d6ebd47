"""Photos that people send: only their pixels are kept.

A photo from a phone carries the place, the time and the device, and a file that is a picture may be a page or an
archive as well. What is stored is drawn anew from the pixels, encrypted, under a name that the server makes, in
`settings.FILES`, which no URL reaches; a view serves it after a permission check.
"""

import hashlib
import io
import time
import uuid
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from PIL import Image, ImageOps

from fupin.crypt import boxes
from fupin.crypt.sealing import Unreadable

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = {False: 40_000_000, True: 25_000_000}
"""Pixels before decoding; fewer for PNG, which cannot be decoded at a smaller scale as JPEG can."""
LONGEST_EDGE = 1600
TARGET_BYTES = 300 * 1024
TAKEN = 36867
"""EXIF tag DateTimeOriginal, inside the Exif block."""
EXIF_BLOCK = 0x8769


@dataclass(frozen=True)
class Photo:
    """A photo rebuilt: JPEG bytes, their digest, and the day it was taken if the file said so."""

    data: bytes
    sha256: str
    taken_on: date | None


def rebuild(upload):
    """The Photo of an uploaded file. Raises ValidationError, in words, for whatever is not a JPEG or PNG."""
    if upload.size > MAX_BYTES:
        raise ValidationError(f"照片“{upload.name}”超过 {MAX_BYTES // 1024 // 1024} MB，请压缩后再传。")
    try:
        image = Image.open(upload.file, formats=("JPEG", "PNG"))
        if image.width * image.height > MAX_PIXELS[image.format == "PNG"]:
            raise ValidationError(f"照片“{upload.name}”像素过大，请用手机原图或压缩后再传。")
        taken = _taken_on(image)
        data = _drawn_anew(image)
    except ValidationError:
        raise
    except Exception as error:  # the decoder meets whatever a hostile file makes it meet
        raise ValidationError(f"“{upload.name}”不是可用的照片，只收 JPEG 或 PNG。") from error
    return Photo(data, hashlib.sha256(data).hexdigest(), taken)


def _taken_on(image):
    text = str(image.getexif().get_ifd(EXIF_BLOCK).get(TAKEN, ""))[:10]
    try:
        return date.fromisoformat(text.replace(":", "-"))
    except ValueError:
        return None


def _drawn_anew(image):
    """JPEG of at most LONGEST_EDGE, about TARGET_BYTES or less, holding pixels only."""
    image.draft("RGB", (LONGEST_EDGE, LONGEST_EDGE))
    image.load()
    turned = ImageOps.exif_transpose(image).convert("RGBA")
    turned.thumbnail((LONGEST_EDGE, LONGEST_EDGE))
    clean = Image.new("RGB", turned.size, "white")
    clean.paste(turned, mask=turned.getchannel("A"))
    for quality in (82, 70, 55, 40):
        out = io.BytesIO()
        clean.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= TARGET_BYTES:
            break
    return out.getvalue()


def store(photo):
    """Write the photo under a name of our own; returns that name, relative to `settings.FILES`."""
    name = f"photos/{uuid.uuid4().hex}.jpg"
    path = settings.FILES / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with boxes.Writer(path) as file:
        file.write(photo.data)
    return name


def discard(names):
    """Remove stored photos whose rows were rolled back."""
    for name in names:
        (settings.FILES / name).unlink(missing_ok=True)


def opened(name):
    """The stored photo, for reading. Raises FileNotFoundError."""
    return io.BytesIO(_bytes(settings.FILES / name))


def _bytes(path):
    """What was stored, as it came; one that was stored before photos were encrypted is read as it lies."""
    return b"".join(boxes.pieces(path)) if boxes.is_sealed(path) else path.read_bytes()


HELD_SECONDS = 48 * 3600


def hold(photo, user):
    """Keep a rebuilt photo while its form is corrected; returns a token that only `user` can redeem."""
    folder = settings.FILES / "held"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > HELD_SECONDS:
            old.unlink(missing_ok=True)
    name = f"{uuid.uuid4().hex}.jpg"
    with boxes.Writer(folder / name) as file:
        file.write(photo.data)
    taken = photo.taken_on.isoformat() if photo.taken_on else ""
    return signing.dumps([name, taken], salt=f"photo:{user.pk}")


def held(token, user):
    """The photo behind a token of `hold`, or None when it is not this user's or has gone."""
    try:
        name, taken = signing.loads(token, salt=f"photo:{user.pk}", max_age=HELD_SECONDS)
        data = _bytes(settings.FILES / "held" / name)
    except (signing.BadSignature, OSError, Unreadable):
        return None
    taken_on = date.fromisoformat(taken) if taken else None
    return Photo(data, hashlib.sha256(data).hexdigest(), taken_on)
