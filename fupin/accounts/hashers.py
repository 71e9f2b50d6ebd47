"""Argon2id with the cost measured for a county's server: about 0.14 s and 64 MiB a login, one lane,
so that a flood of logins cannot take the machine's memory (Django's default is 100 MiB and 8 lanes)."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 1
