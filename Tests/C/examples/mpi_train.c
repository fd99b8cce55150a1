/* Trains CartPole-v1 in several processes that learn together over MPI:

       mpicc -std=c99 mpi_train.c -lpgrad -o mpi_train && mpirun -n 2 ./mpi_train [TIMESTEPS [FILE [GOAL]]]

   Every process has its own environments. After each update all have the same parameters. The training ends after
   TIMESTEPS (400,000), or once the mean return is GOAL (475). */
#include <mpi.h>
#include <pgrad.h>
#include <stdio.h>
#include <stdlib.h>

/** Ends all processes: the others would wait for this one. */
static void must(pgrad_status status) {
  if (status == PGRAD_OK) return;
  fprintf(stderr, "%s: %s\n", pgrad_status_name(status), pgrad_last_error());
  MPI_Abort(MPI_COMM_WORLD, EXIT_FAILURE);
}

static int32_t sum_over_ranks(void *context, void *numbers, int64_t count, int32_t type) {
  MPI_Datatype kind = type == PGRAD_FLOAT64 ? MPI_DOUBLE : MPI_FLOAT;
  return MPI_Allreduce(MPI_IN_PLACE, numbers, (int)count, kind, MPI_SUM, *(MPI_Comm *)context) != MPI_SUCCESS;
}

struct watch {
  int rank;
  double goal;
};

static int32_t report(void *context, const pgrad_statistics *statistics) {
  const struct watch *watch = context;
  if (watch->rank == 0 && statistics->updates % 10 == 0)
    printf("%8lld timesteps: mean return %5.1f\n", (long long)statistics->timesteps, statistics->mean_return);
  // All ranks see the same statistics, so all stop after the same update.
  return statistics->mean_return >= watch->goal;
}

int main(int argc, char **argv) {
  MPI_Init(&argc, &argv);
  MPI_Comm ranks = MPI_COMM_WORLD;
  int rank, count;
  MPI_Comm_rank(ranks, &rank);
  MPI_Comm_size(ranks, &count);
  int64_t timesteps = argc > 1 ? atoll(argv[1]) : 400000;
  struct watch watch = {rank, argc > 3 ? atof(argv[3]) : 475};

  pgrad_env *env;
  must(pgrad_env_create(&env, "CartPole-v1", 8));
  pgrad_env_info info;
  must(pgrad_env_describe(env, &info, sizeof info));
  pgrad_policy_config policy_config;
  must(pgrad_policy_config_init(&policy_config, sizeof policy_config));
  policy_config.observation_size = info.observation_size;
  policy_config.parts = info.parts;
  policy_config.part_count = info.part_count;
  pgrad_policy *policy;
  must(pgrad_policy_create(&policy, &policy_config));

  pgrad_agent_config config;
  must(pgrad_agent_config_init(&config, sizeof config));
  config.n_envs = 8;
  config.n_steps = 64;
  config.batch_size = 128;
  config.learning_rate = 1e-3;
  config.normalize_observations = 1;
  config.seed = 1;
  pgrad_agent *agent;
  must(pgrad_agent_create(&agent, policy, &config));

  must(pgrad_agent_set_reduce(agent, rank, count, sum_over_ranks, &ranks));
  must(pgrad_train(agent, env, timesteps, report, &watch));
  if (rank == 0 && argc > 2) must(pgrad_agent_save(agent, argv[2]));

  pgrad_agent_destroy(agent);
  pgrad_policy_destroy(policy);
  pgrad_env_destroy(env);
  MPI_Finalize();
  return 0;
}
