"""Forms of login, accounts and posts."""

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone

from fupin.accounts import failures, otp, throttle
from fupin.accounts.models import User
from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role, Subject, grantable
from fupin.regions import names
from fupin.regions.models import Region

REFUSED = "账号或密码不对，或者错误次数过多。连续错 5 次，请等 10 分钟再试；忘记密码请找本级管理员重置。"
"""One answer for unknown, wrong, disabled and locked: a guesser learns nothing from it."""
WRONG_CODE = "动态码不对、已经用过，或者错误次数过多。请等下一个动态码再输；连续错 5 次，请等 15 分钟。"
NOT_YOU = "密码或动态码不对，或者错误次数过多。连续错 5 次，请等 10 分钟再试。"


class LoginForm(forms.Form):
    """Name and password. Unknown, wrong, disabled and locked are one message."""

    username = forms.CharField(label="账号", max_length=60)
    password = forms.CharField(label="密码", max_length=128, strip=False)

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = None
        self.hashed = False

    def clean(self):
        cleaned = super().clean()
        username, password = cleaned.get("username"), cleaned.get("password")
        if not username or not password:
            return cleaned
        address = throttle.address_of(self.request)
        if not throttle.attempt(username, address):
            failures.note(throttle.LOGIN, username, address, looked=False)
            raise ValidationError(REFUSED)
        self.hashed = True
        user = authenticate(self.request, username=username, password=password)
        if user is not None and user.password_until and user.password_until < timezone.now():
            user = None  # a one-time password that was never used
        if user is None:
            failures.note(throttle.LOGIN, username, address, looked=True)
            raise ValidationError(REFUSED)
        self.user = user
        throttle.succeeded(username, address)
        return cleaned


class CodeForm(forms.Form):
    """The second step of the login of `user`: a code of the app, or a recovery code. `used` says which it was."""

    code = forms.CharField(label="动态码", max_length=20)

    def __init__(self, *args, request, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.user, self.used = request, user, None

    def clean_code(self):
        who, address = f"#{self.user.pk}", throttle.address_of(self.request)
        if not throttle.attempt(who, address, throttle.CODE):
            failures.note(throttle.CODE, who, address, looked=False)
            raise ValidationError(WRONG_CODE)
        self.used = otp.accept(self.user, self.cleaned_data["code"])
        if self.used is None:
            failures.note(throttle.CODE, who, address, looked=True)
            raise ValidationError(WRONG_CODE)
        throttle.succeeded(who, address, throttle.CODE)
        return self.cleaned_data["code"]


class AgainForm(forms.Form):
    """Password, and the code where the account has one, of who is logged in already."""

    password = forms.CharField(label="密码", max_length=128, strip=False)
    code = forms.CharField(label="动态码或恢复码", max_length=20)

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request, self.hashed = request, False
        if not hasattr(request.user, "authenticator"):
            del self.fields["code"]

    def clean(self):
        cleaned = super().clean()
        if self.errors:
            return cleaned
        user, address = self.request.user, throttle.address_of(self.request)
        if not throttle.attempt(user.username, address):
            failures.note(throttle.LOGIN, user.username, address, looked=False)
            raise ValidationError(NOT_YOU)
        self.hashed = True
        if not user.check_password(cleaned["password"]):
            failures.note(throttle.LOGIN, user.username, address, looked=True)
            raise ValidationError(NOT_YOU)
        if (
            "code" in self.fields
            and not CodeForm({"code": cleaned["code"]}, request=self.request, user=user).is_valid()
        ):
            raise ValidationError(NOT_YOU)
        throttle.succeeded(user.username, address)
        return cleaned


class RegionField(forms.CharField):
    """A place typed as its code or its name, found among `places`. The suggestions of `region_options` start
    with the code; whatever follows it is for the eye."""

    places = Region.objects.none()

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("help_text", "输入名称或区划代码，从列表中选")
        super().__init__(*args, **kwargs)
        self.widget.attrs |= {"autocomplete": "off", "list": "region-list"}

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        first = text.split()[0]
        if first in {"全国", "0"}:
            found = list(self.places.filter(path=""))
        elif first.isdecimal():
            found = list(self.places.filter(path=_path_of(first)))
        else:
            keys = {
                names.village_key(text),
                names.town_key(text),
                names.group_key(text),
                names.area_key(text),
            }
            found = list(self.places.filter(key__in=keys).order_by("path")[:6])
        if len(found) == 1:
            return found[0]
        if found:
            choices = "、".join(f"{region.path} {region.name}" for region in found)
            raise ValidationError(f"有几个同名的地方，请写代码：{choices}")
        raise ValidationError("没有找到这个地方，或者不在您的管理范围内。")


def _path_of(code):
    """The significant digits of a published 12-digit code; shorter ones are significant as they are."""
    if len(code) != 12:
        return code
    for width in (2, 4, 6, 9):
        if set(code[width:]) <= {"0"}:
            return code[:width]
    return code


class PersonForm(forms.ModelForm):
    """What an account says about its person."""

    class Meta:
        model = User
        fields = ["name", "unit", "phone"]
        widgets = {"phone": forms.TextInput(attrs={"inputmode": "tel"})}


class PostForm(forms.Form):
    """A post to be opened by `by`: the roles and places are those that `by` may give."""

    role = forms.ChoiceField(label="角色")
    subject = forms.ChoiceField(
        label="行业", required=False, choices=[("", "—"), *Subject.choices], help_text="只有行业部门要选"
    )
    duty_unit = forms.CharField(
        label="项目单位",
        required=False,
        max_length=80,
        help_text="只有项目单位要填，与项目的牵头单位或责任单位同名",
    )
    region = RegionField(label="区域")
    starts_on = forms.DateField(
        label="开始", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label="结束",
        required=False,
        help_text="不填为长期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args, by, **kwargs):
        super().__init__(*args, **kwargs)
        roles = [role for role in Role if grantable(role, by.posts_today)]
        self.fields["role"].choices = [("", "请选择"), *((role.value, role.label) for role in roles)]
        self.fields["region"].places = Region.objects.visible_to(by, P.USER_MANAGE)
        self.fields["starts_on"].initial = timezone.localdate


class NewUserForm(PersonForm):
    """The account itself; its first post is a PostForm on the same page."""

    username = forms.CharField(
        label="账号",
        min_length=3,
        max_length=60,
        help_text="3 位以上的字母、数字、点、横线，登录用，建后不改",
        validators=[RegexValidator(r"^[A-Za-z0-9._-]+\Z", "账号只能用字母、数字、点、横线和下划线。")],
    )

    class Meta(PersonForm.Meta):
        fields = ["username", "name", "unit", "phone"]


class EndPostForm(forms.Form):
    on = forms.DateField(label="最后一天")
