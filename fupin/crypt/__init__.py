"""Personal values at rest: encrypted per field, found by keyed digest, with keys that live outside the database.

`suites` are the algorithms, `ring` the versioned keys, `sealing` turns a value into what the column holds, `fields` and
`rows` let models and bulk work do so without knowing. docs/decisions/0024-encrypted-fields.md says why.
"""
