"""The project package as an app: its commands, template tags and system checks."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from fupin import checks, hardening
from fupin.crypt import guard


class FupinConfig(AppConfig):
    name = "fupin"

    def ready(self):
        # The one place that Django offers between "connected" and "used"; the rule against signals is about
        # effects on data, and this one only looks.
        assert hardening  # registered by its import
        connection_created.connect(checks.verify, dispatch_uid="fupin.verify")
        # Every way to a new database goes through `migrate`; the first key is made there, never later.
        post_migrate.connect(guard.after_migrate, dispatch_uid="fupin.keys")
