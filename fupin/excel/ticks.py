"""Check boxes as people type them: □是 ☑否, √危房 □非危房, 是（√） 否（ ）, 有√ 无□."""

import re
import unicodedata

EMPTY = "□☐○◯◻▢▫❏❑"
FULL = "☑■☒√✓✔✅●◉▣◼🗹"
_MARK = re.compile(f"[{EMPTY}{FULL}]")
_BRACKETS = [
    (re.compile(r"[(\[【〔]\s*[√✓✔☑■●]\s*[)\]】〕]"), "☑"),
    (re.compile(r"[(\[【〔]\s*[□☐]?\s*[)\]】〕]"), "□"),
    (re.compile(f"[{EMPTY}{FULL}][√✓✔]"), "☑"),
]
_CIRCLED = re.compile("[①-⑳]")
_EDGE = " \t\r\n,;、/.。|_"


def is_ticked(value):
    """Whether a cell holds check boxes, not only one tick that stands for yes."""
    return isinstance(value, str) and bool(_MARK.search(_plain(value)) and _MARK.sub("", value).strip(_EDGE))


def chosen(value):
    """The options that are ticked, in order ([] when none is); None when the text holds no boxes."""
    text = _plain(value)
    marks = _MARK.findall(text)
    parts = _MARK.split(text)
    if not marks or not any(part.strip(_EDGE) for part in parts):
        return None
    return [option for option, ticked in _options(parts, marks) if ticked and option]


def _plain(value):
    text = unicodedata.normalize("NFKC", _CIRCLED.sub(" ", value))
    for pattern, mark in _BRACKETS:
        text = pattern.sub(mark, text)
    return text


def _options(parts, marks):
    """`[(option, whether it is ticked)]`. A box stands before its option, or after it when the text starts so."""
    if _behind(parts):
        return [(part.strip(_EDGE), mark in FULL) for part, mark in zip(parts, marks)]
    found, pending = [], False
    for index, mark in enumerate(marks):
        option, ticked = parts[index + 1], mark in FULL
        if not option.strip(_EDGE):  # a tick of its own, typed beside a printed box
            if ticked and found and not (parts[index].endswith((" ", "\u3000")) and option == ""):
                found[-1] = (found[-1][0], True)
            else:
                pending = pending or ticked
            continue
        found.append((option.strip(_EDGE), ticked or pending))
        pending = False
    return found


def _behind(parts):
    first, second = parts[0], parts[1]
    if not first.strip(_EDGE):
        return False
    return not (first[-1:].isspace() and second.strip(_EDGE) and not second[:1].isspace())
