"""The upload form."""

from django import forms
from django.utils import timezone

from fupin.excel.batches import MAX_BYTES
from fupin.excel.imports import specs

FIRST_YEAR = 2003
ACCEPT = ".xlsx,.xls,.ods,.et,.csv,.txt,.tsv,.zip"


def kinds():
    """`[(heading, [Import])]` in the order in which they are offered."""
    groups = {}
    for spec in specs():
        groups.setdefault(spec.group, []).append(spec)
    return list(groups.items())


class UploadForm(forms.Form):
    """A file and what the user says about it. Everything but the file may be left to recognition."""

    kind = forms.ChoiceField(label="导入内容", required=False)
    year = forms.TypedChoiceField(label="所属年度", required=False, coerce=int, empty_value=None)
    as_of = forms.DateField(
        label="截至日期", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    file = forms.FileField(
        label="文件",
        widget=forms.ClearableFileInput(attrs={"accept": ACCEPT, "class": "visually-hidden"}),
        error_messages={"required": "请选择要导入的文件。", "empty": "这个文件是空的，请重新导出。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["kind"].choices = [
            ("", "自动识别"),
            *((group, [(spec.kind, spec.title) for spec in held]) for group, held in kinds()),
        ]
        self.fields["year"].choices = [
            ("", "看文件名和标题，没有写则上一年"), *((year, f"{year} 年") for year in range(today.year, FIRST_YEAR - 1, -1)),
        ]  # fmt: skip
        self.fields["as_of"].initial = today

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(f"文件大于 {MAX_BYTES >> 20} MB，请分成几个再传。")
        return file

    def clean_as_of(self):
        return self.cleaned_data["as_of"] or timezone.localdate()
