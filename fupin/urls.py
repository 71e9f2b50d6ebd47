"""Every address. The apps are named by string: the project package never imports them."""

from django.urls import include, path

from fupin import views

urlpatterns = [
    path("healthz", views.health, name="health"),
    path("scope/", views.scope, name="scope"),
    path("", include("fupin.accounts.urls")),
    path("", include("fupin.excel.report_urls")),
    path("", include("fupin.excel.import_urls")),
    path("", include("fupin.onetable.urls")),
    path("", include("fupin.filing.urls")),
    path("", include("fupin.audit.urls")),
    path("", include("fupin.jobs.urls")),
    path("", include("fupin.inbox.urls")),
    path("", include("fupin.board.urls")),
    path("", include("households.urls")),
    path("", include("projects.urls")),
]

handler400 = "fupin.views.bad_request"
handler403 = "fupin.views.forbidden"
handler404 = "fupin.views.not_found"
handler500 = "fupin.views.failed"
