"""Who pays whom: flows of money averaged over a year before release and the last year after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sim.base.clock import LAST_WEEKS, first_averaged
from sim.money.flows import Account, Group, flows_of

LEFT_OUT = flows_of(Group.BACKGROUND)
COLUMNS: tuple[tuple[str, ...], ...] = (
    (Account.ADVERTISERS, Account.HOUSEHOLDS),
    (Account.PLATFORMS,),
    (Account.CREATORS, Account.STUDIOS, Account.FARMS, Account.VENDORS),
    (Account.WORKERS, Account.WORLD, Account.RIGHTS_HOLDERS, Account.REGULATOR, Account.CAPITAL),
)


def mean_flows(frames: Sequence[pd.DataFrame], release: str) -> pd.DataFrame:
    """Average the weekly flows of money before and after release, over replications.

    Parameters
    ----------
    frames : the `flows` of replications: week, date, flow, payer, payee, amount.
    release : ISO date of the release week.

    Returns
    -------
    columns `before` (the last 52 weeks before release) and `after` (the weeks since over which outcomes are averaged,
    none where the run ends before release), hours' wage a week; the index has the levels flow, payer, payee; the
    largest stand first.
    """
    keys = ["flow", "payer", "payee"]
    last = max((int(frame["week"].max()) for frame in frames if len(frame)), default=-1)
    parts = []
    for frame in frames:
        rows = frame[~frame["flow"].isin(LEFT_OUT)]
        early = frame["date"] < pd.Timestamp(release)
        until = int(frame.loc[early, "week"].max()) if early.any() else -1
        since = max(first_averaged(last + 1, until + 1) - 1, until)
        spans = {"before": (until - LAST_WEEKS, until), "after": (since, last)}
        means = {
            name: rows[(rows["week"] > start) & (rows["week"] <= end)].groupby(keys, observed=True)["amount"].sum()
            / max(min(end - start, end + 1), 1)
            for name, (start, end) in spans.items()
        }
        parts.append(pd.DataFrame(means).fillna(0.0))
    whole = pd.concat(parts).groupby(level=keys).sum() / max(len(frames), 1)
    order = whole.max(axis=1).sort_values(ascending=False, kind="stable").index
    ordered = whole.loc[order]
    return ordered[(ordered > 0).any(axis=1)]


def between(flows: pd.Series) -> dict[tuple[str, str], float]:
    """Sum flows by payer and payee; pairs without any are left out."""
    paired = flows.groupby(level=["payer", "payee"]).sum()
    sides = (paired.index.get_level_values(side) for side in ("payer", "payee"))
    return {
        (str(payer), str(payee)): float(amount)
        for payer, payee, amount in zip(*sides, paired, strict=True)
        if amount > 0
    }


def places(amounts: Mapping[tuple[str, str], float], gap: float = 0.06) -> dict[str, tuple[float, float]]:
    """Compute where each account stands in the picture of flows: (column, middle of its height), both from 0 to 1.

    The columns are drawn to one scale, and the accounts of each stand below each other with `gap` between them; an
    account that is in no column stands in the last. A plot that places them by itself lets some overlap.
    """
    size = {
        name: max(sum(v for pair, v in amounts.items() if pair[side] == name) for side in (0, 1))
        for name in dict.fromkeys(name for pair in amounts for name in pair)
    }
    known = {name for column in COLUMNS for name in column}
    columns = [[name for name in column if name in size] for column in COLUMNS]
    columns[-1] += sorted(size.keys() - known)
    scale = min((1.0 - gap * (len(column) - 1)) / sum(size[name] for name in column) for column in columns if column)
    found: dict[str, tuple[float, float]] = {}
    for x, column in zip((0.01, 0.34, 0.64, 0.99), columns, strict=True):
        top = 0.0
        for name in column:
            height = size[name] * scale
            found[name] = (x, min(max(top + height / 2, 0.01), 0.99))
            top += height + gap
    return found
