"""The large screen: one slide for the place, one for each of its parts; read from five metres, no one's name on it."""

from households.panels.figures import Figures, place, progress
from households.panels.pace import forecast, last_target


def slides(user, view, day):
    """`[{name, figures, progress, forecast, visits, quality}]`, the place itself first. In a meeting room others look on:
    figures of few households are withheld from everybody, and nothing opens rows."""
    own, rows = place(user, view, day)
    shown = [(view.name, Figures(own.path, own.counted, user, own.hidden, view))] + [
        (row.name, row.figures) for row in rows
    ]
    return [_slide(name, figures, day) for name, figures in shown]


def _slide(name, figures, day):
    figures.linked = False
    stood = progress(figures, day)
    hidden = stood["rate"] is None
    told = forecast(0 if hidden else stood["plan"], stood["done"], day, last_target(figures, day.year))
    doubtful = figures.share("doubtful", "all")
    return {
        "name": name,
        "figures": figures,
        "progress": stood,
        "forecast": told,
        "visits": figures.share("visit-ok", "visit-required"),
        "quality": None if doubtful is None else 1 - doubtful,
    }
