"""Addresses of the project pages."""

from django.urls import path

from projects.views import beneficiaries, detail, edit, funds, lists, postings, steps, then

urlpatterns = [
    path("projects/", lists.project_list, name="project_list"),
    path("projects/then/", then.project_then, name="project_then"),
    path("projects/new/", edit.project_new, name="project_new"),
    path("projects/<int:pk>/", detail.project_detail, name="project_detail"),
    path("projects/<int:pk>/posting/", postings.project_posting, name="project_posting"),
    path("projects/<int:pk>/objections/", postings.project_objections, name="project_objections"),
    path(
        "projects/<int:pk>/posting/workbook/",
        postings.project_posting_workbook,
        name="project_posting_workbook",
    ),
    path("projects/<int:pk>/edit/", edit.project_edit, name="project_edit"),
    path("projects/<int:pk>/progress/", steps.project_progress, name="project_progress"),
    path("projects/<int:pk>/blocked/", steps.project_block, name="project_block"),
    path("projects/<int:pk>/unblocked/", steps.project_unblock, name="project_unblock"),
    path("projects/<int:pk>/beneficiaries/new/", beneficiaries.beneficiary_add, name="beneficiary_add"),
    path("projects/<int:pk>/funds/new/", funds.fund_entry_add, name="fund_entry_add"),
    path("projects/funds/<int:pk>/remove/", funds.fund_entry_remove, name="fund_entry_remove"),
    path("projects/milestones/", lists.milestone_list, name="milestone_list"),
    path("projects/milestones/<int:pk>/done/", steps.milestone_done, name="milestone_done"),
    path("projects/milestones/<int:pk>/move/", steps.milestone_move, name="milestone_move"),
    path(
        "projects/beneficiaries/<int:pk>/remove/",
        beneficiaries.beneficiary_remove,
        name="beneficiary_remove",
    ),
]
