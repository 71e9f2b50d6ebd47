"""Forms of login, accounts and posts."""

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone

from fupin.accounts import throttle
from fupin.accounts.models import User
from fupin.accounts.roles import Permission as P
from fupin.accounts.roles import Role, Subject, grantable
from fupin.regions import names
from fupin.regions.models import Region


class LoginForm(forms.Form):
    """Name and password. Unknown, wrong and disabled are one message; the count of tries is the same for all."""

    username = forms.CharField(label="账号", max_length=60)
    password = forms.CharField(label="密码", max_length=128, strip=False)

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = None

    def clean(self):
        cleaned = super().clean()
        username, password = cleaned.get("username"), cleaned.get("password")
        if not username or not password:
            return cleaned
        address = throttle.address_of(self.request)
        left = throttle.attempt(username, address)
        if left is None:
            raise ValidationError("尝试次数过多，请 10 分钟后再登录。")
        user = authenticate(self.request, username=username, password=password)
        if user is not None and user.password_until and user.password_until < timezone.now():
            user = None  # a one-time password that was never used
        if user is None:
            more = f"再错 {left} 次将锁定 10 分钟。" if left else "已锁定，请 10 分钟后再试。"
            raise ValidationError(f"账号或密码不对。{more}")
        self.user = user
        throttle.succeeded(username, address)
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
        elif first.isdigit():
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
