"""What a person who moves on leaves behind: the pages of accounts ask it before a post ends."""

from django.db.models import Q
from django.utils import timezone

from households.models import Pairing


def open_pairings(user):
    """How many households are paired with `user` today, in words; "" for none. A number, whoever asks."""
    rows = Pairing.objects.unscoped("leaving").filter(helper__user=user)
    count = rows.filter(Q(ends_on=None) | Q(ends_on__gt=timezone.localdate())).count()
    return f"此人还与 {count} 户结对，请先由乡镇或县在“结对帮扶—责任人名册”中办理调离移交。" if count else ""


LEAVING = [open_pairings]
