from django.urls import path

from fupin.excel import report_views

urlpatterns = [
    path("reports/", report_views.report_list, name="report_list"),
    path("reports/<slug:name>/", report_views.report_detail, name="report_detail"),
    path("reports/<slug:name>/download", report_views.report_download, name="report_download"),
]
