"""WSGI entry for the application server that `manage.py up` starts.

Everything is read before the server forks, and nothing of it is looked through for garbage again: it is read once instead
of once a process, its memory stays shared, and who asks first waits no longer than who asks next.
"""

import gc
import os

gc.disable()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import get_resolver  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fupin.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018 - reading them is what is wanted: the views with all that they need
gc.freeze()
gc.enable()
