"""The story, between: what policies decide, asked before anything is attached."""

from __future__ import annotations

from imagefence.cli.demo.narrate import Ran
from imagefence.cli.demo.story import NODE, Stage
from imagefence.cli.demo.town import HOME
from imagefence.cli.published import PUBLISHED, example


def what_policies_decide(stage: Stage) -> None:
    """Step 2: lint the published policy, and simulate launches under it and under what is in force."""
    tell = stage.tell
    tell.chapter(
        "What the published policy will do",
        "The vendor publishes a policy for this: an Allow for launches whose image wears the tag. Before "
        "attaching anything, ask what it decides.",
    )
    ran = tell.run({}, "policy", "lint", "--published", "--beside-full-access", expect=3, show=7)
    tell.check("lint says that it blocks nothing beside FullAliyunAccess", "blocks-nothing" in ran.text)
    (tell.folder / PUBLISHED).write_text(example(PUBLISHED))
    beside = ("--policy", "AdministratorAccess", "--control-policy", f"{NODE}=FullAliyunAccess")
    alone = ("--policy", "AdministratorAccess", "--control-policy", f"{NODE}={PUBLISHED}")
    golden = f"hardened-2/lab-dev/{HOME}"
    simulate(stage, "team", *beside, "--control-policy", f"{NODE}={PUBLISHED}")
    simulate(stage, golden, *alone, expect=3)
    tell.say("The same core decides here and at the gate of the embedded cloud.")
    tell.close("On paper the policy is idle, or it is in everybody's way. Now for real.", good=False)


def simulate(stage: Stage, image: str, *options: str, expect: int = 0) -> Ran:
    """A launch by the developer, simulated; without policies in `options`, under those in force."""
    town = stage.town
    principal = f"acs:ram::{stage.lab.account_id}:user/dora"
    asked = ("--principal", principal, "--action", "ecs:RunInstances", "--image", town.images[image])
    return stage.tell.run(stage.as_(town.admin_key), "simulate", *asked, *options, expect=expect, show=9)
