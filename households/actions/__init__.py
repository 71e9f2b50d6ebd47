"""Writing over several rows: each action keyword-only, with `by=`, one transaction, its audit event inside."""
