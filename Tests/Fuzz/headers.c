/* Fuzzes the parser of files: the input is the header of a file, or the whole file. What loads is saved again. */
#include "input.h"

/** Defines a function that loads a policy or an agent from bytes, and saves it. */
#define LOADING(object)                                                                       \
  static pgrad_status load_##object(const void *bytes, int64_t size) {                        \
    pgrad_##object *loaded = NULL;                                                            \
    pgrad_status status = CALL(pgrad_##object##_load_memory(&loaded, bytes, size));           \
    if ((status == PGRAD_OK) != (loaded != NULL)) violated("a status does not fit a handle"); \
    int64_t saved = 0;                                                                        \
    if (loaded != NULL && CALL(pgrad_##object##_save_memory(loaded, NULL, 0, &saved)))        \
      violated("a loaded object is not saved");                                               \
    pgrad_##object##_destroy(loaded);                                                         \
    return status;                                                                            \
  }

LOADING(policy)
LOADING(agent)

enum { PREFIX = 2 };

/** The first two bytes of the input choose the object, the form, and how many zero bytes of tensors follow. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < PREFIX) return 0;
  int is_agent = data[0] & 1, is_whole = data[0] & 2;
  size_t start = is_whole ? 0 : 8, zeros = is_whole ? 0 : (size_t)(data[0] >> 2) << 8 | data[1];
  uint64_t given = size - PREFIX, length = start + given + zeros;
  char *bytes = (char *)memory_of(length);
  memcpy(bytes, &given, start);
  memcpy(bytes + start, data + PREFIX, given);
  memset(bytes + start + given, 0, zeros);
  pgrad_status status = (is_agent ? load_agent : load_policy)(bytes, (int64_t)length);
  if (status != PGRAD_OK && status != PGRAD_BAD_FILE && status != PGRAD_OUT_OF_MEMORY) violated("the status of a file");
  free(bytes);
  return 0;
}
