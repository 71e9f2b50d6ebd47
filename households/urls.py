"""Addresses of the household pages."""

from django.urls import path

from households.views import (
    crosschecks,
    detail,
    doubts,
    household_form,
    households,
    income_items,
    life,
    lifecycle,
    measures,
    moves,
    pairings,
    sights,
    villages,
    visits,
)

urlpatterns = [
    path("households/", households.household_list, name="household_list"),
    path("households/search/", households.household_search, name="household_search"),
    path("households/bulk/", detail.household_bulk, name="household_bulk"),
    path("households/<int:pk>/print/", detail.household_print, name="household_print"),
    path("households/<int:pk>/", detail.household_detail, name="household_detail"),
    # Visits, follow-ups, pairings, measures
    path("my/", visits.my_households, name="my_households"),
    path("households/<int:pk>/visit/", visits.visit_create, name="visit_create"),
    path("visits/", visits.visit_list, name="visit_list"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<int:pk>/cancel/", visits.visit_cancel, name="visit_cancel"),
    path("visits/photos/<int:pk>/", visits.visit_photo, name="visit_photo"),
    path("follow-ups/", visits.follow_up_list, name="follow_up_list"),
    path("follow-ups/<int:pk>/close/", visits.follow_up_close, name="follow_up_close"),
    path("follow-ups/<int:pk>/reopen/", visits.follow_up_reopen, name="follow_up_reopen"),
    path("pairings/", pairings.unpaired_list, name="unpaired_list"),
    path("pairings/assign/", pairings.pairing_assign, name="pairing_assign"),
    path("households/<int:pk>/pair/", pairings.pairing_create, name="pairing_create"),
    path("pairings/<int:pk>/end/", pairings.pairing_end, name="pairing_end"),
    path("helpers/", pairings.helper_list, name="helper_list"),
    path("helpers/new/", pairings.helper_create, name="helper_create"),
    path("helpers/<int:pk>/", pairings.helper_detail, name="helper_detail"),
    path("helpers/<int:pk>/edit/", pairings.helper_edit, name="helper_edit"),
    path("measures/", measures.measure_list, name="measure_list"),
    path("households/<int:pk>/measures/new/", measures.measure_create, name="measure_create"),
    path("measures/<int:pk>/", measures.measure_edit, name="measure_edit"),
    path("measures/<int:pk>/done/", measures.measure_done, name="measure_done"),
    path("measures/<int:pk>/reopen/", measures.measure_reopen, name="measure_reopen"),
    # The household form, its doubts, the steps of its life
    path("households/new/", household_form.household_new, name="household_new"),
    path("households/check-id/", household_form.id_check, name="id_check"),
    path("households/<int:pk>/edit/", household_form.household_edit, name="household_edit"),
    path("households/<int:pk>/doubts/", household_form.household_doubts, name="household_doubts"),
    path("doubts/", doubts.doubt_list, name="doubt_list"),
    path("doubts/<int:pk>/explain/", doubts.doubt_explain, name="doubt_explain"),
    path("households/<int:pk>/steps/", lifecycle.household_steps, name="household_steps"),
    path("households/<int:pk>/steps/<str:step>/", lifecycle.household_step, name="household_step"),
    path("households/<int:pk>/target/", lifecycle.household_target, name="household_target"),
    # Clues out of bureaus' lists
    path("checks/", crosschecks.crosscheck_list, name="crosscheck_list"),
    path("checks/<int:pk>/", crosschecks.crosscheck_edit, name="crosscheck_edit"),
    path("checks/<int:pk>/reopen/", crosschecks.crosscheck_reopen, name="crosscheck_reopen"),
    path("households/<int:pk>/move/", moves.household_move, name="household_move"),
    path("households/members/<int:pk>/move/", moves.member_move, name="member_move"),
    # What a county counts as income
    path("income-items/", income_items.item_list, name="income_item_list"),
    path("income-items/new/", income_items.item_create, name="income_item_create"),
    path("income-items/<int:pk>/", income_items.item_edit, name="income_item_edit"),
    # The life of personal data
    path("households/<int:pk>/privacy/", life.household_privacy, name="household_privacy"),
    path("households/<int:pk>/notice/", life.notice_record, name="notice_record"),
    path("households/<int:pk>/hold/", life.hold_change, name="hold_change"),
    path("households/members/<int:pk>/export/", life.person_export, name="person_export"),
    path("retention/", life.retention, name="retention"),
    # Whose data was seen
    path("audit/who-saw/", sights.who_saw, name="who_saw"),
    # Village profiles
    path("villages/", villages.village_list, name="village_list"),
    path("villages/<str:path>/", villages.village_detail, name="village_detail"),
    path("villages/<str:path>/edit/", villages.village_edit, name="village_edit"),
]
