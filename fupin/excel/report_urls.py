from django.urls import path

from fupin.excel import report_views

urlpatterns = [
    path("reports/", report_views.report_list, name="report_list"),
    path("reports/set", report_views.report_set, name="report_set"),
    path("reports/<slug:name>/files", report_views.report_files, name="report_files"),
    path("reports/<slug:name>/", report_views.report_detail, name="report_detail"),
    path("reports/<slug:name>/download", report_views.report_download, name="report_download"),
]
