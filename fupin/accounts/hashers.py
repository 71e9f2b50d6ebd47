"""Argon2id with the cost measured for a county's server: about 0.14 s and 64 MiB a login, one lane,
so that a flood of logins cannot take the machine's memory (Django's default is 100 MiB and 8 lanes).

One hash at a time in each server process: two processes hold 128 MiB for it at most, however many log in.
"""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

ONE_AT_A_TIME = threading.Lock()


class Argon2(Argon2PasswordHasher):
    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 1

    def encode(self, password, salt):
        with ONE_AT_A_TIME:
            return super().encode(password, salt)

    def verify(self, password, encoded):
        with ONE_AT_A_TIME:
            return super().verify(password, encoded)
