"""The story, last part: what is already wrong, and how it is put right."""

from __future__ import annotations

import json

from imagefence.audit.audit import Audit, assess
from imagefence.cli.demo.story import Stage
from imagefence.inventory.fleet import read_fleet
from imagefence.scope.parse import parse_scope

WRONG = {
    "lab-team": "image-untagged",
    "slipped-through": "image-untagged",
    "lab-old": "image-stock",
    "lab-miner": "image-community",
    "shop-appliance": "image-shared",
    "lab-forgotten": "image-gone",
}


def audit_now(stage: Stage) -> Audit:
    """The same audit as the command's, as a value for the report."""
    text = (stage.tell.folder / "fence.yaml").read_text()
    return assess(read_fleet(stage.town.admin), parse_scope(text))


def find_wrong(stage: Stage) -> Audit:
    """Step 5: what ran before the fence stood."""
    tell, town = stage.tell, stage.town
    tell.chapter(
        "What is already wrong",
        "A fence stops launches. What ran before it stood still runs: the audit holds every instance "
        "of every account and region against it.",
    )
    tell.run(stage.as_(town.admin_key), "audit", "--html", "audit.html", expect=3, show=24)
    audit = audit_now(stage)
    found = {finding.instance_name: finding.rule.id for finding in audit.findings}
    tell.check("it finds what was planted, and nothing else", found == WRONG)
    tell.check("and it read everything", audit.snapshot.whole)
    tell.close(f"{len(audit.findings)} instances run on images that nobody approved.", good=False)
    return audit


def put_right(stage: Stage) -> Audit:
    """Step 6: all three kinds of fix, then a clean audit."""
    tell, town = stage.tell, stage.town
    tell.chapter(
        "Putting it right",
        "Each finding gets a choice: approve the image by its tag, replace the system disk, or retire the "
        "instance. The plan says what is lost and how far each step can be undone.",
    )
    admin = stage.as_(town.admin_key)
    who = {**town.instances, **instance_names(stage)}
    choices = [
        f"image:{town.images['team']}=tag",
        f"{who['lab-old']}=replace",
        f"{who['shop-appliance']}=replace",
        "rule:image-gone=replace",
        f"{who['lab-miner']}=retire",
    ]
    wrong = tell.run(admin, "fix", "plan", "--choose", f"image:{town.images['stock']}=tag", expect=1, show=2)
    tell.check("a stock image can't be approved by a tag", "own can be approved by a tag" in wrong.text)
    chosen = [word for choice in choices for word in ("--choose", choice)]
    tell.run(admin, "fix", "plan", *chosen, "--out", "plan.json", show=30)
    plan = json.loads((tell.folder / "plan.json").read_text())
    ways = {fix["way"] for fix in plan["fixes"]}
    tell.check("all three kinds of fix are planned", ways == {"tag", "replace", "retire"})
    unwilling = tell.run(admin, "fix", "apply", "plan.json", "--yes", expect=1, show=2)
    tell.check("nothing is destroyed without consent", "--accept-data-loss" in unwilling.text)
    tell.run(admin, "fix", "apply", "plan.json", "--accept-data-loss", "--yes", show=26)
    tell.run(admin, "audit", show=12)
    after = audit_now(stage)
    tell.check("the second audit is clean", after.clean)
    left = {instance.name for instance in after.snapshot.instances}
    tell.check("the retired instance is gone, the others run", "lab-miner" not in left and "lab-old" in left)
    tell.close("Every instance runs on an approved image, and no other can be launched.")
    return after


def instance_names(stage: Stage) -> dict[str, str]:
    """The ids of all instances by name."""
    return {instance.name: instance.id for instance in read_fleet(stage.town.admin).instances}
