"""Every instance of a snapshot against the scope."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from imagefence.audit.finding import Finding, Rule, Severity
from imagefence.audit.limits import road_limits
from imagefence.audit.rules import COMMUNITY, GONE, MARKETPLACE, RULES, SHARED, STOCK, UNKNOWN, UNTAGGED
from imagefence.inventory.snapshot import AccountRecord, ImageRecord, InstanceRecord, Origin, Snapshot
from imagefence.scope.scope import Scope, approves, wears_tags

BY_ORIGIN = {
    Origin.OWN: UNTAGGED,
    Origin.SHARED: SHARED,
    Origin.COMMUNITY: COMMUNITY,
    Origin.MARKETPLACE: MARKETPLACE,
    Origin.STOCK: STOCK,
}
# Why: an image that could not be read proves nothing wrong; it is a gap (exit code 4) unless asked otherwise.
FAILING = frozenset(rule.id for rule in RULES if rule is not UNKNOWN)


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit says: the findings, the snapshot they are about, and what it can't promise."""

    snapshot: Snapshot
    findings: tuple[Finding, ...]
    limits: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """True when nothing was found and nothing was left unread."""
        return not self.findings and self.snapshot.whole

    @property
    def approved(self) -> int:
        """How many instances run on approved images."""
        return len(self.snapshot.instances) - len(self.findings)

    @property
    def unjudged(self) -> int:
        """How many instances could not be judged, their image being unread."""
        return sum(finding.rule is UNKNOWN for finding in self.findings)

    @property
    def share(self) -> float | None:
        """The share of instances on approved images, from 0 to 1; None without instances."""
        instances = len(self.snapshot.instances)
        return self.approved / instances if instances else None

    def by_rule(self) -> dict[Rule, int]:
        """How many findings each rule made; rules without any are left out."""
        counts = {rule: sum(f.rule is rule for f in self.findings) for rule in RULES}
        return {rule: count for rule, count in counts.items() if count}

    def exit_code(self, failing: Collection[str] = FAILING) -> int:
        """3 with a finding of a failing rule, else 4 where something could not be read, else 0."""
        if any(finding.rule.id in failing for finding in self.findings):
            return 3
        return 0 if self.snapshot.whole and not self.unjudged else 4


def assess(snapshot: Snapshot, scope: Scope) -> Audit:
    """Audits a snapshot, keeping it beside the findings."""
    return Audit(snapshot, audit(snapshot, scope), road_limits(scope))


def audit(snapshot: Snapshot, scope: Scope) -> tuple[Finding, ...]:
    """Finds every instance whose image is not approved, in the order of accounts, regions and ids."""
    judge = Judge(snapshot, scope)
    found = (judge.finding(instance) for instance in snapshot.instances)
    order = {account.id: place for place, account in enumerate(snapshot.accounts)}
    return tuple(
        sorted(
            (finding for finding in found if finding),
            key=lambda f: (order.get(f.account_id, len(order)), f.region_id, f.instance_id),
        )
    )


def failing_rules(words: Collection[str]) -> frozenset[str] | None:
    """Turns words (`image-gone`; `medium`, which means it and worse) into rule ids; None for a stranger."""
    chosen: set[str] = set()
    order = list(Severity)
    for word in words:
        worst = next((s for s in order if s.value == word), None)
        ids = {
            r.id for r in RULES if r.id == word or (worst and order.index(r.severity) <= order.index(worst))
        }
        if not ids:
            return None
        chosen |= ids
    return frozenset(chosen)


class Judge:
    """Judges one instance at a time by what the whole snapshot knows about its image."""

    def __init__(self, snapshot: Snapshot, scope: Scope) -> None:
        self.scope = scope
        self.seen = snapshot.by_key()
        # Why: the receiver of a shared image does not see its tags (U-10); its owner does, if audited too.
        self.owned: Mapping[str, ImageRecord] = {
            image.id: image for image in snapshot.images if image.origin is Origin.OWN
        }
        self.unread = frozenset(
            (gap.account, gap.region) for gap in snapshot.gaps if gap.call == "DescribeImages"
        )
        self.accounts = {account.id: account for account in snapshot.accounts}

    def finding(self, instance: InstanceRecord) -> Finding | None:
        """The finding about an instance, or None when its image is approved."""
        image = self.image(instance)
        rule = self.rule(instance, image)
        if rule is None:
            return None
        account = self.accounts.get(instance.account_id, AccountRecord(instance.account_id))
        return Finding(
            id=finding_id(rule, instance),
            rule=rule,
            account_id=instance.account_id,
            region_id=instance.region_id,
            instance_id=instance.id,
            image_id=instance.image_id,
            why=self.why(rule, instance, image),
            instance_name=instance.name,
            instance_status=instance.status,
            image_name=image.name if image else "",
            image_owner=image.owner_id if image else "",
            account_name=account.name,
            account_path=account.path,
        )

    def image(self, instance: InstanceRecord) -> ImageRecord | None:
        """An instance's image as its account sees it, else (the share may have ended) as its owner does."""
        seen = self.seen.get((instance.account_id, instance.region_id, instance.image_id))
        owned = self.owned.get(instance.image_id)
        if seen is None and owned is not None:
            return replace(owned, origin=Origin.SHARED)
        return seen

    def rule(self, instance: InstanceRecord, image: ImageRecord | None) -> Rule | None:
        """The rule that an instance's image breaks."""
        if image is None:
            return UNKNOWN if self.blind(instance) else GONE
        owned = self.owned.get(image.id)
        # Why: a scope that shares trusts the owner account's word; where its own view was read, we check it.
        tagged = owned is None or wears_tags(self.scope, owned.tags)
        if tagged and approves(self.scope, self.tags(image), image.owner_id, used_by=instance.account_id):
            return None
        if image.origin is Origin.SHARED and image.owner_id in self.scope.owner_accounts:
            return UNTAGGED if owned else UNKNOWN
        return BY_ORIGIN[image.origin]

    def blind(self, instance: InstanceRecord) -> bool:
        """True where the image may exist, but could not be looked for."""
        places = ((instance.account_id, instance.region_id), (instance.account_id, ""))
        return not instance.image_id or any(place in self.unread for place in places)

    def tags(self, image: ImageRecord) -> Mapping[str, str]:
        """An image's tags as its owner sees them, where the owner was read, else as the user of it does."""
        owned = self.owned.get(image.id)
        return owned.tags if owned else image.tags

    def why(self, rule: Rule, instance: InstanceRecord, image: ImageRecord | None) -> str:
        """One sentence with the facts of this very case."""
        if image is None:
            return WHY_ABSENT[rule.id].format(image=instance.image_id or "its image")
        named = f"`{image.name or image.id}`"
        if rule is UNTAGGED:
            return f"{named} {wrong_tags(self.tags(image), self.scope) or WRONG_OWNER}"
        if rule is UNKNOWN:
            return f"{named} shows its tags to its owner {image.owner_id} alone, who was not audited"
        return f"{named} belongs to {OWNER.get(image.origin) or f'account {image.owner_id}'}"


WRONG_OWNER = "has the approval tags, but not an approved owner"
OWNER = {Origin.STOCK: "the cloud", Origin.MARKETPLACE: "a marketplace vendor"}
WHY_ABSENT = {
    GONE.id: "`{image}` is no longer there for the account, from any owner",
    UNKNOWN.id: "`{image}` could not be looked up",
}


def wrong_tags(tags: Mapping[str, str], scope: Scope) -> str:
    """Says which approval tags are absent or differ; empty when all are there."""
    absent = [f"`{key}`" for key in scope.tags if key not in tags]
    different = [
        f"`{key}={tags[key]}`"
        for key, values in scope.tags.items()
        if key in tags and tags[key] not in values
    ]
    parts = [f"lacks the tag {', '.join(absent)}"] if absent else []
    return " and ".join([*parts, f"is tagged {', '.join(different)}"] if different else parts)


def finding_id(rule: Rule, instance: InstanceRecord) -> str:
    """A short name for a finding that every later audit gives it again."""
    text = "/".join((rule.id, instance.account_id, instance.region_id, instance.id, instance.image_id))
    return "f-" + sha256(text.encode()).hexdigest()[:10]
