"""Importing this module registers the games of the package minatar, which Gymnasium allows only once."""

import minatar.gym

minatar.gym.register_envs()
