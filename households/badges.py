"""The one mark that says where a household stands: colour, shape and words, always all three."""

from households import codes

_REGISTRY = {
    "1": ("active", "heart-handshake", "在帮扶"),
    "2": ("plan", "half", "拟退出"),
    "3": ("done", "circle-check", "已脱贫"),
    "4": ("red", "alert-triangle", "返贫"),
    "9": ("off", "ban", "已注销"),
}
_WATCH = ("watch", "eye", "返贫监测")
_CLEARED = ("done", "circle-check", "风险已消除")
_ORDINARY = ("tag", "", "一般农户")

_KINDS = {"0": "一般农户", "3": "脱贫户"}


def badge(registry_status, risk_state):
    """`(class suffix, icon or "", words)` of a household: closed first, then an open risk, then the register."""
    if registry_status == codes.RegistryStatus.CLOSED:
        return _REGISTRY["9"]
    if risk_state in ("1", "3"):
        return _WATCH
    if registry_status in _REGISTRY:
        return _REGISTRY[registry_status]
    return _CLEARED if risk_state == "2" else _ORDINARY


def kind(registry_status, monitor_category, dibao, tekun):
    """The one-line 户类型 of Household.kind_label, from plain values."""
    if monitor_category != "0":
        label = _MONITOR[monitor_category]
    else:
        label = _KINDS.get(registry_status) or _STATUS[registry_status]
    extra = "、".join(word for held, word in ((dibao, "低保"), (tekun, "特困")) if held)
    return f"{label}（{extra}）" if extra else label


_MONITOR = dict(codes.MonitorCategory.choices)
_STATUS = dict(codes.RegistryStatus.choices)
