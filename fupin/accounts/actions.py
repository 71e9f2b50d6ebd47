"""What is done to accounts and posts, each with its line in the trail."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from fupin.accounts import otp, sessions
from fupin.accounts.models import OldPassword, Otp, Post, User
from fupin.accounts.passwords import KEPT
from fupin.accounts.roles import BY_PAIRING, GRANTS, Role, clash, grantable, needs_second, too_wide
from fupin.accounts.roles import Permission as P
from fupin.audit.record import record

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike: these passwords are read out over the telephone."""
NEW = timedelta(days=3)
"""How long the first password of a new account waits for its owner."""
RESET = timedelta(minutes=30)
"""How long a reset does: it is asked for on the telephone, and used there and then."""


def one_time_password():
    """Three groups of four, about 59 bits: "k7fm-2xqp-9hdt"."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def manages(by, user):
    """Whether `by` may change this account: another's, and all its present and future posts within one's own regions.
    Otherwise a township could take over the county's account by a reset."""
    if by.pk == user.pk:
        return False
    today = timezone.localdate()
    live = user.posts.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    inside = Post.objects.visible_to(by, P.USER_MANAGE).filter(user=user).count()
    return inside > 0 and not live.exclude(pk__in=Post.objects.visible_to(by, P.USER_MANAGE)).exists()


def _check(by, user):
    if not manages(by, user):
        raise PermissionDenied


@transaction.atomic
def create_user(*, by, role, region, starts_on, ends_on=None, subject="", duty_unit="", **fields):
    """A new account with its first post. Returns (user, one-time password): the only time it is known."""
    password = one_time_password()
    user = User(**fields, password_until=timezone.now() + NEW)
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    record("user.create", user, by=by, region_path=region.path)
    _open(user, by, role, region, starts_on, ends_on, subject, duty_unit)
    return user, password


@transaction.atomic
def change_user(user, *, by, **fields):
    """Change name, unit, phone, or whether the account is enabled and needs a second factor; the trail says which."""
    _check(by, user)
    if user.otp == Otp.DEMO and fields.get("otp") == Otp.BY_ROLE:
        fields = {name: value for name, value in fields.items() if name != "otp"}
    changed = [name for name, value in fields.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, fields[name])
    if changed:
        user.save(update_fields=changed)
        detail = {"active": user.is_active} if "is_active" in changed else {}
        if "is_active" in changed or "otp" in changed:
            sessions.end_all(user)
        record("user.change", user, by=by, region_path=_place(user), fields=changed, **detail)
    return changed


@transaction.atomic
def open_post(user, *, by, role, region, starts_on, ends_on=None, subject="", duty_unit=""):
    _check(by, user)
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)  # two at once must see each other's post
    return _open(user, by, role, region, starts_on, ends_on, subject, duty_unit)


def _open(user, by, role, region, starts_on, ends_on, subject, unit):
    if not grantable(role, by.posts_today) or not by_region(by, region):
        raise ValidationError("这个岗位不在您可以授予的范围内。")
    if problem := too_wide(role, region.level):
        raise ValidationError(problem)
    held = {"role": role, "subject": subject, "unit": unit, "region": region}
    waits = needs_second(role, settings.DENGBAO) and not _first(by, user, region)
    post = Post(user=user, starts_on=starts_on, ends_on=ends_on, opened_by=by, waits=waits, **held)
    post.full_clean()
    at_once = user.posts.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on))
    if ends_on:
        at_once = at_once.filter(starts_on__lte=ends_on)
    if at_once.filter(**held).exists():
        raise ValidationError("同一时间已有相同的岗位。")
    if problem := clash({role, *at_once.values_list("role", flat=True)}):
        raise ValidationError(problem)
    post.save()
    sessions.end_all(user)
    detail = {"role": role, "subject": subject, "unit": unit, "post": post.pk, "waits": waits}
    record("post.open", user, by=by, region_path=region.path, **detail)
    return post


def _first(by, user, region):
    """Whether the total administrator sets up an installation: nobody else is there yet who could confirm."""
    if not any(post.role == Role.ADMINISTRATOR for post in by.posts_today):
        return False
    return not confirmers(region).exclude(user__in=[by.pk, user.pk]).exists()


def confirmers(region):
    """The posts whose holders may confirm a post in `region` today."""
    above = [region.path[:width] for width in range(len(region.path) + 1)]
    roles = [role for role in Role if P.ACCESS_REVIEW in GRANTS[role]]
    rows = Post.objects.unscoped("posts").on(timezone.localdate())
    return rows.filter(user__is_active=True, role__in=roles, region__path__in=above)


def may_confirm(by, post):
    """Whether `by` is a second person: neither who opened the post nor who gets it."""
    return by.pk not in (post.user_id, post.opened_by_id)


@transaction.atomic
def confirm_post(post, *, by, agreed):
    """The second person's word on a post that waits: it holds from now on, or it never was. Raises ValidationError."""
    held = Post.objects.unscoped("same row").select_for_update(of=("self",)).get(pk=post.pk)
    if not held.waits:
        raise ValidationError("这个岗位已经复核过。")
    if not may_confirm(by, held):
        raise ValidationError("授予岗位的人和得到岗位的人不能自己复核，请由另一位安全管理员复核。")
    if not grantable(held.role, by.posts_today):
        raise ValidationError("总管理员的岗位只能由另一位总管理员复核。")
    action = "post.confirm" if agreed else "post.refuse"
    record(action, held.user, by=by, region_path=held.region.path, role=held.role, post=held.pk)
    if not agreed:
        held.delete()  # it never held
        return
    held.waits, held.confirmed_by = False, by
    held.save(update_fields=["waits", "confirmed_by"])
    sessions.end_all(held.user)


def by_region(by, region):
    """Whether `region` lies within the regions whose accounts `by` manages."""
    return any(region.path.startswith(path) for path in by.paths(P.USER_MANAGE))


@transaction.atomic
def end_post(post, *, by, on):
    """The post's last day is `on`. A post that begins later, or waits, has never held: it is taken back."""
    _check(by, post.user)
    if post.ends_on and post.ends_on < on:
        raise ValidationError("这个岗位已经结束。")
    detail = {"role": post.role, "post": post.pk, "on": on.isoformat()}
    record("post.end", post.user, by=by, region_path=post.region.path, **detail)
    sessions.end_all(post.user)
    if post.starts_on > on or post.waits:
        post.delete()
        return
    post.ends_on = on
    post.save(update_fields=["ends_on"])


@transaction.atomic
def end_pairing_posts(user, *, by, on):
    """End the posts that `user` holds for being paired, where `by` answers for pairings; how many. Those of other
    places, and all other posts, stay."""
    places = Post.objects.visible_to(by, P.PAIRING_EDIT)
    posts = list(
        places.filter(user=user, role__in=BY_PAIRING, starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gt=on))
        .select_related("region")
    )
    for post in posts:
        detail = {"role": post.role, "post": post.pk, "on": on.isoformat()}
        record("post.end", user, by=by, region_path=post.region.path, **detail)
        post.ends_on = on
        post.save(update_fields=["ends_on"])
    return len(posts)


@transaction.atomic
def reset_password(user, *, by):
    """A one-time password, returned once and stored only as its hash. All logins of the account end; the second
    factor stays."""
    _check(by, user)
    password = one_time_password()
    _put_aside(user)
    user.set_password(password)
    user.password_until = timezone.now() + RESET
    user.save(update_fields=["password", "password_until"])
    sessions.end_all(user)
    record("user.reset", user, by=by, region_path=_place(user))
    return password


@transaction.atomic
def change_password(user, password):
    """One's own new password, checked before. All other logins end; the page that calls this keeps its own."""
    _put_aside(user)
    user.set_password(password)
    user.password_until, user.password_at = None, timezone.now()
    user.save(update_fields=["password", "password_until", "password_at"])
    sessions.end_all(user)
    record("user.password", user, by=user)


def _put_aside(user):
    """Keep the hash of the password that ends, so that it is not taken again. One-time ones are not kept."""
    if user.password_until is None and user.has_usable_password():
        OldPassword.objects.create(user=user, password=user.password)
        old = user.old_passwords.values_list("pk", flat=True)[KEPT - 1 :]
        OldPassword.objects.filter(pk__in=list(old)).delete()


@transaction.atomic
def remove_second_factor(user, *, by):
    """Take the second factor off an account whose telephone is lost. Where it is asked for, the next login sets it
    up anew."""
    _check(by, user)
    otp.remove(user)
    sessions.end_all(user)
    record("user.otp_removed", user, by=by, region_path=_place(user))


def _place(user):
    where = user.home_region
    return where.path if where else ""
