/*
 * Python and pgrad in one process: a Gymnasium environment stepped from C, and an agent that learns from it.
 *
 * The program starts the interpreter of a virtual environment, with its packages: the executable is the first argument,
 * else $VIRTUAL_ENV/bin/python, else .venv/bin/python. Prints the learning curve; exit status 0 if it learned.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pgrad.h>
#include <string.h>

enum { SIZE = 4, STEPS = 60000, ROLLOUT = 256 };

/** Starts the interpreter behind an executable. @return 0, or -1 with a message printed. */
static int start_python(const char *executable) {
  PyConfig config;
  PyConfig_InitPythonConfig(&config);
  PyStatus status = PyConfig_SetBytesString(&config, &config.program_name, executable);
  if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (!PyStatus_Exception(status)) return 0;
  fprintf(stderr, "%s: %s\n", executable, status.err_msg ? status.err_msg : "Python did not start");
  return -1;
}

/** A new reference to gymnasium.make("CartPole-v1"), or NULL with an exception set. */
static PyObject *make_env(void) {
  PyObject *gymnasium = PyImport_ImportModule("gymnasium");
  if (gymnasium == NULL) return NULL;
  PyObject *env = PyObject_CallMethod(gymnasium, "make", "s", "CartPole-v1");
  Py_DECREF(gymnasium);
  return env;
}

/** Copies a NumPy array of SIZE floats. @return 0, or -1 with an exception set. */
static int copy_observation(PyObject *array, float *observation) {
  Py_buffer view;
  if (PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return -1;
  int fits = view.len == SIZE * (Py_ssize_t)sizeof(float) && strcmp(view.format, "f") == 0;
  if (fits) memcpy(observation, view.buf, SIZE * sizeof(float));
  PyBuffer_Release(&view);
  if (!fits) PyErr_SetString(PyExc_ValueError, "an observation is not of 4 float32");
  return fits ? 0 : -1;
}

/** env.reset(), with a seed unless it is negative. @return 0, or -1 with an exception set. */
static int reset(PyObject *env, int seed, float *observation) {
  PyObject *method = PyObject_GetAttrString(env, "reset");
  PyObject *arguments = PyTuple_New(0);
  PyObject *keywords = seed < 0 ? PyDict_New() : Py_BuildValue("{s:i}", "seed", seed);
  PyObject *answer = method && arguments && keywords ? PyObject_Call(method, arguments, keywords) : NULL;
  PyObject *array, *info;
  int result = answer && PyArg_ParseTuple(answer, "OO", &array, &info) ? copy_observation(array, observation) : -1;
  Py_XDECREF(method);
  Py_XDECREF(arguments);
  Py_XDECREF(keywords);
  Py_XDECREF(answer);
  return result;
}

/** env.step(action). @return 0, or -1 with an exception set. */
static int step(PyObject *env, long action, float *observation, float *reward, uint8_t *terminated,
                uint8_t *truncated) {
  PyObject *answer = PyObject_CallMethod(env, "step", "l", action);
  if (answer == NULL) return -1;
  PyObject *array, *info;
  double number;
  int ended, cut, result = -1;
  if (PyArg_ParseTuple(answer, "OdppO", &array, &number, &ended, &cut, &info)) {
    *reward = (float)number;
    *terminated = (uint8_t)ended;
    *truncated = (uint8_t)cut;
    result = copy_observation(array, observation);
  }
  Py_DECREF(answer);
  return result;
}

/** Prints Python's exception or the library's last error. */
static int fail(int of_python) {
  if (of_python)
    PyErr_Print();
  else
    fprintf(stderr, "%s\n", pgrad_last_error());
  return -1;
}

/** The host's own loop. @return 0, or -1 with a message printed. */
static int train(PyObject *env, pgrad_agent *agent, pgrad_statistics *statistics) {
  float observation[SIZE], final[SIZE], action, reward;
  uint8_t terminated, truncated;
  if (reset(env, 1, observation) < 0) return fail(1);
  if (pgrad_agent_begin(agent, observation) != PGRAD_OK) return fail(0);
  printf("   steps  return\n");
  for (int i = 1; i <= STEPS; i++) {
    if (pgrad_agent_act(agent, &action) != PGRAD_OK) return fail(0);
    if (step(env, (long)action, observation, &reward, &terminated, &truncated) < 0) return fail(1);
    if (terminated || truncated) {
      memcpy(final, observation, sizeof final);
      if (reset(env, -1, observation) < 0) return fail(1);
    }
    if (pgrad_agent_observe(agent, &reward, &terminated, &truncated, observation, final) != PGRAD_OK) return fail(0);
    if (i % (16 * ROLLOUT) != 0) continue;
    if (pgrad_agent_statistics(agent, statistics, sizeof *statistics) != PGRAD_OK) return fail(0);
    printf("%8d  %6.1f  ", i, statistics->mean_return);
    for (int bar = 0; bar < (int)(statistics->mean_return / 10); bar++) putchar('#');
    putchar('\n');
    if (statistics->mean_return > 300) break;
  }
  return 0;
}

static pgrad_agent *create_agent(void) {
  const pgrad_action_part pushes = {PGRAD_CATEGORICAL, 2, 0, 0};
  pgrad_policy_config shape;
  pgrad_agent_config ppo;
  pgrad_policy *policy = NULL;
  pgrad_agent *agent = NULL;
  if (pgrad_policy_config_init(&shape, sizeof shape) != PGRAD_OK) return NULL;
  shape.observation_size = SIZE;
  shape.parts = &pushes;
  shape.part_count = 1;
  if (pgrad_policy_create(&policy, &shape) != PGRAD_OK) return NULL;
  if (pgrad_agent_config_init(&ppo, sizeof ppo) == PGRAD_OK) {
    ppo.n_steps = ROLLOUT;
    ppo.batch_size = 64;
    ppo.learning_rate = 1e-3;
    ppo.gamma = 0.98;
    ppo.gae_lambda = 0.8;
    ppo.total_timesteps = STEPS;
    ppo.learning_rate_schedule = PGRAD_LINEAR;
    (void)pgrad_agent_create(&agent, policy, &ppo); /* NULL if refused */
  }
  pgrad_policy_destroy(policy); /* the agent keeps it alive */
  return agent;
}

int main(int argc, char **argv) {
  char executable[4096] = ".venv/bin/python";
  if (argc > 1)
    snprintf(executable, sizeof executable, "%s", argv[1]);
  else if (getenv("VIRTUAL_ENV"))
    snprintf(executable, sizeof executable, "%s/bin/python", getenv("VIRTUAL_ENV"));
  if (start_python(executable) < 0) return 1;

  pgrad_statistics statistics = {0};
  int result = -1;
  PyObject *env = make_env();
  pgrad_agent *agent = env ? create_agent() : NULL;
  if (agent)
    result = train(env, agent, &statistics);
  else
    (void)fail(env == NULL);
  pgrad_agent_destroy(agent);
  Py_XDECREF(env);
  if (Py_FinalizeEx() < 0 || result < 0) return 1;
  if (statistics.mean_return >= 150) return 0;
  fprintf(stderr, "it has not learned: a mean return of at least 150 was expected\n");
  return 2;
}
