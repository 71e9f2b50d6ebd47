"""The two suites of algorithms behind one interface: international (`INT`) and the national standard (`GM`).

A suite makes a cipher (authenticated encryption, 12-byte nonce, 16-byte tag at the end) and a digest (keyed, for
looking values up) out of a master secret and a purpose; each purpose gets a key of its own (HKDF).
"""

import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE, TAG = 12, 16
BLOCK = 64
"""Bytes of one block of SHA-256."""


class AES:
    """AES-256-GCM."""

    size = 32

    def __init__(self, key):
        made = AESGCM(key)
        self.encrypt, self.decrypt = made.encrypt, made.decrypt


class SM4:
    """SM4-GCM with the calls of AESGCM: `encrypt(nonce, data, aad)`, `decrypt(nonce, data with tag, aad)`."""

    size = 16

    def __init__(self, key):
        self.algorithm = algorithms.SM4(key)

    def encrypt(self, nonce, data, aad):
        work = Cipher(self.algorithm, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(aad or b"")
        return work.update(data) + work.finalize() + work.tag

    def decrypt(self, nonce, data, aad):
        if len(data) < TAG:
            raise InvalidTag
        work = Cipher(self.algorithm, modes.GCM(nonce, data[-TAG:])).decryptor()
        work.authenticate_additional_data(aad or b"")
        return work.update(data[:-TAG]) + work.finalize()


def hmac_sha256(key):
    """A function from bytes to their HMAC-SHA-256. The two blocks that only hold the key are hashed once."""
    key = key.ljust(BLOCK, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def digest(data):
        work = inner.copy()
        work.update(data)
        last = outer.copy()
        last.update(work.digest())
        return last.digest()

    return digest


def hmac_sm3(key):
    """A function from bytes to their HMAC-SM3."""
    start = hmac.HMAC(key, hashes.SM3())

    def digest(data):
        work = start.copy()
        work.update(data)
        return work.finalize()

    return digest


class Suite:
    """`letter` names the suite in every ciphertext, `label` in words."""

    def __init__(self, name, letter, label, cipher, digest, hashed):
        self.name, self.letter, self.label = name, letter, label
        self._cipher, self._digest, self._hash = cipher, digest, hashed

    def _key(self, secret, purpose, size):
        return HKDF(algorithm=self._hash(), length=size, salt=None, info=purpose.encode()).derive(secret)

    def cipher(self, secret, purpose):
        """The cipher of one purpose."""
        return self._cipher(self._key(secret, f"data|{purpose}", self._cipher.size))

    def digest(self, secret, purpose):
        """The keyed digest of one purpose: bytes to 32 bytes."""
        return self._digest(self._key(secret, f"index|{purpose}", 32))


INT = Suite("INT", "I", "AES-256-GCM、HMAC-SHA-256", AES, hmac_sha256, hashes.SHA256)
GM = Suite("GM", "G", "SM4-GCM、HMAC-SM3（国密）", SM4, hmac_sm3, hashes.SM3)
SUITES = {suite.name: suite for suite in (INT, GM)}
__all__ = ["GM", "INT", "NONCE", "SUITES", "InvalidTag"]
