"""PPO by hand: the clipped surrogate, built from the functions of a policy."""

import numpy as np

import pgrad


def train(updates: int, n_steps: int = 128, n_epochs: int = 4, clip_range: float = 0.2, seed: int = 1) -> pgrad.Policy:
    """Learn CartPole; the parameters equal the parameters of `pgrad.PPO` with one minibatch per rollout."""
    env, policy = pgrad.NativeEnv("CartPole-v1", 8), pgrad.Policy(4, pgrad.Categorical(2), seed=seed)
    optimizer = pgrad.Adam(policy, epsilon=1e-5, max_grad_norm=0.5)
    observations = env.reset(seed)
    for update in range(updates):
        optimizer.learning_rate = 3e-3 * (1 - update / updates)
        rollout = []
        for _ in range(n_steps):
            actions, log_probs = policy.sample(observations)
            step = env.step(actions)
            ends = step.terminated, step.truncated, np.nan_to_num(step.final_observations)
            rollout.append((observations, actions, log_probs, step.rewards, *ends))
            observations = step.observations
        seen, actions, old, rewards, terminated, truncated, final = map(np.array, zip(*rollout, strict=True))
        rows, actions, old, shape = seen.reshape(-1, 4), actions.ravel(), old.ravel(), rewards.shape
        values, finals = policy.value(rows), policy.value(final.reshape(-1, 4)).reshape(shape)
        inputs = rewards, values.reshape(shape), terminated, truncated, policy.value(observations), finals
        advantages = pgrad.gae(*inputs, gamma=0.99, gae_lambda=0.95).ravel()
        targets = advantages + values
        advantages = (advantages - advantages.mean()) / (advantages.std(ddof=1) + 1e-8)
        for _ in range(n_epochs):
            ratio = np.exp(policy.log_prob(rows, actions) - old)
            # The surrogate is flat where the ratio has left the clip range in the direction of the advantage.
            is_flat = np.sign(advantages) * (ratio - 1) > clip_range
            gradient = policy.score_gradient(rows, actions, np.where(is_flat, 0, ratio * advantages) / len(rows))
            gradient += policy.entropy_gradient(rows, np.full(len(rows), 0.01 / len(rows)))
            optimizer.step(gradient + policy.value_gradient(rows, (targets - policy.value(rows)) / len(rows)))
    return policy


if __name__ == "__main__":
    print(pgrad.evaluate(train(60), "pgrad/CartPole-v1"))
