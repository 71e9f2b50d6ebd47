"""What holds for some data years only."""

from django.db import models


class ByYear(models.Model):
    """A row that holds from its `first_year` to its `last_year`; None is no limit."""

    class Meta:
        abstract = True

    def holds_in(self, year):
        """Whether it applies in data year `year`."""
        return (self.first_year or 0) <= year <= (self.last_year or 9999)

    @property
    def years(self):
        """The years in words."""
        first, last = self.first_year, self.last_year
        if first is None:
            return "不限" if last is None else f"至 {last} 年"
        return f"{first} 年起" if last is None else f"{first}—{last} 年"
