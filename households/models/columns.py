"""The kinds of column that the register is made of. NULL is 未填, which is neither 否 nor 0."""

from django.db import models

from fupin.crypt.fields import Encrypted, EncryptedNote, EncryptedText


def flag(label, **options):
    """Yes, no or unknown."""
    return models.BooleanField(label, null=True, blank=True, **options)


def yuan(label, **options):
    """Money in yuan, two places."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, null=True, blank=True, **options)


def area(label, **options):
    """An area or distance with two places; the label names the unit."""
    return models.DecimalField(label, max_digits=10, decimal_places=2, null=True, blank=True, **options)


def whole(label, **options):
    """A count."""
    return models.PositiveIntegerField(label, null=True, blank=True, **options)


def calendar_year(label, **options):
    """A calendar year."""
    return models.PositiveSmallIntegerField(label, null=True, blank=True, **options)


def code(label, choices, **options):
    """One value of a code table; "" is 未填."""
    choices = getattr(choices, "choices", choices)
    width = max(len(value) for value, _ in choices)
    return models.CharField(label, max_length=width, choices=choices, blank=True, **options)


def codes(label, **options):
    """Several values of a code table, joined by commas in table order ("02,04"); "" is 未填."""
    return models.CharField(label, max_length=60, blank=True, **options)


def text(label, length=120, **options):
    return models.CharField(label, max_length=length, blank=True, **options)


def secret_text(label, **options):
    """Long text that is encrypted in the database: what people write freely may tell of an illness."""
    return EncryptedText(label, **options)


def secret_note(label, length, **options):
    """The same, in a line."""
    return EncryptedNote(label, max_length=length, **({"blank": True} | options))


def secret(label, length=120, **options):
    """Text that is encrypted in the database; `blind` names the column by which it is found."""
    return Encrypted(label, max_length=length, blank=True, **options)
