"""From findings to a plan: the choice for each, and the steps that it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from msgspec.structs import replace

from imagefence.audit.finding import Finding
from imagefence.cloud.session import Session
from imagefence.errors import Refusal
from imagefence.fix.choose import Choice, choose, refuse_idle
from imagefence.fix.observe import observe_image, observe_instance
from imagefence.fix.plan import Before, Fix, Plan, Step, Undecided, Way, seal
from imagefence.fix.steps import replace_steps, retire_steps, tag_step
from imagefence.inventory.snapshot import ImageKey, ImageRecord, Origin, Snapshot
from imagefence.scope.scope import Distribute, May, Scope, approves, wears_tags


class Impossible(Exception):  # noqa: N818 - becomes a Refusal or an undecided finding
    """Why a way can't be gone for a finding; never leaves this module."""


@dataclass(slots=True)
class Planner:
    """What planning knows: the fleet, the scope, a session for each account, and the images to prefer."""

    snapshot: Snapshot
    scope: Scope
    sessions: Mapping[str, Session]
    images: tuple[str, ...] = ()
    fixes: list[Fix] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    by_key: dict[ImageKey, ImageRecord] = field(init=False)

    def __post_init__(self) -> None:
        self.by_key = self.snapshot.by_key()

    def add(self, finding: Finding, choice: Choice) -> None:
        """Plans one finding; what can't be done is refused where it was asked for by name."""
        if choice.way is Way.ASK:
            self.leave(finding, "nobody has decided: choose tag, replace or retire with --choose")
            return
        try:
            self.fix(finding, choice.way)
        except Impossible as why:
            if choice.explicit:
                raise Refusal(
                    f"can't {choice.way} for `{finding.instance_id}`: {why}",
                    help=f"choose another way: --choose {finding.instance_id}=replace or =retire",
                ) from None
            self.leave(finding, f"can't {choice.way}: {why}")

    def fix(self, finding: Finding, way: Way) -> None:
        """Adds the fix, or the finding to the fix of its image that is there already."""
        if way is Way.TAG:
            self.tag(finding)
        elif way is Way.REPLACE:
            self.replace(finding)
        else:
            self.retire(finding)

    def leave(self, finding: Finding, why: str) -> None:
        """Lists the finding as undecided."""
        self.undecided.append(
            Undecided(
                finding=finding.id,
                rule=finding.rule.id,
                account_id=finding.account_id,
                region_id=finding.region_id,
                instance_id=finding.instance_id,
                image_id=finding.image_id,
                why=why,
            )
        )

    def tag(self, finding: Finding) -> None:
        """One fix tags the image for all of its instances in that account."""
        place = (finding.account_id, finding.region_id, finding.image_id)
        for index, fix in enumerate(self.fixes):
            if fix.way is Way.TAG and (fix.account_id, fix.region_id, fix.image_id) == place:
                self.fixes[index] = replace(
                    fix,
                    findings=(*fix.findings, finding.id),
                    instances=(*fix.instances, finding.instance_id),
                )
                return
        tags = self.tags_to_set(finding)
        before = observe_image(self.session(finding), finding.region_id, finding.image_id)
        step = tag_step(self.next_id(), finding.image_id, before.image_tags or {}, tags, self.tagging_role())
        self.fixes.append(self.fix_of(finding, Way.TAG, before, (step,)))

    def tags_to_set(self, finding: Finding) -> dict[str, str]:
        """The missing approval tags, each with its first approved value."""
        image = self.by_key.get((finding.account_id, finding.region_id, finding.image_id))
        if image is None:
            raise Impossible(f"image {finding.image_id} is gone or could not be read")
        if image.origin is not Origin.OWN:
            raise Impossible(
                f"{finding.image_id} is a {image.origin.value} image; "
                "only an image of the account's own can be approved by a tag"
            )
        missing = {k: v[0] for k, v in self.scope.tags.items() if image.tags.get(k) not in v}
        wearing = {**image.tags, **missing}
        if not approves(self.scope, wearing, image.owner_id, used_by=finding.account_id):
            raise Impossible(f"{finding.image_id} would not be approved by its tags alone")
        return missing

    def tagging_role(self) -> str:
        """The exempt role that may tag; empty where the scope names none."""
        now = self.snapshot.taken_at
        tagging = self.scope.exempt_to(May.TAG)
        return next((one.role for one in tagging if one.until is None or one.until > now), "")

    def replace(self, finding: Finding) -> None:
        """Puts the newest approved image on the instance's system disk."""
        before = self.observe(finding)
        if not before.system_disk_id:
            raise Impossible(f"{finding.instance_id} has no system disk")
        image = self.replacement(finding, before.system)
        now = observe_image(self.session(finding), finding.region_id, image.id)
        if now.image_tags is None:
            raise Impossible(f"{image.id} is not shared with account {finding.account_id}")
        steps = replace_steps(self.next_id(), before, image.id)
        self.fixes.append(replace(self.fix_of(finding, Way.REPLACE, before, steps), replacement=now))

    def retire(self, finding: Finding) -> None:
        """Ends the instance, keeping its data in snapshots."""
        before = self.observe(finding)
        if before.kept_by:
            raise Impossible(f"{finding.instance_id} is kept by {before.kept_by}")
        self.fixes.append(self.fix_of(finding, Way.RETIRE, before, retire_steps(self.next_id(), before)))

    def replacement(self, finding: Finding, system: str) -> ImageRecord:
        """The newest approved image of the account and region that fits; the named ones come first."""
        fitting = [image for image in self.snapshot.images if self.fits(image, finding, system)]
        named = [image for image in fitting if image.id in self.images]
        if not fitting or (self.images and not named):
            wanted = " or ".join(self.images) or "an approved image of the same system"
            raise Impossible(f"{wanted} is not there, approved, in {finding.account_id}/{finding.region_id}")
        oldest = datetime.min.replace(tzinfo=UTC)
        return max(named or fitting, key=lambda image: (image.created_at or oldest, image.id))

    def fits(self, image: ImageRecord, finding: Finding, system: str) -> bool:
        """True for an approved image that this account can put on this instance."""
        views = {finding.account_id}
        if self.scope.distribute is Distribute.SHARE:
            views |= set(self.scope.owner_accounts)  # a receiver sees no tags, so the owner's view speaks
        if image.account_id not in views or image.region_id != finding.region_id:
            return False
        if image.id == finding.image_id or image.status not in {"", "Available"}:
            return False
        if not wears_tags(self.scope, image.tags):
            return False
        if not approves(self.scope, image.tags, image.owner_id, used_by=finding.account_id):
            return False
        old = self.by_key.get((finding.account_id, finding.region_id, finding.image_id))
        return _windows(system) == _windows(image.platform) and (
            old is None or _same(old.architecture, image.architecture)
        )

    def observe(self, finding: Finding) -> Before:
        """The instance now; Impossible when it is gone since the audit."""
        before = observe_instance(self.session(finding), finding.region_id, finding.instance_id)
        if before is None:
            raise Impossible(f"{finding.instance_id} is gone since it was found")
        return before

    def session(self, finding: Finding) -> Session:
        """The session of the finding's account."""
        if finding.account_id not in self.sessions:
            raise Impossible(f"account {finding.account_id} can't be reached")
        return self.sessions[finding.account_id]

    def next_id(self) -> str:
        """The number of the next fix."""
        return str(len(self.fixes) + 1)

    def fix_of(self, finding: Finding, way: Way, before: Before, steps: Iterable[Step]) -> Fix:
        """Puts a fix together."""
        return Fix(
            id=self.next_id(),
            way=way,
            account_id=finding.account_id,
            region_id=finding.region_id,
            findings=(finding.id,),
            instances=(finding.instance_id,),
            image_id=finding.image_id,
            before=before,
            steps=tuple(steps),
        )


def make_plan(
    findings: Iterable[Finding],
    planner: Planner,
    choices: Iterable[Choice],
    default: Way,
    now: datetime,
) -> Plan:
    """Plans every finding.

    Tags come last: a fix that was not begun must find the tags as they were when it was planned.
    """
    found, chosen = tuple(findings), tuple(choices)
    refuse_idle(chosen, found)
    decided = [(finding, choose(finding, chosen, default)) for finding in found]
    for finding, choice in sorted(decided, key=lambda pair: pair[1].way is Way.TAG):
        planner.add(finding, choice)
    return seal(
        Plan(
            created_at=now.isoformat(timespec="milliseconds"),
            fixes=tuple(planner.fixes),
            undecided=tuple(planner.undecided),
            gaps=tuple(str(gap) for gap in planner.snapshot.gaps),
        )
    )


def _windows(text: str) -> bool:
    return "windows" in text.lower()


def _same(one: str, other: str) -> bool:
    return not one or not other or one.lower() == other.lower()
