"""The kinds of column that projects are made of. NULL is unknown (原文缺失), which is never zero."""

from django.db import models

from fupin.crypt.fields import Encrypted


def yuan(label):
    """Money in yuan, two places."""
    return models.DecimalField(label, max_digits=16, decimal_places=2, null=True, blank=True)


def amount(label):
    """A quantity with two places; its unit stands in a column of its own."""
    return models.DecimalField(label, max_digits=14, decimal_places=2, null=True, blank=True)


def whole(label):
    """A count."""
    return models.PositiveIntegerField(label, null=True, blank=True)


def day(label):
    return models.DateField(label, null=True, blank=True)


def text(label, length=120):
    return models.CharField(label, max_length=length, blank=True)


def secret(label, length):
    """Text that is encrypted."""
    return Encrypted(label, max_length=length, blank=True)
