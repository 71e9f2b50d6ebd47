"""Forms of login and password."""

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError

from fupin.accounts import throttle


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
        self.user = authenticate(self.request, username=username, password=password)
        if self.user is None:
            more = f"再错 {left} 次将锁定 10 分钟。" if left else "已锁定，请 10 分钟后再试。"
            raise ValidationError(f"账号或密码不对。{more}")
        throttle.succeeded(username, address)
        return cleaned
