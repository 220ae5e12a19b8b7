"""Labour: firms offer jobs, people lose, seek and find them. It reads how studios use AI and changes nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.agents.labour_market import run_labour
from sim.agents.studios import stage_hours
from sim.agents.vendors import MODALITIES
from sim.agents.workers import Use
from sim.settings import Settings
from sim.world.week import Week
from sim.world.world import World


def match_labour(world: World, week: Week, settings: Settings) -> None:
    """Run one week of the labour market, given studios' present use of AI."""
    settings = _subsidised(settings, week.levers.retraining_subsidy)
    run_labour(world.labour, _use_of_ai(world, week, settings), settings, world.streams, world.weeks_since_release < 0)


def _subsidised(settings: Settings, strength: float) -> Settings:
    """Settings with a training subsidy of some strength (0 to 1): more people retrain, and more of them succeed."""
    if strength == 0.0:
        return settings
    labour = settings.labour
    rate = labour.retraining_rate * (1.0 + strength * (labour.subsidised_rate - 1.0))
    success = labour.retraining_success
    success += strength * max(labour.subsidised_success - success, 0.0)
    eased = replace(labour, retraining_rate=rate, retraining_success=success)
    return replace(settings, labour=eased)


def _use_of_ai(world: World, week: Week, settings: Settings) -> Use:
    """Average studios' use of AI per modality, weighted by staff; a modality without studios gets the mean of all."""
    studios, size, m = world.studios.columns, settings.world, len(MODALITIES)
    genre = world.producers.columns.genre[size.creators : size.creators + size.studios]
    hours = studios.hours.astype(np.float64)
    if not hours.any():
        hours[:] = 1.0  # no studio is open: none weighs more than another
    weight = np.zeros((m, len(hours)))
    weight[genre % m, np.arange(len(hours))] = hours
    weight[weight.sum(axis=1) == 0] = hours
    weight /= weight.sum(axis=1, keepdims=True)
    fee = week.frontier.mean_fee / stage_hours(settings).sum()
    mean_fee = np.full(m, fee.mean())
    mean_fee[: len(fee)] = fee[:m]
    return Use(weight @ studios.automated, weight @ studios.intensity, mean_fee)
