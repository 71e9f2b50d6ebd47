from django.urls import path

from fupin.filing import views, year_views

urlpatterns = [
    path("filing/", views.filing_list, name="filing_list"),
    path("filing/file", views.filing_file, name="filing_file"),
    path("filing/rules/", views.filing_rules, name="filing_rules"),
    path("filing/<uuid:uid>/", views.filing_detail, name="filing_detail"),
    path("filing/<uuid:uid>/return", views.filing_return, name="filing_return"),
    path("filing/<uuid:uid>/<int:number>", views.filing_copy, name="filing_copy"),
    path("years/", year_views.freeze_list, name="freeze_list"),
    path("years/freeze", year_views.freeze_new, name="freeze_new"),
    path("years/<uuid:uid>/", year_views.freeze_detail, name="freeze_detail"),
    path("years/<uuid:uid>/open", year_views.freeze_open, name="freeze_open"),
    path("years/<uuid:uid>/<slug:name>", year_views.frozen_file, name="frozen_file"),
]
