/*
 * C++17: handles that destroy themselves, errors as exceptions, and an environment that is a class.
 *
 * A cart on a rail starts anywhere in [-1, 1] and is pushed by a force in [-1, 1]. The reward is minus the squared
 * distance from the middle, minus a little for speed and force. Every episode ends after 100 steps by a time limit.
 *
 * Trains PPO with a squashed Gaussian policy, then prints where the greedy policy leaves a cart that starts at 1.
 * Exit status 0: it learned to stop in the middle.
 */
#include <pgrad.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace {

void must(pgrad_status status) {
  if (status != PGRAD_OK) throw std::runtime_error(pgrad_last_error());
}

/** Destroys a handle by the function of its type. */
template <auto destroy>
struct Destroy {
  template <typename Handle>
  void operator()(Handle *handle) const noexcept {
    destroy(handle);
  }
};

using Policy = std::unique_ptr<pgrad_policy, Destroy<pgrad_policy_destroy>>;
using Agent = std::unique_ptr<pgrad_agent, Destroy<pgrad_agent_destroy>>;
using Environment = std::unique_ptr<pgrad_env, Destroy<pgrad_env_destroy>>;

/** Calls pgrad_…_create with an out-parameter, and owns what it returns. */
template <typename Owner, typename Create, typename... Arguments>
Owner make(Create create, Arguments... arguments) {
  typename Owner::pointer handle = nullptr;
  must(create(&handle, arguments...));
  return Owner(handle);
}

/** A structure of options with the library's defaults. */
template <typename Options, typename Init>
Options defaults(Init init) {
  Options options;
  must(init(&options, sizeof options));
  return options;
}

constexpr pgrad_action_part force{PGRAD_SQUASHED_GAUSSIAN, 1, -1, 1};

struct Cart {
  float position = 0, speed = 0;
  int steps = 0;

  /** One tenth of a second. @return the reward. */
  float push(float newtons) {
    speed += 0.1f * newtons;
    position += 0.1f * speed;
    steps += 1;
    return -position * position - 0.1f * speed * speed - 0.01f * newtons * newtons;
  }
};

class Carts {
 public:
  explicit Carts(std::size_t count) : carts(count) {}

  void reset(std::uint64_t seed, float *observations) {
    random.seed(seed);
    for (Cart &cart : carts) start(cart), observations = write(cart, observations);
  }

  void step(const float *forces, float *rewards, std::uint8_t *terminated, std::uint8_t *truncated, float *next,
            float *last) {
    for (Cart &cart : carts) {
      *rewards++ = cart.push(*forces++);
      *terminated++ = 0;
      *truncated = cart.steps == 100;
      if (*truncated++) write(cart, last), start(cart);
      next = write(cart, next), last += 2;
    }
  }

 private:
  void start(Cart &cart) { cart = {std::uniform_real_distribution<float>(-1, 1)(random)}; }
  static float *write(const Cart &cart, float *observation) {
    *observation++ = cart.position, *observation++ = cart.speed;
    return observation;
  }

  std::mt19937_64 random;
  std::vector<Cart> carts;
};

/** Runs a callback's body. An exception may not pass through C, so it becomes a failure. */
template <typename Body>
std::int32_t guarded(Body body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    return 1;
  }
}

Environment environment(std::unique_ptr<Carts> carts, std::int64_t count) {
  auto callbacks = defaults<pgrad_env_callbacks>(pgrad_env_callbacks_init);
  callbacks.n_envs = count, callbacks.observation_size = 2, callbacks.parts = &force, callbacks.part_count = 1;
  callbacks.context = carts.get();
  callbacks.reset = [](void *context, std::uint64_t seed, float *observations) {
    return guarded([=] { static_cast<Carts *>(context)->reset(seed, observations); });
  };
  callbacks.step = [](void *context, const float *actions, float *rewards, std::uint8_t *terminated,
                      std::uint8_t *truncated, float *next, float *last) {
    return guarded([=] { static_cast<Carts *>(context)->step(actions, rewards, terminated, truncated, next, last); });
  };
  callbacks.destroy = [](void *context) { delete static_cast<Carts *>(context); };
  auto made = make<Environment>(pgrad_env_create_callbacks, &callbacks);
  (void)carts.release(); /* the environment destroys them now */
  return made;
}

float restingPlace(pgrad_policy *policy) {
  Cart cart{1};
  while (cart.steps < 100) {
    const std::array<float, 2> observation{cart.position, cart.speed};
    float newtons = 0;
    must(pgrad_policy_mode(policy, observation.data(), 1, &newtons));
    cart.push(newtons);
  }
  return cart.position;
}

void run() {
  constexpr std::int64_t count = 16;
  auto shape = defaults<pgrad_policy_config>(pgrad_policy_config_init);
  shape.observation_size = 2, shape.parts = &force, shape.part_count = 1;
  auto ppo = defaults<pgrad_agent_config>(pgrad_agent_config_init);
  ppo.n_envs = count, ppo.n_steps = 100, ppo.batch_size = 200, ppo.learning_rate = 1e-3, ppo.gamma = 0.95;

  const auto carts = environment(std::make_unique<Carts>(count), count);
  const auto policy = make<Policy>(pgrad_policy_create, &shape);
  const auto agent = make<Agent>(pgrad_agent_create, policy.get(), &ppo);
  must(pgrad_train(agent.get(), carts.get(), 80'000, nullptr, nullptr));

  const float end = restingPlace(policy.get());
  std::cout << "a cart from 1 m stops at " << end << " m\n";
  if (std::abs(end) > 0.1f) throw std::runtime_error("it has not learned: at most 0.1 m was expected");
}

}  // namespace

int main() {
  try {
    run();
  } catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
