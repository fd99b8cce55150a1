"""A2C by hand: the actor-critic gradient, built from the functions of a policy."""

import numpy as np

import pgrad


def train(updates: int, n_envs: int = 8, n_steps: int = 5, gamma: float = 0.99, seed: int = 1) -> pgrad.Policy:
    """Learn CartPole; the parameters equal the parameters of `pgrad.A2C` with the same arguments."""
    env = pgrad.NativeEnv("CartPole-v1", n_envs)
    policy = pgrad.Policy(4, pgrad.Categorical(2), seed=seed)
    optimizer = pgrad.RMSProp(policy, 7e-4, epsilon=1e-5, max_grad_norm=0.5)
    observations = env.reset(seed)
    for _ in range(updates):
        rollout = []
        for _ in range(n_steps):
            actions, _ = policy.sample(observations)
            step = env.step(actions)
            ends = step.terminated, step.truncated, np.nan_to_num(step.final_observations)
            rollout.append((observations, actions, step.rewards, *ends))
            observations = step.observations
        seen, actions, rewards, terminated, truncated, final = map(np.array, zip(*rollout, strict=True))
        rows, finals = seen.reshape(-1, 4), policy.value(final.reshape(-1, 4)).reshape(rewards.shape)
        values = policy.value(rows).reshape(rewards.shape)
        inputs = rewards, values, terminated, truncated, policy.value(observations), finals
        advantages = pgrad.gae(*inputs, gamma=gamma, gae_lambda=1.0)
        # The loss of the values is half their squared error, and R - V is the advantage.
        weights = advantages.ravel() / len(rows)
        optimizer.step(policy.score_gradient(rows, actions.ravel(), weights) + policy.value_gradient(rows, weights))
    return policy


if __name__ == "__main__":
    print(pgrad.evaluate(train(2_500), "pgrad/CartPole-v1"))
