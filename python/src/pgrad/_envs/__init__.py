"""Adapts every kind of environment to one interface: arrays that a step reads and writes."""
