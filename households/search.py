"""Finding people by name: two neighbouring characters are the unit (see models.SearchToken)."""

import unicodedata

from django.db.models import Exists, F, OuterRef

from fupin.bulk import insert_rows
from fupin.prepared import several
from households.models import Member, SearchToken


def _clean(name):
    text = unicodedata.normalize("NFKC", name or "")
    return (text if text.isalnum() else "".join(c for c in text if c.isalnum())).upper()


def tokens(name):
    """The two-character pieces of a name: 张小伟 gives 张小 and 小伟; a single character gives itself."""
    text = _clean(name)
    return {text[i : i + 2] for i in range(len(text) - 1)} or ({text} if text else set())


def named(rows, term):
    """Households in `rows` (a Household queryset) that hold a member whose name contains `term`.

    Two characters are answered from the token index alone. Longer terms take one piece from the index and
    compare whole names within it. One character compares the beginning of the head's name.

    The rows carry `token_place` and `token_household`, the index's own copy of (region_path, id): whoever sorts
    by place sorts and pages by those, and the database reads the index in order and stops at the page's end.
    """
    text = _clean(term)
    if not text:
        return rows
    if len(text) == 1:
        return rows.filter(head_name__startswith=text)
    first, *others = sorted(tokens(text))
    rows = rows.filter(tokens__token=first).annotate(
        token_place=F("tokens__region_path"), token_household=F("tokens__household_id")
    )
    held = SearchToken.objects.filter(household=OuterRef("pk"), region_path=OuterRef("region_path"))
    for piece in others:
        rows = rows.filter(Exists(held.filter(token=piece)))
    if len(text) > 2:
        rows = rows.filter(
            Exists(
                Member.objects.unscoped("hanging").filter(
                    household=OuterRef("pk"), left_on=None, name__contains=term.strip()
                )
            )
        )
    return rows


def refresh(household_ids):
    """Rebuild the tokens of these households from the names of their members today. Call in a transaction."""
    household_ids = list(household_ids)
    for start in range(0, len(household_ids), 500):
        chunk = household_ids[start : start + 500]
        SearchToken.objects.filter(household__in=chunk).delete()
        wanted = set()
        for household, path, name in _names(chunk):
            wanted |= {(piece, path, household) for piece in tokens(name)}
        add(wanted)


@several("ids")
def _names(ids):
    rows = Member.objects.unscoped("hanging").filter(household__in=ids, left_on=None)
    return rows.values_list("household_id", "household__region_path", "name")


def add(entries):
    """Write tokens of households that had none: `(piece, region path, household)`. Call in a transaction."""
    insert_rows(SearchToken, ("token", "region_path", "household"), sorted(entries), derived=True)
