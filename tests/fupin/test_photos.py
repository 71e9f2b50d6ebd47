"""How large a photo may be, said by its header alone: nothing of it is decoded."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from fupin.photos import rebuild


def said(kind, width, height):
    """A small picture whose header says that it is `width` x `height`."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind)
    data = bytearray(out.getvalue())
    if kind == "PNG":
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    else:
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">HH", height, width)
    return SimpleUploadedFile("a.jpg", bytes(data))


@pytest.mark.parametrize(("kind", "width", "height"), [("JPEG", 8000, 5001), ("PNG", 5000, 5001)])
def test_more_pixels_than_told_are_refused_by_the_header(kind, width, height):
    with pytest.raises(ValidationError, match="像素过大"):
        rebuild(said(kind, width, height))


def test_as_many_pixels_as_told_are_decoded():
    assert rebuild(said("JPEG", 8, 8)).data[:3] == b"\xff\xd8\xff"
