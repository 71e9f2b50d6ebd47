"""Rows without the machinery of a model: for rules that read hundreds of thousands of them.

Making an instance of a model costs ten times what reading its tuple does.
"""

from fupin.prepared import prepared


def bare(model, *borrowed):
    """A class with the columns of `model` as attributes at their defaults, and what is `borrowed` of its members.
    `pk` is the key.
    """
    body = {field.attname: field.get_default() for field in model._meta.concrete_fields}
    body |= {name: model.__dict__[name] for name in borrowed}
    body["pk"] = property(lambda row: row.id)
    return type(f"Bare{model.__name__}", (), body)


def filled(kind, values):
    """A row of the bare class `kind` with `values` {column: value}."""
    row = kind()
    row.__dict__.update(values)
    return row


class Source:
    """A query over the keys of some households, `make(ids)`, that gives rows of the model of the bare class `kind`."""

    def __init__(self, kind, model, make):
        self.kind, self.names = kind, [field.attname for field in model._meta.concrete_fields]
        self._models = prepared(make, several=("ids",))
        self._values = prepared(lambda ids: make(ids).values_list(*self.names), several=("ids",))

    def read(self, ids):
        """Bare rows, every column."""
        for values in self._values(ids):
            yield filled(self.kind, zip(self.names, values))

    def read_models(self, ids):
        """Instances of the model: for pages, which print them."""
        return self._models(ids)
