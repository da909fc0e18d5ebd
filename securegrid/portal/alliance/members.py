"""The alliance's own settings, and its members: add, rename, suspend, resume."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from securegrid.portal.accounts.models import User
from securegrid.portal.accounts.names import checked_name
from securegrid.portal.alliance.models import LONGEST_NAME, Alliance, Member
from securegrid.portal.refusals import Problem, Refused

MAX_NOTICE = 2_000


def the_alliance() -> Alliance:
    """The one row of settings; made with its defaults when there is none yet."""
    alliance, _ = Alliance.objects.get_or_create(pk=1)
    return alliance


def change_alliance(
    *,
    name: str | None = None,
    show_searching_member: bool | None = None,
    notice: str | None = None,
) -> Alliance:
    """Change what is given. Raises ``Refused``.

    ``show_searching_member`` holds for searches from now on: the ledger keeps what it wrote.
    """
    alliance = the_alliance()
    if name is not None:
        alliance.name = checked_name(name, longest=LONGEST_NAME)
    if show_searching_member is not None:
        alliance.show_searching_member = show_searching_member
    if notice is not None:
        alliance.notice = _checked_notice(notice)
    alliance.save()
    return alliance


def add_member(name: str) -> Member:
    """A new organisation in the alliance. Raises ``Refused``."""
    member = Member(name=checked_name(name, longest=LONGEST_NAME))
    _save_named(member)
    return member


def rename_member(member: Member, name: str) -> None:
    """Change a member's name; the ledger keeps the name of the time. Raises ``Refused``."""
    member.name = checked_name(name, longest=LONGEST_NAME)
    _save_named(member)


def suspend_member(member: Member, now: datetime) -> None:
    """Shut a member out at once: its people cannot sign in, its tokens and sessions end.

    Its MISPs are switched off by the same stroke: nobody asks a MISP of a suspended member.
    """
    with transaction.atomic():
        Member.objects.filter(pk=member.pk, suspended_at=None).update(suspended_at=now)
        User.objects.filter(member=member).update(session_epoch=F("session_epoch") + 1)
    member.refresh_from_db()


def resume_member(member: Member) -> None:
    """Let a member in again; its people sign in anew."""
    Member.objects.filter(pk=member.pk).update(suspended_at=None)
    member.refresh_from_db()


def member_by_name(name: str) -> Member | None:
    """The member called exactly ``name``, if any."""
    return Member.objects.filter(name=name.strip()).first()


def _save_named(member: Member) -> None:
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError:
        raise Refused(Problem.NAME_TAKEN, "name") from None


def _checked_notice(written: str) -> str:
    notice = written.strip()
    if len(notice) > MAX_NOTICE:
        raise Refused(Problem.NOTICE_TOO_LONG, "notice")
    return notice
