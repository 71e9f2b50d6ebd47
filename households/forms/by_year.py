"""Forms of what holds for some data years only."""

from fupin.steady import Steady


class ByYearForm(Steady):
    """A form with `first_year` and `last_year`, either of which may be left open."""

    def clean(self):
        data = super().clean()
        first, last = data.get("first_year"), data.get("last_year")
        if first and last and last < first:
            self.add_error("last_year", "最后年度不能早于启用年度。")
        return data
