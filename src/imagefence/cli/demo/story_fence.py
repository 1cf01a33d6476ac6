"""The story, second part: the fence, in a directory and in an account without one."""

from __future__ import annotations

from imagefence.cli.demo import acts
from imagefence.cli.demo.acts import GOLDEN_TAGS
from imagefence.cli.demo.story import NODE, Stage, is_denied, policies_named
from imagefence.cli.demo.story_policy import simulate
from imagefence.cli.demo.town import AWAY, GOLDEN_KEY, GOLDEN_VALUE, HOME
from imagefence.cloud.session import Session

EXEMPT = "image-admin"
TAG = f"{GOLDEN_KEY}={GOLDEN_VALUE}"


def fence_stands(stage: Stage) -> None:
    """Step 4: write, show, apply; then try every side of it."""
    tell, town = stage.tell, stage.town
    tell.chapter(
        "A fence that holds",
        "fence.yaml says what is approved, where the fence stands and who is exempt. The plan shows every "
        "policy as a diff, with what each form rests on; apply makes sure of the exempt role first.",
    )
    factory = town.members["image-factory"].account_id
    tell.run({}, "fence", "init", "--tag", TAG, "--owner-account", factory, "--node", NODE, show=2)
    admin = stage.as_(town.admin_key)
    shown = (("create control policy `imagefence-launch`", 6), ("what the fence rests on", 5))
    tell.run(admin, "fence", "plan", parts=shown)
    tell.run(admin, "fence", "apply", "--yes", parts=(("the fence is up", -7),))
    tell.run(admin, "fence", "status", show=10)
    untagged = stage.refused(
        "dora: RunInstances from the untagged image team-base", lambda: stage.launch("team", "never")
    )
    tell.check("the untagged launch fails with 403", is_denied(untagged))
    tell.check("and the reason names the fence's policy", "imagefence-launch" in policies_named(untagged))
    simulate(stage, "team", expect=3)
    stock = stage.refused("dora: RunInstances from a stock image", lambda: stage.launch("stock", "never"))
    tell.check("so does one from a stock image", is_denied(stock))
    golden = stage.passes(
        "dora: RunInstances from the golden image",
        lambda: stage.launch(f"hardened-2/lab-dev/{HOME}", "golden-by-api"),
    )
    tell.check("the golden launch passes", golden)
    tags_are_guarded(stage)
    tell.close("Only golden images become instances, and only the exempt role says which are golden.")


def tags_are_guarded(stage: Stage) -> None:
    """Who may set the tag, and on what."""
    tell, town = stage.tell, stage.town
    dora, team = town.developer, town.images["team"]
    member = stage.refused(
        f"dora: TagResources image team-base {GOLDEN_KEY}={GOLDEN_VALUE}",
        lambda: acts.tag(dora, HOME, "image", team, GOLDEN_TAGS),
    )
    tell.check("a member can't approve an image by tagging it", is_denied(member))
    copied = stage.refused(
        f"dora: CopyImage team-base with the tag {GOLDEN_KEY}={GOLDEN_VALUE}",
        lambda: acts.copy_image(dora, (HOME, team), AWAY, "forged", GOLDEN_TAGS),
    )
    tell.check("nor give birth to an approved one", is_denied(copied))
    exempt = town.admin.assume(stage.lab.account_id, EXEMPT)
    by_role = stage.passes(
        f"{EXEMPT}: TagResources image hardened-2 {GOLDEN_KEY}={GOLDEN_VALUE}",
        lambda: acts.tag(exempt, HOME, "image", town.images[f"hardened-2/lab-dev/{HOME}"], GOLDEN_TAGS),
    )
    tell.check("the exempt role can", by_role)
    instance = stage.passes(
        f"dora: TagResources instance lab-team {GOLDEN_KEY}={GOLDEN_VALUE}",
        lambda: acts.tag(dora, HOME, "instance", town.instances["lab-team"], GOLDEN_TAGS),
    )
    tell.check("tagging an instance with the same key still works", instance)


def account_alone(stage: Stage) -> None:
    """Step 4 without a directory: the same fence on groups and roles."""
    tell, town = stage.tell, stage.town
    tell.chapter(
        "An account without a directory",
        "There is no node to attach to, so the same fence goes on users, groups and roles as a RAM policy. "
        "It covers only whom it hangs on: status names everybody else.",
    )
    admin = stage.as_(town.solo_admin_key)
    files = ("--scope", "solo.yaml", "--journal", "solo.ndjson")
    tell.run({}, "fence", "init", *files[:2], "--tag", TAG, "--group", "developers", "--role", "ci", show=1)
    tell.run(admin, "fence", "apply", *files, "--yes", parts=(("the fence is up", -6),))
    ran = tell.run(admin, "fence", "status", *files[:2], show=12)
    tell.check("status names otto, whom the fence does not cover", "otto" in ran.text)
    untagged = stage.refused(
        "dora: RunInstances from an untagged image",
        lambda: solo_launch(stage, town.solo_developer, "community", "never"),
    )
    tell.check("a developer's untagged launch fails", is_denied(untagged))
    golden = stage.passes(
        "dora: RunInstances from the golden image",
        lambda: solo_launch(stage, town.solo_developer, "solo-golden", "solo-golden"),
    )
    tell.check("the golden one passes", golden)
    tell.close("The same fence, on principals; what it leaves open is said by name.")


def solo_launch(stage: Stage, session: Session, image: str, name: str) -> str:
    """A launch in the account without a directory."""
    town = stage.town
    return acts.launch(session, HOME, town.solo.networks[HOME], town.images[image], name, wait=False)
