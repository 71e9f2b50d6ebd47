"""Users, the posts they hold, what they log in with, their sessions, failed logins, and submits that already counted."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property

from fupin.accounts.roles import BY_PAIRING, BY_UNIT, GRANTS, Permission, Role, Subject
from fupin.crypt.fields import Encrypted
from fupin.crypt.rows import SealedModel, SealedQuerySet
from fupin.prepared import prepared
from fupin.regions.models import Region, RegionScopedQuerySet


class UserQuerySet(SealedQuerySet):
    def visible_to(self, user, permission=Permission.USER_MANAGE):
        """Accounts that hold or held a post within the regions where `user` has `permission`."""
        return self.filter(pk__in=Post.objects.visible_to(user, permission).values("user"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class Otp(models.TextChoices):
    """Whether a login asks for a second factor. DEMO is given by `load_demo` alone and counts only while
    settings.DEMO is on, which `up` does for nobody but this machine itself."""

    BY_ROLE = "role", "按角色"
    ON = "on", "开启"
    DEMO = "demo", "演示账号"


class User(SealedModel, AbstractBaseUser):
    """A person who logs in. What they may do comes from their posts alone; there is no superuser flag."""

    username = models.CharField("用户名", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=40)
    unit = models.CharField("单位", max_length=80, blank=True)
    phone = Encrypted("联系电话", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    password_until = models.DateTimeField("一次性密码有效至", null=True, blank=True)
    password_at = models.DateTimeField("密码设定时间", default=timezone.now)
    otp = models.CharField("两步验证", max_length=8, choices=Otp, default=Otp.BY_ROLE)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self):
        return self.name or self.username

    def _get_session_auth_hash(self, secret=None):
        """What a session must match on every request: the password and the posts of today. A session of before a
        change of either finds nobody, also when a post ends by itself at midnight."""
        held = ",".join(
            f"{post.pk}:{post.role}{post.subject}{post.unit}@{post.region.path}" for post in self.posts_today
        )
        return salted_hmac(
            "fupin.session", f"{self.password}|{held}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def password_due(self):
        """Whether the password must be changed before anything else: it is a one-time one, or too old."""
        days = settings.PASSWORD_DAYS
        return bool(
            self.password_until or (days and self.password_at < timezone.now() - timedelta(days=days))
        )

    @property
    def role_needs_otp(self):
        """Whether a post held today asks for a second factor."""
        if self.otp == Otp.DEMO and settings.DEMO:
            return False
        return any(post.role in settings.OTP_ROLES for post in self.posts_today)

    @property
    def needs_otp(self):
        """Whether a login of this person asks for a second factor."""
        return self.otp == Otp.ON or self.role_needs_otp or hasattr(self, "authenticator")

    def spend_one_time(self):
        """Use up the one-time password. False when another login has used it meanwhile."""
        spent = make_password(None)
        if not User.objects.filter(pk=self.pk, password=self.password).update(password=spent):
            return False
        self.password = spent
        return True

    @cached_property
    def posts_today(self):
        """The posts held today, with their regions: one query a request."""
        return _posts_of(self.pk, timezone.localdate())

    @cached_property
    def permissions_today(self):
        """What the posts held today grant, on whatever rows."""
        return frozenset().union(*(GRANTS[post.role] for post in self.posts_today))

    def may(self, permission):
        """Whether any post held today grants `permission`, on whatever rows."""
        return permission in self.permissions_today

    def may_by_pairing(self, permission):
        """Whether a post grants `permission` on the households paired with this person."""
        return any(
            post.role in BY_PAIRING and (permission is None or permission in GRANTS[post.role])
            for post in self.posts_today
        )

    @cached_property
    def subjects_today(self):
        """`{subject: [region path]}` of the bureau's posts held today."""
        found = {}
        for post in self.posts_today:
            if post.subject:
                found.setdefault(post.subject, []).append(post.region.path)
        return found

    def paths(self, permission=None):
        """Region paths in which a post grants `permission` (any permission when None)."""
        return [
            post.region.path
            for post in self.posts_today
            if post.role not in BY_PAIRING | BY_UNIT
            and (permission is None or permission in GRANTS[post.role])
        ]

    def units(self, permission):
        """`[(unit, region path)]` of the posts that grant `permission` on what is the unit's own, and nothing else."""
        return [
            (post.unit, post.region.path)
            for post in self.posts_today
            if post.role in BY_UNIT and permission in GRANTS[post.role]
        ]

    @property
    def home_region(self):
        """The region that pages open with: that of the widest post, or None."""
        posts = sorted(self.posts_today, key=lambda post: len(post.region.path))
        return posts[0].region if posts else None

    @property
    def role_names(self):
        return "、".join(dict.fromkeys(post.get_role_display() for post in self.posts_today))


class PostQuerySet(RegionScopedQuerySet):
    region_path = "region__path"
    permission = Permission.USER_MANAGE

    def on(self, day):
        """Posts held on `day`: begun, not ended, and confirmed where that is asked for."""
        return self.filter(starts_on__lte=day, waits=False).filter(Q(ends_on=None) | Q(ends_on__gte=day))


class Post(models.Model):
    """A role in a region for a time. A post ends by itself; it is closed, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=Role)
    subject = models.CharField("行业", max_length=12, choices=Subject, blank=True)
    unit = models.CharField("单位", max_length=80, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="区域")
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束", null=True, blank=True)
    opened_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="授予人"
    )
    waits = models.BooleanField("待复核", default=False)
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="post_ends_after_start",
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                name="post_subject_of_a_bureau",
                condition=Q(role=Role.BUREAU) & ~Q(subject="") | ~Q(role=Role.BUREAU) & Q(subject=""),
                violation_error_message="“行业部门”须选行业，其他角色没有行业。",
            ),
            models.CheckConstraint(
                name="post_unit_of_a_project_unit",
                condition=Q(role=Role.PROJECT_UNIT) & ~Q(unit="") | ~Q(role=Role.PROJECT_UNIT) & Q(unit=""),
                violation_error_message="“项目单位”须填单位，与项目的牵头单位或责任单位同名；其他角色不填。",
            ),
        ]

    def __str__(self):
        return f"{self.get_role_display()} · {self.region}"


@prepared
def _posts_of(user, day):
    rows = Post.objects.unscoped("own rows").on(day).filter(user=user)
    return rows.select_related("region").order_by("pk")


class Authenticator(SealedModel):
    """The app on a person's telephone that shows a code of six digits every 30 seconds (RFC 6238). The user is its
    key: the secret, in Base32, opens for this user only, also when somebody moves the row to another."""

    user = models.OneToOneField(
        User, models.CASCADE, primary_key=True, related_name="authenticator", verbose_name="用户"
    )
    secret = Encrypted("密钥", max_length=64)
    last_step = models.BigIntegerField("最后用过的时间步", default=0)
    since = models.DateTimeField("启用时间", auto_now_add=True)

    objects = SealedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "动态码"

    def __str__(self):
        return str(self.user)


class RecoveryCode(models.Model):
    """The hash of a code that stands in for the telephone once. Used ones are deleted."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name="用户")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "恢复码"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self):
        return str(self.user)


class OldPassword(models.Model):
    """The hash of a password that was replaced, so that it is not taken again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="old_passwords", verbose_name="用户")
    password = models.CharField("密码摘要", max_length=128)
    at = models.DateTimeField("更换时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "用过的密码"
        ordering = ["-pk"]

    def __str__(self):
        return str(self.user)


class Session(AbstractBaseSession):
    """A session with what its owner recognises it by. `handle` names it on pages; the key itself is never shown."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions", verbose_name="用户")
    handle = models.CharField("编号", max_length=16, db_index=True)
    since = models.DateTimeField("登录时间")
    seen = models.DateTimeField("最后使用")
    address = models.CharField("来源地址", max_length=45, blank=True)
    agent = models.CharField("设备", max_length=60, blank=True)

    class Meta(AbstractBaseSession.Meta):
        abstract = False

    @classmethod
    def get_session_store_class(cls):
        from fupin.accounts.sessions import SessionStore

        return SessionStore


class LoginSlot(models.Model):
    """When the next guess at a name that is being guessed at from many places may be made."""

    username = models.CharField("用户名", max_length=60, unique=True)
    free_at = models.DateTimeField("下次可试")

    class Meta:
        verbose_name = verbose_name_plural = "登录间隔"

    def __str__(self):
        return self.username


class KnownPlace(models.Model):
    """An address from which a name has entered. Guesses made elsewhere do not slow its owner down here."""

    username = models.CharField("用户名", max_length=60)
    address = models.GenericIPAddressField("来源地址")
    at = models.DateTimeField("最后登录")

    class Meta:
        verbose_name = verbose_name_plural = "登录过的地址"
        constraints = [models.UniqueConstraint(fields=["username", "address"], name="known_place_once")]

    def __str__(self):
        return f"{self.username} {self.address}"


class LoginFailure(models.Model):
    """One failed login, or one wrong second factor. Kept for the throttle only; what was tried is never stored."""

    kind = models.CharField("种类", max_length=8, default="login")
    username = models.CharField("用户名", max_length=60)
    address = models.GenericIPAddressField("来源地址", null=True)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "登录失败"
        indexes = [
            models.Index(fields=["username", "at"], name="failure_username_at"),
            models.Index(fields=["address", "at"], name="failure_address_at"),
        ]

    def __str__(self):
        return self.username


class LoginTally(models.Model):
    """Failed logins of one name from one address, added up until they are told in the trail (accounts.failures)."""

    kind = models.CharField("种类", max_length=8)
    account = models.BigIntegerField("账号编号")  # 0: no such account; the name typed may be a password
    address = models.CharField("来源地址", max_length=45, blank=True)  # "": several, once there are too many
    since = models.DateTimeField("开始")
    failed = models.PositiveIntegerField("密码或动态码不对", default=0)
    refused = models.PositiveIntegerField("未看即拒绝", default=0)
    told = models.PositiveIntegerField("已记入审计", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "登录失败合计"
        constraints = [models.UniqueConstraint(fields=["kind", "account", "address"], name="tally_once")]
        indexes = [models.Index(fields=["since"], name="tally_since")]

    def __str__(self):
        return f"{self.address} {self.failed}"


class Submission(models.Model):
    """A submit that has counted: its key, and where it led. The same key again leads there, nothing is done twice."""

    user = models.ForeignKey(User, models.CASCADE, verbose_name="用户")
    key = models.UUIDField("提交号")
    digest = models.CharField("内容摘要", max_length=64)
    location = models.CharField("结果", max_length=300)
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "已生效的提交"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="submission_once")]

    def __str__(self):
        return str(self.key)
