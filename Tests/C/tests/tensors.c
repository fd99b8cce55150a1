/* The parameters of a policy by name. */
#include "fixtures.h"

static void tensors_cover_all_parameters_in_order(void) {
  pgrad_policy *policy = cartpole_policy(1);
  const char *names[] = {"policy.0.weight", "policy.0.bias", "policy.1.weight", "policy.1.bias",
                         "value.0.weight",  "value.0.bias",  "value.1.weight",  "value.1.bias"};
  const int64_t shapes[][2] = {{4, 16}, {16, 0}, {16, 2}, {2, 0}, {4, 16}, {16, 0}, {16, 1}, {1, 0}};
  int64_t count = 0, parameters = 0, end = 0;
  float *memory = NULL;
  MUST(pgrad_policy_parameters(policy, &memory, &parameters));
  CHECK_OK(pgrad_policy_tensor_count(policy, &count));
  CHECK(count == 8);
  for (int64_t i = 0; i < count; i++) {
    pgrad_tensor tensor;
    CHECK_OK(pgrad_policy_tensor(policy, i, &tensor, sizeof tensor));
    CHECK(tensor.struct_size == sizeof tensor && strcmp(tensor.name, names[i]) == 0);
    CHECK(tensor.dimensions == (shapes[i][1] ? 2 : 1));
    CHECK(tensor.shape[0] == shapes[i][0] && tensor.shape[1] == shapes[i][1]);
    CHECK(tensor.shape[2] == 0 && tensor.shape[3] == 0);
    CHECK(tensor.offset == end);
    end += tensor.shape[0] * (shapes[i][1] ? tensor.shape[1] : 1);
  }
  CHECK(end == parameters);
  pgrad_policy_destroy(policy);
}

static void wrong_arguments_are_refused(void) {
  pgrad_policy *policy = cartpole_policy(1);
  pgrad_tensor tensor;
  int64_t count = 0;
  canary_set(&tensor, sizeof tensor);
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_tensor(policy, 8, &tensor, sizeof tensor), "index", "8", "[0, 7]");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_tensor(policy, -1, &tensor, sizeof tensor), "index", "-1");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_tensor(policy, 0, &tensor, 7), "struct_size", "7");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_tensor(policy, 0, NULL, sizeof tensor), "tensor", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_tensor(NULL, 0, &tensor, sizeof tensor), "policy", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_ARGUMENT, pgrad_policy_tensor_count(policy, NULL), "count", "NULL");
  CHECK_REFUSED(PGRAD_INVALID_HANDLE, pgrad_policy_tensor_count(NULL, &count), "policy", "NULL");
  CHECK(canary_alive(&tensor, sizeof tensor));
  pgrad_policy_destroy(policy);
}

int main(void) {
  RUN(tensors_cover_all_parameters_in_order);
  RUN(wrong_arguments_are_refused);
  return check_report();
}
