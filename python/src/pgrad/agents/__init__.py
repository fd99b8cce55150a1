"""Agents: they act, collect rollouts, and learn whenever a rollout is full."""

from pgrad.agents.a2c import A2C
from pgrad.agents.agent import Agent
from pgrad.agents.files import load
from pgrad.agents.npg import NPG
from pgrad.agents.ppo import PPO
from pgrad.agents.reinforce import Reinforce
from pgrad.agents.spo import SPO
from pgrad.agents.trpo import TRPO

__all__ = ["A2C", "NPG", "PPO", "SPO", "TRPO", "Agent", "Reinforce", "load"]
