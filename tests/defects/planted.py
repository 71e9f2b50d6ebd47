"""The seeded defects: what is changed where, and the narrow tests that must notice. See `tests.defects.__main__`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """One change: `old`, which stands exactly once in `path`, becomes `new`. `tests` are pytest's own addresses."""

    kind: str
    what: str
    path: str
    old: str
    new: str
    tests: tuple

    def applied(self, source):
        """The source with the defect. ValueError when its place is not there, or not the only one."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.path}: {source.count(self.old)} x {self.old!r}")
        return source.replace(self.old, self.new)


DEFECTS = []


def plant(kind, what, path, old, new, *tests):
    DEFECTS.append(Defect(kind, what, path, old, new, tests))


LEAKS, SCOPE = "tests/access/test_leaks.py", "tests/access/test_scope.py"
FIELDS, REVEAL = "tests/access/test_fields.py", "tests/fupin/test_reveal.py"
HEADERS, LOGIN, LOGS = "tests/fupin/test_headers.py", "tests/fupin/test_login.py", "tests/fupin/test_logs.py"
SECOND, SESSIONS, CRYPT = "tests/fupin/test_second_factor.py", "tests/fupin/test_sessions.py", "tests/crypt"
VISITS, FORM, LIST = (
    "tests/households/test_visits.py",
    "tests/households/test_form.py",
    "tests/households/test_list.py",
)
PROMISES, USERS, PAIRS = (
    "tests/fupin/test_audit_promises.py",
    "tests/fupin/test_users.py",
    "tests/households/test_pairings.py",
)
UNITS, SECOND_PERSON, CANARY = (
    "tests/projects/test_units.py",
    "tests/fupin/test_second_person.py",
    "tests/access/test_canary.py",
)
PAST = 'unscoped("same row")'

# Rows: a scope that is gone
# fmt: off
plant("scope", "photo of anybody's visit", "households/views/visits.py",
      "    visits = Visit.objects.visible_to(request.user)\n    photo =", f"    visits = Visit.objects.{PAST}\n    photo =",
      f"{VISITS}::test_photo_is_served_to_who_may_see_the_visit_only")
plant("scope", "list of everybody's visits", "households/views/visits.py",
      "    rows = Visit.objects.walking().visible_to(request.user)\n", f"    rows = Visit.objects.{PAST}\n",
      f"{VISITS}::test_list_shows_own_pairings_and_own_region_only")
plant("scope", "any household's file", "households/views/detail.py",
      "Household.objects.visible_to(user).select_related(", f"Household.objects.{PAST}.select_related(",
      "tests/households/test_detail.py::test_strangers_get_nothing")
plant("scope", "the household list of everybody", "households/views/households.py",
      "        rows = (Household.objects.walking() if walks(request.GET) else Household.objects).visible_to(\n            request.user\n        )\n",
      f"        rows = Household.objects.{PAST}\n", f"{LIST}::test_shows_own_region_only")
plant("scope", "edit any household", "households/views/household_form.py",
      "    household = get_object_or_404(Household.objects.visible_to(request.user, P.HOUSEHOLD_EDIT), pk=pk)",
      f"    household = get_object_or_404(Household.objects.{PAST}, pk=pk)", f"{FORM}::test_strangers_get_404_and_readers_403")
plant("scope", "any project", "projects/views/detail.py", "rows = Project.objects.visible_to(request.user).select_related(",
      f"rows = Project.objects.{PAST}.select_related(", f"{LEAKS}::test_a_foreign_project_is_not_there")
plant("scope", "households behind a project", "projects/views/detail.py",
      "seen = Beneficiary.objects.filter(project=project).visible_to(request.user)",
      "seen = Beneficiary.objects.filter(project=project)",
      "tests/projects/test_pages.py::test_households_are_hidden_from_who_may_not_see_households")
plant("scope", "accounts of another region", "fupin/accounts/users.py",
      "return get_object_or_404(User.objects.visible_to(request.user), pk=pk)",
      "return get_object_or_404(User.objects.all(), pk=pk)", f"{LEAKS}::test_a_foreign_account_and_job_are_not_there")
plant("scope", "somebody else's job", "fupin/jobs/models.py",
      "return self.filter(user=user) if user.is_authenticated else self.none()", "return self.all()",
      f"{LEAKS}::test_a_foreign_account_and_job_are_not_there")
plant("scope", "a bureau's subject in other places", "households/subjects.py",
      "rows = rows.filter(rows.in_paths(user.subjects_today.get(subject, [])))", "rows = rows.all()",
      "tests/households/test_subjects.py::test_a_subject_of_another_post_or_place_is_not_there")
plant("scope", "ticked foreign households printed around", "households/views/detail.py",
      "if len(rows) < len(picked):", "if not rows:", f"{LEAKS}::test_one_foreign_household_among_the_ticked_refuses_the_print")
plant("scope", "a helper sees the whole place", "fupin/accounts/models.py",
      "            if post.role not in BY_PAIRING | BY_UNIT\n            and (permission is None or permission in GRANTS[post.role])\n        ]",
      "            if permission is None or permission in GRANTS[post.role]\n        ]", f"{LIST}::test_helper_sees_only_own_pairings")
plant("scope", "a subtree one digit too wide", "fupin/regions/models.py",
      'return path, path.ljust(PATH_WIDTH, "9")', 'return path[:-1], path[:-1].ljust(PATH_WIDTH, "9")', f"{LIST}::test_shows_own_region_only")
plant("fail open", "reads in nobody's scope pass", "fupin/regions/scope.py",
      "    raise ScopeMissing(f", "    return\n    raise ScopeMissing(f", f"{SCOPE}::test_a_process_that_said_nothing_reads_nothing")
plant("fail open", "a count needs no scope", "fupin/regions/models.py",
      "    def count(self):\n        scope.check(self)\n", "    def count(self):\n", f"{SCOPE}::test_rows_in_nobodys_scope_are_not_read")
plant("fail open", "an address without a row in the policy is open", "fupin/accounts/policy_door.py",
      "            return self._refuse(request)\n        if rule.open:", "            return None\n        if rule.open:",
      f"{SCOPE}::test_a_view_that_forgets_the_scope_is_an_error_here_and_not_there_in_production")
plant("403 for 404", "a foreign value to reveal answers 403", "fupin/accounts/reveal.py",
      "    if row is None or hidden_from(request.user, field_class(row, field)):\n        raise Http404",
      "    if row is None or hidden_from(request.user, field_class(row, field)):\n        raise PermissionDenied",
      f"{REVEAL}::test_a_row_of_another_county_does_not_exist")
plant("403 for 404", "foreign households in a bulk pairing answer 403", "households/views/pairings.py",
      "ids=sorted(foreign)[:50])\n    raise Http404", "ids=sorted(foreign)[:50])\n    from django.core.exceptions import PermissionDenied\n\n    raise PermissionDenied",
      f"{PAIRS}::test_a_foreign_id_refuses_everything_and_leaves_a_trace")
plant("count", "figures of one household shown outside one's place", "households/stats.py",
      "return 0 < pair[0] < FEW", "return False", "tests/households/test_small_cells.py")

# Fields: a mask or a class that is gone
plant("unmask", "reports show whole columns", "fupin/excel/reports.py",
      "if column.pii is None or reveal and column.pii not in hidden:", "if True:", f"{LEAKS}::test_a_file_shows_of_a_childs_numbers_nothing")
plant("unmask", "children's numbers as anybody's in files", "fupin/accounts/pii.py",
      "    if child and kind in (FieldClass.ID_NUMBER, FieldClass.PHONE):\n        kind = FieldClass.CHILD\n    return masked",
      "    return masked", f"{LEAKS}::test_a_file_shows_of_a_childs_numbers_nothing")
plant("unmask", "children's numbers as anybody's on pages", "fupin/accounts/pii.py",
      "    if kind in (FieldClass.ID_NUMBER, FieldClass.PHONE) and is_child(owner):\n        return FieldClass.CHILD\n", "",
      f"{FIELDS}::test_nothing_of_a_childs_number_is_shown_until_the_fourteenth_birthday")
plant("unmask", "illness shown masked to a role without it", "fupin/accounts/pii.py",
      "    if kind in hidden:\n        return HIDDEN\n", "", f"{LEAKS}::test_a_file_hides_illness_from_a_role_without_it")
plant("unmask", "a mask that leaves the birth date", "fupin/accounts/pii.py",
      'return text[:6] + "*" * (len(text) - 10) + text[-4:] if len(text) >= 15', 'return text[:14] + "*" * (len(text) - 18) + text[-4:] if len(text) >= 15',
      f"{LEAKS}::test_a_file_shows_of_a_childs_numbers_nothing")
plant("unmask", "the file on paper shows the number", "templates/households/_file.html",
      '{% pii p.member "id_number" %}', "{{ p.member.id_number }}", f"{LEAKS}::test_one_foreign_household_among_the_ticked_refuses_the_print")
plant("unmask", "a filled form shows notes", "fupin/onetable/cells.py",
      "        value = self._masked(text, value, listed=bool(options)) if line else value\n", "", f"{LEAKS}::test_a_filled_form_masks_children_and_hides_illness_and_says_whose_data_it_has")
plant("class", "a field loses its class", "households/field_classes.py",
      "        C.HEALTH: \"health disability_kind", "        C.HEALTH: \"disability_kind", f"{FIELDS}::test_every_field_has_a_class")
plant("class", "an imported column loses its class", "households/imports/columns.py",
      'year, "year.disability_year", FieldClass.HEALTH),', 'year, "year.disability_year"),',
      f"{LEAKS}::test_every_column_that_lists_are_read_from_and_forms_are_filled_with_has_the_class_of_its_field")
plant("permission", "whoever may look may reveal", "fupin/accounts/policy.py",
      '"reveal": page("查看一个完整号码", P.PII_REVEAL,', '"reveal": page("查看一个完整号码", VIEW,',
      "tests/access/test_matrix.py::test_a_view_says_what_the_policy_says")
plant("permission", "unmasked exports for all who export", "fupin/excel/report_views.py",
      "        if not request.user.may(P.PII_EXPORT):\n            raise PermissionDenied\n        if not is_fresh", "        if not is_fresh",
      "tests/households/test_reports.py::test_whole_data_needs_the_permission_and_a_purpose")

# The trail
plant("audit", "a reveal leaves no line", "fupin/accounts/reveal.py",
      "    record(\n        ACTION,", "    str(\n        ACTION,".replace("str(", "(lambda *a, **k: None)("), f"{REVEAL}::test_the_value_comes_after_a_reason_and_leaves_a_trace")
plant("audit", "a page that showed people leaves no line", "fupin/accounts/trail.py",
      "                if sight and response.status_code in SHOWN and request.user.is_authenticated:",
      "                if False:", f"{PROMISES}::test_a_page_and_a_file_say_whose_data_they_showed")
plant("audit", "a photo does not say whose home it shows", "households/views/visits.py",
      "    look([photo.visit.household_id])\n", "", f"{LEAKS}::test_a_photo_says_whose_home_it_shows")
plant("audit", "a filled form does not say whose data it holds", "households/indicators/listing.py",
      '            look(members=[person.row["id"]])\n', "", f"{LEAKS}::test_a_filled_form_masks_children_and_hides_illness_and_says_whose_data_it_has")
plant("audit", "an unwritable line lets the action happen", "fupin/accounts/trail.py",
      "        except NotRecorded:\n            return unwritable(request)\n        finally:", "        except NotRecorded:\n            return response\n        finally:",
      f"{PROMISES}::test_what_cannot_be_recorded_does_not_happen")
plant("audit", "a search by number leaves no line", "households/views/households.py",
      "    record(\n        \"household.search_id\",", "    (lambda *a, **k: None)(\n        \"household.search_id\",",
      f"{LIST}::test_id_number_is_searched_on_the_server_and_leaves_a_trace")

# Requests, login, sessions
plant("csrf", "the search takes a post without a token", "households/views/households.py",
      "@require_POST\n@require(P.HOUSEHOLD_VIEW)\ndef household_search(",
      '@__import__("django.views.decorators.csrf", fromlist=["csrf"]).csrf_exempt\n@require_POST\n@require(P.HOUSEHOLD_VIEW)\ndef household_search(',
      f"{HEADERS}::test_no_address_takes_a_post_without_a_token")
plant("csrf", "no token is asked for anywhere", "fupin/settings.py",
      '    "django.middleware.csrf.CsrfViewMiddleware",\n', "", f"{HEADERS}::test_no_address_takes_a_post_without_a_token")
plant("headers", "pages may be cached", "fupin/headers.py",
      '            response.headers["Cache-Control"] = "no-store"\n', "            pass\n", f"{HEADERS}::test_the_golden_headers_stand_on_every_answer")
plant("headers", "scripts need no number", "fupin/headers.py", "\"script-src 'nonce-{nonce}'\"", "\"script-src 'self'\"",
      f"{HEADERS}::test_the_golden_headers_stand_on_every_answer")
plant("headers", "a script without its nonce", "templates/base.html",
      """<script nonce="{{ request.csp_nonce }}" src="{% static 'js/fupin.js' %}\"""", """<script src="{% static 'js/fupin.js' %}\"""",
      f"{HEADERS}::test_every_script_carries_the_number_of_its_answer")
plant("logs", "ID numbers stand in the log", "fupin/logs.py",
      'return NUMBERS.sub("[号码]", text)', "return text", f"{LOGS}::test_numbers_of_people_are_taken_out")
plant("logs", "the log holds the query", "fupin/headers.py", '"path": request.path_info,', '"path": request.get_full_path(),',
      f"{LOGS}::test_a_flood_over_every_address_leaves_no_number_name_or_key_in_the_log")
plant("throttle", "fifty tries instead of five", "fupin/accounts/throttle.py", "PAIR_LIMIT = 5", "PAIR_LIMIT = 50",
      f"{LOGIN}::test_five_wrong_tries_lock_this_desk_only")
plant("throttle", "any number of values an hour", "fupin/accounts/reveal.py", "AN_HOUR = 30", "AN_HOUR = 3000",
      f"{REVEAL}::test_thirty_an_hour_is_enough")
plant("fresh login", "everybody is always fresh", "fupin/accounts/fresh.py",
      'return time.time() - max(session.get("since", 0), session.get("fresh", 0)) < MINUTES * 60', "return True",
      f"{SECOND}::test_an_unmasked_export_asks_and_goes_on_with_its_purpose")
plant("fresh login", "the policy forgets to ask before a new account", "fupin/accounts/policy.py",
      '"user_new": page("新建账号", P.USER_MANAGE, fresh=ALWAYS)', '"user_new": page("新建账号", P.USER_MANAGE)',
      "tests/access/test_matrix.py::test_a_view_that_asks_for_a_fresh_login_does_so_in_the_policy")
plant("session", "a code of the telephone counts twice", "fupin/accounts/otp.py", "            and step > after\n", "",
      f"{SECOND}::test_a_code_holds_for_its_step_and_one_on_each_side_and_never_twice")
plant("session", "sessions without an end", "fupin/accounts/sessions.py",
      'moment(min(data["seen"] + IDLE, data["since"] + ABSOLUTE))', 'moment(data["seen"] + ABSOLUTE * 9)', f"{LOGIN}::test_the_session_row_expires_after_the_idle_time_and_is_touched_once_a_minute")
plant("redirect", "the login leads to other sites", "fupin/accounts/door.py",
      "    if address and url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):\n        return address",
      "    if address:\n        return address", f"{LOGIN}::test_login_leads_nowhere_else")

# What is stored
plant("crypt", "a cipher that is not bound to its row", "fupin/crypt/sealing.py",
      'data = nonce + encrypt(nonce, value.encode(), f"{bound}{row}".encode())', "data = nonce + encrypt(nonce, value.encode(), bound.encode())",
      f"{CRYPT}/test_suites.py::test_a_token_opens_in_its_own_row_and_column_only")
plant("crypt", "sessions in the clear", "fupin/accounts/sessions.py",
      "return seal(self.serializer().dumps(session_dict), PURPOSE)", "return self.serializer().dumps(session_dict).decode()",
      f"{CRYPT}/test_at_rest.py::test_nothing_that_was_typed_searched_or_uploaded_stands_in_the_clear")
plant("version", "a step judged by today's version", "projects/views/steps.py",
      "return int(shown) if shown.isdecimal() else project.version", "return project.version",
      "tests/projects/test_pages.py::test_a_step_on_an_outdated_page_is_stopped")
plant("version", "the second to save overwrites the first", "households/views/household_form.py",
      'decided = "row" in request.POST and request.POST.get("version") == str(version)', "decided = True",
      f"{FORM}::test_the_second_to_save_sees_both_versions")
plant("formula", "text in a workbook may be a formula", "fupin/excel/sheet.py",
      'made |= {"quote_prefix": True, "text_wrap": True}', 'made |= {"text_wrap": True}',
      "tests/fupin/test_sheet.py", "tests/households/test_reports.py::test_text_stays_text")
plant("photo", "photos keep where they were taken", "fupin/photos.py",
      'clean.save(out, "JPEG", quality=quality, optimize=True)', 'clean.save(out, "JPEG", quality=quality, optimize=True, exif=image.getexif())',
      f"{VISITS}::test_photo_is_rebuilt_without_place_and_device")

# Units, second persons, notices, kept files, the canary itself
plant("scope", "a project unit sees everybody's projects", "projects/models/project.py",
      "condition |= place([path]) & named(unit)", "condition |= place([path])", f"{UNITS}::test_whose_project_it_is")
plant("scope", "a part of a unit's name is enough", "projects/models/project.py",
      "condition |= Q(**{field: unit})\n", "condition |= Q(**{f\"{field}__contains\": unit})\n", f"{UNITS}::test_whose_project_it_is")
plant("scope", "a unit of this name in every county", "projects/models/project.py",
      "condition |= place([path]) & named(unit)", "condition |= named(unit)", f"{UNITS}::test_whose_project_it_is")
plant("permission", "a project unit changes its project's plan", "fupin/accounts/roles.py",
      "Role.PROJECT_UNIT: {P.PROJECT_VIEW,", "Role.PROJECT_UNIT: {P.PROJECT_EDIT, P.PROJECT_VIEW,",
      f"{UNITS}::test_the_unit_reports_on_its_project_and_changes_nothing_else_of_it")
plant("second person", "a post holds before it is confirmed", "fupin/accounts/models.py",
      "starts_on__lte=day, waits=False)", "starts_on__lte=day)", f"{SECOND_PERSON}::test_a_grave_post_holds_only_after_the_second_persons_word")
plant("second person", "who opens a post confirms it", "fupin/accounts/actions.py",
      "return by.pk not in (post.user_id, post.opened_by_id)", "return True",
      f"{SECOND_PERSON}::test_who_opened_it_and_who_gets_it_are_no_second_person")
plant("second person", "no post needs anybody's word", "fupin/accounts/roles.py",
      "return role in ADMINISTRATION or bool(dengbao and GRAVE & GRANTS[role])", "return False",
      f"{SECOND_PERSON}::test_which_roles_wait_for_a_second_person")
plant("second person", "the total administrator never needs one", "fupin/accounts/actions.py",
      "return not confirmers(region).exclude(user__in=[by.pk, user.pk]).exists()", "return True",
      f"{SECOND_PERSON}::test_who_opened_it_and_who_gets_it_are_no_second_person")
plant("second person", "auditors work as operators", "fupin/accounts/roles.py",
      "ALONE = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.AUDITOR}",
      "ALONE = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}", f"{USERS}::test_incompatible_posts_are_refused")
plant("unmask", "a notice on the wall names a child", "households/postings.py",
      "posted_name(row.head_name, child=row.pk in children)", "posted_name(row.head_name, child=False)",
      "tests/households/test_postings.py::test_a_child_as_head_keeps_its_name")
plant("unmask", "a project's notice names a child", "projects/postings.py",
      'if row.household_id in children else', "if False else", "tests/projects/test_postings.py::test_a_child_as_head_is_not_named")
plant("scope", "notices list households out of sight", "projects/views/postings.py",
      "seen = Beneficiary.objects.filter(project=project).visible_to(request.user)",
      "seen = Beneficiary.objects.filter(project=project)", "tests/projects/test_postings.py::test_households_out_of_sight_are_not_listed")
plant("scope", "papers of any household", "households/models/paper.py",
      "Q(household=None) & self.in_paths(user.paths(permission))", "Q(household=None) & self.in_paths(user.paths(permission)) | Q(household__isnull=False)",
      "tests/households/test_papers.py::test_a_household_paper_is_for_who_sees_the_household")
plant("scope", "a file outlives the post that it was made for", "fupin/jobs/models.py",
      "user.may(permission) and all(_covered(path, user.paths(permission)) for path in paths)", "True",
      "tests/fupin/test_jobs.py::test_who_lost_the_permission_or_the_place_loses_the_file")
plant("photo", "photos of any size are decoded", "fupin/photos.py",
      "if image.width * image.height > MAX_PIXELS[image.format == \"PNG\"]:", "if False:",
      "tests/fupin/test_photos.py::test_more_pixels_than_told_are_refused_by_the_header")
plant("audit", "an altered event passes for whole", "fupin/audit/verify.py",
      "good = b.digest() == mac", "good = True", "tests/fupin/test_audit_chain.py::test_every_changed_column_is_found")
plant("canary", "the scanner opens no archive", "fupin/leak_scan.py",
      'if data[:4] != b"PK\\x03\\x04" or depth >= DEPTH:', "if True:", f"{CANARY}::test_a_leak_is_found_wherever_it_hides")
plant("canary", "the scanner trusts every place", "fupin/leak_scan.py",
      "if not allowed(place, what):\n                found", "if False:\n                found", f"{CANARY}::test_a_leak_is_found_wherever_it_hides")
plant("canary", "the walk sends no form", "fupin/crawl.py",
      "            if nth <= OWN:\n", "            if nth > OWN:\n", f"{CANARY}::test_a_form_that_leaks_for_one_choice_is_found_and_what_it_did_taken_back")
plant("assignment", "an account takes whatever the submit names", "fupin/accounts/users.py",
      "fields = form.cleaned_data | {\n", "fields = {n: v for n, v in request.POST.items() if n == \"unit\" or n == \"password_until\"} | form.cleaned_data | {\n",
      "tests/access/test_taken.py::test_a_submit_takes_what_its_form_shows_and_the_last_of_two")
plant("audit", "what was committed is noted nowhere else", "fupin/audit/chain.py",
      "transaction.on_commit(lambda: witness.note(line))", "pass",
      "tests/fupin/test_audit_chain.py::test_the_last_event_and_its_counter_and_its_writer_gone_within_seconds")
plant("crypt", "a key change writes over what was changed meanwhile", "fupin/bulk.py",
      'same = "".join(f" AND {name} {equal} %s" for name in still)',
      'same = "".join(f" AND ({name} {equal} %s OR TRUE)" for name in still)',
      "tests/crypt/test_rotation.py::test_what_changes_between_reading_and_writing_keeps_the_newer_value")
# fmt: on
