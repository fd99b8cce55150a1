"""What acts, remembers, and learns whenever a rollout is full."""

from pgrad.agents.a2c import A2C
from pgrad.agents.agent import Agent
from pgrad.agents.files import load
from pgrad.agents.ppo import PPO
from pgrad.agents.reinforce import Reinforce

__all__ = ["A2C", "PPO", "Agent", "Reinforce", "load"]
