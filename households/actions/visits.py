"""Visits and what must follow from them: recording, cancelling, closing."""

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from fupin import photos as pixels
from fupin.audit.record import record
from households import kept, quota
from households.models import FollowUp, Household, Pairing, Visit, VisitPhoto

MAX_PHOTOS = 9
SURE = "sure"
"""Code of the errors that go away when the user confirms."""


@transaction.atomic
def record_visit(
    *, household, by, today, on, content, helpers=(), visitor_text="", photos=(), follow_ups=(),
    uid=None, sure=False, source=Visit.Source.WEB, **fields,
):  # fmt: skip
    """Write down one visit, its photos and its follow-ups.

    `photos` are rebuilt ones (`fupin.photos.Photo`), `follow_ups` dicts of FollowUp fields, `fields` further
    columns of Visit. Raises ValidationError for a day in the future, for the same visit a second time, and
    with the code SURE for a second visit on one day or one before the pairing, unless `sure`.
    """
    household = Household.objects.unscoped("hanging").select_for_update(of=("self",)).get(pk=household.pk)
    if on > today:
        raise ValidationError({"on": f"走访日期不能晚于今天（{today}）。"})
    if not helpers and not visitor_text:
        raise ValidationError({"helpers": "请选择走访人。"})
    _refuse_twice(household, on, helpers, visitor_text, content, sure)
    if not sure and (first := before_pairing(household, on=on, helpers=helpers)):
        raise ValidationError(
            f"走访日期早于结对开始日期（{first}），保存后不计入走访要求，请确认。", code=SURE
        )
    visit = Visit.objects.create(
        uid=uid or uuid.uuid4(), household=household, region_path=household.region_path, on=on,
        content=content, visitor_text=visitor_text, by=by, source=source,
        late=(today - on).days > quota.LATE_ENTRY_DAYS,
        counts=not why_not_counted(household, on=on, helpers=helpers, way=fields.get("way", "1")),
        **fields,
    )  # fmt: skip
    visit.helpers.set(helpers)
    FollowUp.objects.bulk_create(
        FollowUp(visit=visit, household=household, region_path=household.region_path, by=by, **row)
        for row in follow_ups
    )
    _keep_photos(visit, photos)
    kept.refresh([household.pk], today=today, names=False)
    record("visit.record", visit, by=by, household=household.pk, on=str(on), counts=visit.counts)
    return visit


def why_not_counted(household, *, on, helpers, way):
    """Why a visit does not meet the visit requirement, in words; "" when it does."""
    if way not in quota.COUNTING_WAYS:
        return "不是入户走访，不计入走访要求"
    if not helpers:
        return "走访人不是本户帮扶责任人，不计入走访要求"
    pairings = Pairing.objects.unscoped("hanging").filter(household=household, helper__in=helpers)
    if not pairings.exists():
        return "走访人不是本户帮扶责任人，不计入走访要求"
    if not pairings.current(on).exists():
        return "走访日期不在结对期间，不计入走访要求"
    return ""


def before_pairing(household, *, on, helpers):
    """The first day of the pairing when `on` lies before it, else None."""
    starts = list(
        Pairing.objects.unscoped("hanging")
        .filter(household=household, helper__in=helpers)
        .order_by("starts_on")
        .values_list("starts_on", flat=True)
    )
    return starts[0] if starts and on < starts[0] else None


def same_day(household, *, on, helpers, visitor_text=""):
    """Visits of that day to the household by any of the same people."""
    visits = Visit.objects.unscoped("hanging").filter(household=household, on=on, cancelled_reason="")
    if helpers:
        return visits.filter(helpers__in=helpers).distinct()
    return visits.filter(helpers=None, visitor_text=visitor_text)


def _refuse_twice(household, on, helpers, visitor_text, content, confirmed):
    earlier = list(
        same_day(household, on=on, helpers=helpers, visitor_text=visitor_text).values_list(
            "content", flat=True
        )
    )
    if content.strip() in {text.strip() for text in earlier}:
        raise ValidationError("这次走访已经登记过：同一天、同一户、同一走访人、同样的内容。")
    if earlier and not confirmed:
        raise ValidationError("同一天已登记过这一户的走访，请确认是第二次上门。", code=SURE)


def _keep_photos(visit, photos):
    names = []
    try:
        for photo in photos[:MAX_PHOTOS]:
            names.append(pixels.store(photo))
            VisitPhoto.objects.create(
                visit=visit, file=names[-1], sha256=photo.sha256, taken_on=photo.taken_on
            )
    except BaseException:
        pixels.discard(names)
        raise


@transaction.atomic
def cancel_visit(*, visit, by, reason, today=None):
    """Take a visit back, with the reason; it stays in the book. Its open follow-ups stay open."""
    if not reason.strip():
        raise ValidationError("请填写作废原因。")
    if (
        not Visit.objects.unscoped("same row")
        .filter(pk=visit.pk, cancelled_reason="")
        .update(cancelled_reason=reason.strip())
    ):
        raise ValidationError("这条走访已经作废。")
    kept.refresh([visit.household_id], today=today or timezone.localdate(), names=False)
    record("visit.cancel", visit, by=by, household=visit.household_id, reason=reason.strip())


@transaction.atomic
def close_follow_up(*, follow_up, by, result, today):
    """Close with a result; without one it stays open."""
    if not result.strip():
        raise ValidationError("办结须填写办理结果。")
    if (
        not FollowUp.objects.unscoped("hanging")
        .filter(pk=follow_up.pk, closed_on=None)
        .update(closed_on=today, result=result.strip())
    ):
        raise ValidationError("这件事项已经办结。")
    record("follow_up.close", follow_up, by=by, household=follow_up.household_id)


@transaction.atomic
def reopen_follow_up(*, follow_up, by, reason):
    """Open a closed one again; the result that did not hold stays in the trail."""
    if not reason.strip():
        raise ValidationError("请填写重新打开的原因。")
    if (
        not FollowUp.objects.unscoped("same row")
        .filter(pk=follow_up.pk)
        .exclude(closed_on=None)
        .update(closed_on=None)
    ):
        raise ValidationError("这件事项没有办结，不用重新打开。")
    record(
        "follow_up.reopen", follow_up, by=by, household=follow_up.household_id,
        reason=reason.strip(), result=follow_up.result, closed_on=str(follow_up.closed_on),
    )  # fmt: skip
