"""What must be refused is refused by its name, in words that say what to do, and costs next to nothing."""

import json

import pytest

from fupin.excel import reader
from fupin.excel.issues import CODES
from tests.fupin.excel import samples
from tests.fupin.excel.hostile import CASES

MEMORY = 64 << 10
"""KiB that the child may hold at most."""

ADVICE = {
    "file_type_mismatch": ("另存为 .xlsx", "分别上传"),
    "file_encrypted": ("去掉密码",),
    "file_corrupt": ("另存为 .xlsx",),
    "file_empty": ("没有数据",),
    "file_bomb": ("另存",),
    "file_entity_attack": ("另存为 .xlsx",),
    "file_macro": ("另存为不带宏的 .xlsx",),
    "file_path_traversal": ("另存为 .xlsx",),
    "too_many_columns": ("删去多余的列",),
    "cell_too_long": ("缩短",),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case, tmp_path, monkeypatch, request):
    if list(CASES).index(case) % 10 == 0:
        request.getfixturevalue("cold_child")
    code, name, make = CASES[case]
    path = tmp_path / "stored"
    path.write_bytes(make())
    heard = []
    monkeypatch.setattr(reader.Heard, "ENDED", heard.append)

    with pytest.raises(reader.Refused) as refused:
        reader.read_all(path, name)

    assert refused.value.code == code
    assert any(words in refused.value.sentence for words in ADVICE[code]), refused.value.sentence
    assert heard, "the child died"
    assert max(heard) < MEMORY


@samples.needed
def test_every_code_of_the_list_is_known_with_its_severity_and_scope():
    listed = json.loads((samples.FOLDER / "expected.json").read_text("utf-8"))["codes"]
    of_sheets = {code for code, said in listed.items() if said["severity"] == "info"}
    assert {
        code: (said["severity"], said["scope"]) for code, said in listed.items() if code not in of_sheets
    } == {code: CODES[code][:2] for code in listed if code not in of_sheets}
