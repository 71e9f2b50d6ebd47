"""The trail as an app: its triggers are made after every migration."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def guard(sender, using="default", **kwargs):
    from django.db import connections

    from fupin.audit import chain, triggers

    if {triggers.TABLES[0], triggers.SLOTS} <= set(connections[using].introspection.table_names()):
        chain.make_slots(connections[using])
        triggers.create(connections[using])


class AuditConfig(AppConfig):
    name = "fupin.audit"

    def ready(self):
        # Triggers are schema, not data, and a migration that rebuilds the table drops them: this is the one place
        # that is passed after each.
        post_migrate.connect(guard, sender=self, dispatch_uid="fupin.audit.guard")
