"""The story, between: what policies decide, asked before anything is attached."""

from __future__ import annotations

from imagefence.cli.demo.story import Stage


def what_policies_decide(stage: Stage) -> None:
    """Step 2: lint the published policy, and simulate a launch under the policies in force."""
    tell = stage.tell
    tell.chapter(
        "What the published policy will do",
        "The vendor publishes a policy for this: an Allow for launches whose image wears the tag. Before "
        "attaching anything, ask what it decides.",
    )
    ran = tell.run({}, "policy", "lint", "--published", "--beside-full-access", expect=3, show=7)
    tell.check("lint says that it blocks nothing beside FullAliyunAccess", "blocks-nothing" in ran.out)
    tell.close("On paper the policy is idle. Now for real.", good=False)
