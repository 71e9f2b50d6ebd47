"""What the mapping page shows and what it is told: one line for each column or cell, over the picture of the form."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError

from fupin.excel.table import letter_of
from fupin.onetable import meaning, picture
from fupin.onetable.structure import ITEMS, Block, flat
from fupin.onetable.vocabulary import OVER, SERIAL, Expression, parsed, words

LINES = {
    "household": "household", "person": "person", "project": "project", "homes": "household", "people": "person",
    "helper": "helper", "unit": "unit", "team": "team", "stationed": "stationed",
}  # fmt: skip
"""Kinds of lines that tell of one thing, and which."""
ONE = {
    "household": "一户", "person": "一个人", "project": "一个项目", "helper": "一名责任人", "unit": "一个单位", "team": "一个工作队",
    "stationed": "一名驻村干部",
}  # fmt: skip
UNITS = [("1", "元"), ("10000", "万元"), ("1000", "千元")]
CHOSEN = (
    "registered",
    "monitored",
    "object",
    "assisted",
    "out",
    "poor",
    "dibao",
    "tekun",
    "relocated",
    "unsafe-house",
)
PEOPLE = (
    "disabled",
    "worker",
    "student",
    "age-60",
    "labour",
    "post",
    "chronic",
    "serious",
    "female",
    "orphan",
    "party",
)


@dataclass
class Place:
    """One column or cell. `name` of its input; `text` the expression; `typed` what stands in the input."""

    name: str
    where: str
    title: str
    text: str
    typed: str
    sure: bool
    factor: str = "1"
    problem: str = ""

    @property
    def note(self):
        return words().note(self.text)

    @property
    def money(self):
        if not self.text or self.text == SERIAL:
            return False
        one, known = parsed(self.text), words()
        if one.op:
            one = Expression() if one.op == OVER else parsed(one.terms[0])
        if one.entry:
            return one.entry in known.entries and known.entries[one.entry].unit == "元"
        return one.measure in known.measures and known.measures[one.measure].unit == "元"

    @property
    def state(self):
        return "bad" if self.problem else "none" if not self.text else "ok" if self.sure else "ask"


class Page:
    """The form's meaning as it is, or as the request says it."""

    def __init__(self, form, posted=None):
        self.form, self.posted, self.problems = form, posted, []
        self.blocks = [Block.read(block) for block in form.blocks]
        self.said = form.said
        self.known = words()
        self.scope = posted.get("scope", "place") if posted else self.said["scope"]
        self.sections = [
            self._section(n, block, said)
            for n, (block, said) in enumerate(zip(self.blocks, self.said["blocks"]))
        ]
        self.choices = list(self.known.choices())
        self.bases = [(key, self.known.conditions[key].label) for key in CHOSEN]
        self.people = [(key, self.known.conditions[key].label) for key in PEOPLE]
        self.sheets = self._pictures()

    def _section(self, n, block, said):
        kind = self.posted.get(f"rows-{n}", said["rows"]) if self.posted else said["rows"]
        if kind not in meaning.KINDS:
            kind = said["rows"]
        places = [self._column(n, block, said, key) for key in said["columns"]] + [
            self._cell(n, block, said, key) for key in said["cells"]
        ]
        kinds = [
            (key, label)
            for key, label in meaning.KINDS.items()
            if (key in ("items", *meaning.GIVEN, "none")) == (block.kind == ITEMS) or key in ("none", kind)
        ]
        return {
            "n": n,
            "base": self._base(n, said),
            "block": block,
            "name": f"“{block.sheet}”"
            + (f"第 {block.header[0]} 行的表头" if block.header else "单独的格")
            + (f"，{block.section}" if block.section else ""),
            "kind": kind,
            "kinds": kinds,
            "places": places,
            "done": sum(place.state in ("ok", "ask") for place in places),
        }

    def _base(self, n, said):
        keys = self.posted.getlist(f"base-{n}") if self.posted is not None else said.get("base", [])
        return [key for key in keys if key in self.known.conditions]

    def _column(self, n, block, said, key):
        title = " / ".join(flat(title) for title in block.columns[int(key)])
        return self._place(f"c-{n}-{key}", letter_of(int(key) - 1), title, said, "columns", key)

    def _cell(self, n, block, said, key):
        row, column = map(int, key.split(","))
        titles = next((titles for r, c, titles in block.cells if (r, c) == (row, column)), [""])
        over = block.columns.get(column, [])[-1:] if len({c for _, c, _ in block.cells}) > 1 else []
        title = " / ".join(flat(title) for title in [*titles, *over])
        return self._place(
            f"k-{n}-{row}-{column}", f"{letter_of(column - 1)}{row}", title, said, "cells", key
        )

    def _place(self, name, where, title, said, part, key):
        lines = self.scope == "home" or said["rows"] in LINES
        text, factor = said[part][key], str(int(said["factors"].get(key, 1)))
        place = Place(
            name,
            where,
            title,
            text,
            self.known.label(text),
            key in said["sure"] or self.form.confirmed,
            factor,
        )
        if self.posted is not None:
            typed = self.posted.get(name, "").strip()
            if typed != place.typed:
                found = self.known.said(typed, lines=lines)
                place.typed, place.sure = typed, True
                place.text = found or ""
                if found is None:
                    place.problem = f"{where}“{title[-20:]}”：不认识“{typed}”，请从下拉里选，或清空留空。"
            place.factor = self.posted.get(f"u-{name}", place.factor)
        return place

    def answer(self):
        """`said` as the request says it. ValidationError with every place that is not understood."""
        problems = [
            place.problem for section in self.sections for place in section["places"] if place.problem
        ]
        blocks = []
        for section, held in zip(self.sections, self.said["blocks"]):
            made = (
                held
                | {"base": section["base"]}
                | {"rows": section["kind"], "columns": {}, "cells": {}, "factors": {}, "sure": []}
            )
            for key, place in zip([*held["columns"], *held["cells"]], section["places"]):
                part = "columns" if key in held["columns"] else "cells"
                made[part][key] = place.text
                made["sure"].append(key)
                if place.money and place.factor in dict(UNITS) and place.factor != "1":
                    made["factors"][key] = int(place.factor)
                elif key in held["factors"] and not place.money:
                    made["factors"][key] = held["factors"][key]
                problems += self._fits(place, section["kind"])
            blocks.append(made)
        if problems:
            raise ValidationError(problems)
        return {
            "scope": self.scope if self.scope in ("place", "home") else "place",
            "blocks": blocks,
        }

    def _fits(self, place, kind):
        """What cannot stand in lines of this kind."""
        if not place.text or place.text == SERIAL or place.problem:
            return []
        one = parsed(place.text)
        own = LINES.get(kind)
        if one.entry and one.entry in self.known.entries:
            row = self.known.entries[one.entry].row
            fits = {
                "household": ("household", "person"),
                "person": ("household", "person"),
            }.get(own, (own,))
            if kind == "items" and self.scope == "home":
                fits = ("household", "person")
            if row not in fits:
                return [
                    f"{place.where}“{place.typed}”说的是{ONE[row]}，不能用在“{meaning.KINDS.get(kind, kind)}”的表里。"
                ]
        elif own and (one.measure or one.op) and not self.known.may_stand(place.text, own):
            return [f"{place.where}“{place.typed}”是一个地方的数，不能用在“{meaning.KINDS[kind]}”的表里。"]
        return []

    def _pictures(self):
        """The sheets as they are drawn, with the places marked."""
        where = picture.cells_of(self.blocks, self.said)
        by_name = {}
        for section, held in zip(self.sections, self.said["blocks"]):
            for key, place in zip([*held["columns"], *held["cells"]], section["places"]):
                by_name[section["n"], key] = place
        return [
            picture.drawn(sheet, {at: by_name[key] for at, key in where[sheet["name"]].items()})
            for sheet in self.form.seen
            if sheet["name"] in where
        ]
