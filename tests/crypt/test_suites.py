"""Both suites on the standard vectors, and a token that opens in its own row and column only."""

import pytest

from fupin.crypt import ring, sealing
from fupin.crypt.suites import AES, GM, INT, SM4, InvalidTag, hmac_sha256, hmac_sm3

AES_GCM = {
    # NIST SP 800-38D examples (the GCM paper's test case 16): AES-256, 96-bit nonce, with associated data
    "key": "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "nonce": "cafebabefacedbaddecaf888",
    "aad": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "data": "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "out": "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b",
}
SM4_GCM = {
    # RFC 8998 A.1
    "key": "0123456789abcdeffedcba9876543210",
    "nonce": "00001234567800000000abcd",
    "aad": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "data": "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
    "out": "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec",
}


@pytest.mark.parametrize(("cipher", "vector"), [(AES, AES_GCM), (SM4, SM4_GCM)])
def test_the_standard_vectors(cipher, vector):
    key, nonce, aad, data, out = (
        bytes.fromhex(vector[name]) for name in ("key", "nonce", "aad", "data", "out")
    )
    made = cipher(key)

    assert made.encrypt(nonce, data, aad) == out
    assert made.decrypt(nonce, out, aad) == data
    for at in (0, len(out) // 2, len(out) - 1):
        with pytest.raises(InvalidTag):
            made.decrypt(nonce, out[:at] + bytes([out[at] ^ 1]) + out[at + 1 :], aad)
    with pytest.raises(InvalidTag):
        made.decrypt(nonce, out, aad + b"x")


def test_the_keyed_digests():
    # RFC 4231, test case 2
    assert hmac_sha256(b"Jefe")(b"what do ya want for nothing?").hex() == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    # GM/T 0004 gives SM3("abc"); HMAC is RFC 2104 over it, checked against its definition
    from cryptography.hazmat.primitives import hashes

    def sm3(data):
        work = hashes.Hash(hashes.SM3())
        work.update(data)
        return work.finalize()

    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    key = bytes(range(32)).ljust(64, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in key) + b"abc")
    assert hmac_sm3(bytes(range(32)))(b"abc") == sm3(bytes(b ^ 0x5C for b in key) + inner)


@pytest.fixture(params=["INT", "GM"])
def keys(request, settings, tmp_path):
    """A ring of its own with one key of the suite."""
    settings.KEYS = tmp_path / "keys"
    ring.create(request.param)
    yield ring.reread()
    settings.KEYS = settings.VAR / "keys"
    ring._held = None


def test_a_token_opens_in_its_own_row_and_column_only(keys):
    token = sealing.seal_text("990101199001010014", "households.member.id_number", 7)
    opened = sealing.opener("households.member.id_number")

    assert token.startswith({"INT": "I1.", "GM": "G1."}[keys.current.suite])
    assert "990101" not in token
    assert opened(token, "7") == "990101199001010014"
    assert token != sealing.seal_text("990101199001010014", "households.member.id_number", 7)
    for open_elsewhere in (
        lambda: opened(token, "8"),
        lambda: sealing.opener("households.member.phone")(token, "7"),
        lambda: opened(token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:], "7"),
        lambda: opened(f"{token[0]}9{token[2:]}", "7"),
        lambda: opened("990101199001010014", "7"),
    ):
        with pytest.raises(sealing.Unreadable):
            open_elsewhere()


def test_marks_are_of_the_normalised_value_and_of_the_key(keys, settings, tmp_path):
    mark = sealing.marks_for("households.member.phone")

    assert mark("１３８ 0000\u200b0000") == mark("13800000000") != mark("13800000001")
    assert mark("13800000000") != sealing.marks_for("households.household.phone")("13800000000")
    assert mark("") == ""
    settings.KEYS = tmp_path / "other"
    ring.create(keys.current.suite)
    assert sealing.marks_for("households.member.phone")("13800000000") != mark("13800000000")


def test_both_suites_in_one_ring(keys):
    other = {"INT": GM, "GM": INT}[keys.current.suite]
    old = sealing.seal_text("13800000000", "households.member.phone", 1)
    marked = sealing.marks_for("households.member.phone")("13800000000")

    ring.write([*keys.keys.values(), ring.fresh_key(other.name)], 2)

    new = sealing.seal_text("13800000000", "households.member.phone", 1)
    assert new.startswith(f"{other.letter}2.")
    assert [sealing.opener("households.member.phone")(token, "1") for token in (old, new)] == [
        "13800000000"
    ] * 2
    assert marked in sealing.marks_of("13800000000", "households.member.phone")


def test_a_ring_that_others_can_read_is_refused(keys):
    ring.path().chmod(0o644)
    with pytest.raises(ring.MissingKeys, match="chmod 600"):
        ring.reread()
    ring.path().chmod(0o600)
    ring.path().write_text("{}")
    with pytest.raises(ring.MissingKeys, match="损坏"):
        ring.reread()
