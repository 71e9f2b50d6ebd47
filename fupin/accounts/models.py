"""Users, the posts they hold, failed logins, and submits that already counted."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from fupin.accounts.roles import BY_PAIRING, GRANTS, Permission, Role, Subject
from fupin.regions.models import Region, RegionScopedQuerySet


class UserQuerySet(models.QuerySet):
    def visible_to(self, user, permission=Permission.USER_MANAGE):
        """Accounts that hold or held a post within the regions where `user` has `permission`."""
        return self.filter(pk__in=Post.objects.visible_to(user, permission).values("user"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who logs in. What they may do comes from their posts alone; there is no superuser flag."""

    username = models.CharField("用户名", max_length=60, unique=True)
    name = models.CharField("姓名", max_length=40)
    unit = models.CharField("单位", max_length=80, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    password_until = models.DateTimeField("一次性密码有效至", null=True, blank=True)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering = ["username"]

    def __str__(self):
        return self.name or self.username

    @cached_property
    def posts_today(self):
        """The posts held today, with their regions: one query a request."""
        return list(self.posts.on(timezone.localdate()).select_related("region").order_by("pk"))

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
            if post.role not in BY_PAIRING and (permission is None or permission in GRANTS[post.role])
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
        """Posts held on `day`."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))


class Post(models.Model):
    """A role in a region for a time. A post ends by itself; it is closed, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="posts", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=Role)
    subject = models.CharField("行业", max_length=12, choices=Subject, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="区域")
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束", null=True, blank=True)

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
        ]

    def __str__(self):
        return f"{self.get_role_display()} · {self.region}"


class LoginFailure(models.Model):
    """One failed login. Kept for the throttle only; the password that was tried is never stored."""

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
