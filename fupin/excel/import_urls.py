from django.urls import path

from fupin.excel import grid_views, history_views, mapping_views
from fupin.excel import import_views as views

urlpatterns = [
    path("import/", views.import_list, name="import_list"),
    path("import/history/", history_views.import_history, name="import_history"),
    path("import/upload/", views.import_upload, name="import_upload"),
    path("import/templates/<slug:kind>.xlsx", views.import_template, name="import_template"),
    path("import/<uuid:uid>/", views.import_preview, name="import_preview"),
    path("import/<uuid:uid>/columns/", mapping_views.import_columns, name="import_columns"),
    path("import/<uuid:uid>/columns/reset/", mapping_views.import_mapping_reset, name="import_mapping_reset"),
    path("import/<uuid:uid>/cells/", grid_views.import_cells, name="import_cells"),
    path("import/<uuid:uid>/recheck/", grid_views.import_recheck, name="import_recheck"),
    path("import/<uuid:uid>/commit/", views.import_commit, name="import_commit"),
    path("import/<uuid:uid>/undo/", views.import_undo, name="import_undo"),
    path("import/<uuid:uid>/discard/", views.import_discard, name="import_discard"),
    path("import/<uuid:uid>/record/", history_views.import_record, name="import_record"),
    path("import/<uuid:uid>/file/", history_views.import_file, name="import_file"),
    path("import/<uuid:uid>/workbook/", history_views.import_workbook, name="import_workbook"),
    path("import/<uuid:uid>/issues.xlsx", views.import_issues, name="import_issues"),
]
