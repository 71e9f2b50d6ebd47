"""What an app must offer to take part in `load_demo`: a list DEMOS of builders in a module that
settings.DEMO_MODULES names, run in that order inside one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

SEED = 20260101

MARK = "（演示）"
"""Ends the unit of every account that the demo makes: how they are told from real ones."""


@dataclass(frozen=True)
class Order:
    """What to build. All dates hang on `today`, all chance on SEED, so one day gives one demo."""

    today: date
    households: int
    password: str
    say: Callable


@dataclass(frozen=True)
class Demo:
    """`build(order)` writes; `present()` says whether there are rows already that the demo must not mix with."""

    build: Callable
    present: Callable = lambda: False
