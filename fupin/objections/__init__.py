"""异议 to notices on a wall: of households, of villages that leave the list, of projects. One piece for all of them.

An app adds a table (`models.Objected`) that hangs on its own rows; the form, the acts, the page's part and the rule what an
open objection does to a notice are here.
"""
