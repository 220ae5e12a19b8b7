"""Names that would break or misuse a page, put wherever a user's files, words and names reach one."""

from __future__ import annotations

from dataclasses import replace

from analysis.sweep import Analysis, analyse
from tests.sweeps import sweep
from tests.synthetic import Comparison, comparison

LINK = '<a href="https://example.org/">60+</a>'
COMMENT, BOLD, TEMPLATE = "<!--<script>", "<b>R&D</b><br>", "%{x} $1$ &lt;"
IMAGE = "<img src=x onerror=\"document.title='broken'\">"
SCRIPT = "</script><script>document.title='broken'</script>"
NAMES = (LINK, COMMENT, BOLD, TEMPLATE)
ALL = (*NAMES, IMAGE, SCRIPT)


def hostile_comparison() -> Comparison:
    """Two arms whose names, age groups, platforms, overrides, settings and manifest are such names."""
    made = comparison(5, weeks=60)
    arm, other = f"baseline+{IMAGE}", f"no_ai{SCRIPT}"
    arms = {arm: made.arms["baseline"], other: made.arms["no_ai"]}
    for runs in arms.values():
        for run in runs:
            groups = run.exhibits["groups"]
            run.exhibits["groups"] = groups.assign(age_group=list(NAMES))
            platforms = run.exhibits["platforms"]
            names = dict(zip(platforms["platform"].unique(), ALL, strict=False))
            run.exhibits["platforms"] = platforms.assign(platform=platforms["platform"].replace(names))
            flows = run.exhibits["flows"]
            run.exhibits["flows"] = flows.replace({"creators": LINK, "subscriptions": COMMENT})
            run.manifest |= {"overrides": list(ALL), "machine": SCRIPT, "model_version": BOLD}
            run.manifest["settings"]["input"] = {"followers": SCRIPT, "population": LINK}
    return Comparison(arm, other, arms, made.manifest | {"overrides": list(ALL), "machine": SCRIPT})


def hostile_analysis() -> Analysis:
    """A sweep whose name, base, counterfactual and levers' settings are such names."""
    answers = analyse(*sweep(samples=40, weeks=20))
    plan = replace(answers.sweep.plan, name=SCRIPT + LINK, base=f"baseline+{LINK}")
    frames = {
        name: replace(answer, frame=answer.frame.assign(setting=[f"{LINK}={COMMENT}"] * len(answer.frame)))
        for name, answer in answers.differences.items()
    }
    fans = {
        name: replace(answer, frame=answer.frame.assign(arm=answer.frame["arm"].replace({"baseline": LINK})))
        for name, answer in answers.fans.items()
    }
    return replace(answers, sweep=replace(answers.sweep, plan=plan), differences=frames, fans=fans)
