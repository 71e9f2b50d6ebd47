"""Columns of ticks (√ under 因病, 因残, 因学; 是 and 否) on the page of columns: each is said to be one choice of a field."""

from functools import partial

from fupin.excel.header import ticked_in
from fupin.excel.relabel import Repeats
from fupin.excel.titles import match

YES, NO = "tick:*:是", "tick:*:否"
_EITHER = ("是否", "有无")


def with_ticks(spec, words, repeats=None):
    """The `Repeats` of a kind with `repeats` of its own and columns of ticks. `words` {field of spec.ticked: its choices}."""
    labels = {item.name: item.label for item in spec.fields}
    choices = [
        (f"tick:{name}:{word}", f"{labels[name]}：{word}") for name, some in words.items() for word in some
    ]
    either = {name for name, label in labels.items() if label.startswith(_EITHER)}
    title, what, own, fields = "打勾的选项", "打勾的选项", (), frozenset()
    if repeats is not None:
        title, what = f"{repeats.title}、打勾的选项", f"{repeats.words}或打勾的选项"
        own, fields = repeats.choices, repeats.fields
    return Repeats(
        title, what, (*own, *choices, (YES, "打勾为“是”"), (NO, "打勾为“否”")), fields | words.keys() | either,
        partial(_find, spec, repeats, {value for value, _ in choices}), partial(_label, labels, repeats),
    )  # fmt: skip


def _find(spec, repeats, known, labels):
    found = {}
    for name, parts in ticked_in(labels, spec, match(labels, spec)).items():
        for index, word in parts:
            choice = f"tick:{name}:{word}" if f"tick:{name}:{word}" in known else f"tick:*:{word}"
            found[index] = (choice, name)
    return found | (repeats.find(labels) if repeats is not None else {})


def _label(labels, repeats, choice, name):
    if not choice.startswith("tick:"):
        return repeats.label(choice, name)
    _, field, word = choice.split(":", 2)
    return f"{labels[name if field == '*' else field]}\n{word}"
