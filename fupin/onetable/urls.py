from django.urls import path

from fupin.onetable import views

urlpatterns = [
    path("onetable/", views.onetable_list, name="onetable_list"),
    path("onetable/upload", views.onetable_upload, name="onetable_upload"),
    path("onetable/<uuid:uid>/", views.onetable_fill, name="onetable_fill"),
    path("onetable/<uuid:uid>/columns/", views.onetable_columns, name="onetable_columns"),
    path("onetable/<uuid:uid>/file", views.onetable_download, name="onetable_download"),
    path("onetable/<uuid:uid>/remove", views.onetable_remove, name="onetable_remove"),
]
