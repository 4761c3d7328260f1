/* A CUDA driver that answers from the compiler's command line (INIT_STATUS, VERSION, DEVICES, MEMORY, MODULE_STATUS) and keeps a log of what it was asked.
 * Device memory is host memory; work is done when it is put into a stream, or recorded if the stream is captured. Signatures: CUDA driver API.
 *
 * A module's image is text: "FAKE", then a line "entry KINDS" for each kernel, where KINDS has a letter for each parameter: A address, I int, F float.
 * A kernel whose name begins with "bad" loses the context. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdarg.h>

#ifndef INIT_STATUS
#define INIT_STATUS 0
#endif
#ifndef VERSION
#define VERSION 13000
#endif
#ifndef DEVICES
#define DEVICES 1
#endif
#ifndef MODULE_STATUS
#define MODULE_STATUS 0
#endif
#ifndef MEMORY
#define MEMORY ((size_t) 80 << 30)
#endif

typedef unsigned long long address_t;
typedef struct { char name[96]; char kinds[96]; int shared; } function_t;
typedef struct { function_t functions[64]; int count; } module_t;
typedef struct { function_t *function; unsigned grid[3], block[3], shared; _Alignas(8) char values[96][8]; } launch_t;
typedef struct node { int kind; launch_t launch; address_t to, from; size_t bytes; int word; struct node *next; } node_t;
typedef struct { node_t *first, *last; size_t count; } graph_t;
typedef struct { graph_t *capture; int broken; } stream_t;
typedef struct { float at; } event_t;
enum { LAUNCH, COPY, BYTES, WORDS };

static char logged[1 << 20];
static size_t length;
static size_t used;
static size_t sizes[1 << 16];
static address_t starts[1 << 16];
static int blocks;
static int sticky;
static float clock_ms;
static int capturing;
static __thread long current;
static void (*handler)(const char *, void **);

/* Forgets everything when it is full: a test that reads the log clears it first. */
static void note(const char *format, ...) {
  if (length > sizeof logged - 4096) length = 0;
  va_list arguments;
  va_start(arguments, format);
  length += (size_t) vsnprintf(logged + length, sizeof logged - length, format, arguments);
  va_end(arguments);
}

/* For the tests. */
const char *fake_log(void) { return logged; }
void fake_clear(void) { length = 0; logged[0] = 0; }
size_t fake_used(void) { return used; }
void fake_handler(void (*f)(const char *, void **)) { handler = f; }

#define NEEDS_CONTEXT if (sticky) return sticky; if (current != 4711) return 201

int cuInit(unsigned flags) { return flags == 0 ? INIT_STATUS : 1; }

int cuDriverGetVersion(int *version) { *version = VERSION; return 0; }

int cuGetErrorName(int status, const char **text) {
  *text = status == 100 ? "CUDA_ERROR_NO_DEVICE" : NULL;
  return *text ? 0 : 1;
}

int cuGetErrorString(int status, const char **text) {
  *text = status == 100 ? "no CUDA-capable device is detected" : NULL;
  return *text ? 0 : 1;
}

#ifndef WITHOUT_DEVICES
int cuDeviceGetCount(int *count) { *count = DEVICES; return 0; }

/* Handles differ from ordinals, so that mixing them up shows. */
int cuDeviceGet(int *device, int ordinal) { *device = 40 + ordinal; return ordinal < DEVICES ? 0 : 101; }

int cuDeviceGetName(char *name, int length, int device) {
  if (device < 40) return 101;
  strncpy(name, "Fake GPU", (size_t) length);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  if (device < 40) return 101;
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 132 : attribute == 97 ? 232448 : attribute == 38 ? 50 << 20 : -1;
  return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = MEMORY;
  return device < 40 ? 101 : 0;
}
#endif

int cuDevicePrimaryCtxRetain(long *context, int device) { if (device < 40) return 101; *context = 4711; note("retain %d\n", device); return 0; }
int cuDevicePrimaryCtxRelease_v2(int device) { note("release %d\n", device); return device < 40 ? 101 : 0; }
int cuCtxSetCurrent(long context) { current = context; return context == 4711 ? 0 : 201; }
int cuCtxSynchronize(void) { NEEDS_CONTEXT; return 0; }
int cuMemGetInfo_v2(size_t *free, size_t *total) { NEEDS_CONTEXT; *free = MEMORY - used; *total = MEMORY; return 0; }

static int take(address_t *address, size_t bytes) {
  if (bytes > MEMORY - used) return 2;
  bytes = (bytes + 511) / 512 * 512;
  void *memory = aligned_alloc(512, bytes);
  memset(memory, 0x7f, bytes); /* nobody may rely on zeros */
  *address = (address_t) (uintptr_t) memory;
  starts[blocks] = *address;
  sizes[blocks++] = bytes;
  used += bytes;
  return 0;
}

static int give(address_t address) {
  for (int i = 0; i < blocks; i++) {
    if (starts[i] == address) {
      used -= sizes[i];
      starts[i] = starts[--blocks];
      sizes[i] = sizes[blocks];
      free((void *) (uintptr_t) address);
      return 0;
    }
  }
  return 1;
}

int cuMemAlloc_v2(address_t *address, size_t bytes) {
  NEEDS_CONTEXT;
  if (capturing) return 900;
  note("alloc %zu\n", bytes);
  return take(address, bytes);
}

int cuMemFree_v2(address_t address) { NEEDS_CONTEXT; note("free\n"); return give(address); }
int cuMemAllocAsync(address_t *address, size_t bytes, stream_t *stream) { NEEDS_CONTEXT; note("allocAsync %zu\n", bytes); return stream ? take(address, bytes) : 400; }
int cuMemFreeAsync(address_t address, stream_t *stream) { NEEDS_CONTEXT; note("freeAsync\n"); return stream ? give(address) : 400; }
int cuMemHostAlloc(void **memory, size_t bytes, unsigned flags) { NEEDS_CONTEXT; *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096); return flags; }
int cuMemFreeHost(void *memory) { NEEDS_CONTEXT; free(memory); return 0; }

int cuModuleLoadDataEx(module_t **module, const char *image, unsigned count, const int *options, void *const *values) {
  NEEDS_CONTEXT;
  if (MODULE_STATUS) return MODULE_STATUS;
  if (strncmp(image, "FAKE\n", 5)) {
    if (count == 2 && options[0] == 5 && options[1] == 6) snprintf(values[0], (size_t) values[1], "ptxas fatal : unexpected '%.8s'", image);
    return 218;
  }
  *module = calloc(1, sizeof **module);
  for (const char *line = image + 5; *line; line = strchr(line, '\n') + 1) {
    function_t *f = &(*module)->functions[(*module)->count++];
    sscanf(line, "%95s %95s", f->name, f->kinds);
    f->shared = 49152;
    if (!strchr(line, '\n')) break;
  }
  note("module %d\n", (*module)->count);
  return 0;
}

int cuModuleUnload(module_t *module) { NEEDS_CONTEXT; free(module); note("unload\n"); return 0; }

int cuModuleGetFunction(function_t **function, module_t *module, const char *name) {
  NEEDS_CONTEXT;
  for (int i = 0; i < module->count; i++) {
    if (!strcmp(module->functions[i].name, name)) { *function = &module->functions[i]; return 0; }
  }
  return 500;
}

int cuFuncGetAttribute(int *value, int attribute, function_t *function) {
  NEEDS_CONTEXT;
  *value = attribute == 4 ? 32 : attribute == 0 ? 1024 : attribute == 6 ? 90 : attribute == 8 ? function->shared : 0;
  return 0;
}

int cuFuncGetParamInfo(function_t *function, size_t index, size_t *offset, size_t *size) {
  NEEDS_CONTEXT;
  if (index >= strlen(function->kinds)) return 1;
  *offset = 8 * index;
  *size = function->kinds[index] == 'A' ? 8 : 4;
  return 0;
}

int cuFuncSetAttribute(function_t *function, int attribute, int value) {
  NEEDS_CONTEXT;
  if (attribute == 8 && value > 232448) return 1;
  if (attribute == 8) function->shared = value;
  note("attribute %s %d %d\n", function->name, attribute, value);
  return 0;
}

int cuStreamCreate(stream_t **stream, unsigned flags) { NEEDS_CONTEXT; *stream = calloc(1, sizeof **stream); return flags == 1 ? 0 : 1; }
int cuStreamDestroy_v2(stream_t *stream) { NEEDS_CONTEXT; free(stream); return 0; }
int cuStreamSynchronize(stream_t *stream) { NEEDS_CONTEXT; if (stream->capture) return 900; note("synchronize\n"); return 0; }
int cuStreamWaitEvent(stream_t *stream, event_t *event, unsigned flags) { NEEDS_CONTEXT; note("wait\n"); return stream && event ? (int) flags : 400; }

int cuEventCreate(event_t **event, unsigned flags) { NEEDS_CONTEXT; *event = calloc(1, sizeof **event); return flags == 0 || flags == 2 ? 0 : 1; }
int cuEventDestroy_v2(event_t *event) { NEEDS_CONTEXT; free(event); return 0; }
int cuEventRecord(event_t *event, stream_t *stream) { NEEDS_CONTEXT; event->at = clock_ms; return stream ? 0 : 400; }
int cuEventSynchronize(event_t *event) { NEEDS_CONTEXT; return event ? 0 : 400; }
int cuEventElapsedTime_v2(float *ms, event_t *start, event_t *end) { NEEDS_CONTEXT; *ms = end->at - start->at; return 0; }

/* A launch takes a quarter of a millisecond. */
static int perform(node_t *node) {
  launch_t *l = &node->launch;
  switch (node->kind) {
    case COPY: memmove((void *) (uintptr_t) node->to, (void *) (uintptr_t) node->from, node->bytes); return 0;
    case BYTES: memset((void *) (uintptr_t) node->to, node->word, node->bytes); return 0;
    case WORDS: for (size_t i = 0; i < node->bytes; i++) ((int *) (uintptr_t) node->to)[i] = node->word; return 0;
  }
  clock_ms += 0.25f;
  note("launch %s %ux%ux%u %ux%ux%u %u", l->function->name, l->grid[0], l->grid[1], l->grid[2], l->block[0], l->block[1], l->block[2], l->shared);
  void *pointers[96];
  for (int i = 0; l->function->kinds[i]; i++) {
    pointers[i] = l->values[i];
    switch (l->function->kinds[i]) {
      case 'A': note(" %llx", *(address_t *) l->values[i]); break;
      case 'I': note(" %d", *(int *) l->values[i]); break;
      default: note(" %g", (double) *(float *) l->values[i]);
    }
  }
  note("\n");
  if (!strncmp(l->function->name, "bad", 3)) return sticky = 700;
  if (handler) handler(l->function->name, pointers);
  return 0;
}

static int put(stream_t *stream, node_t *node) {
  if (!stream) return 400;
  if (!stream->capture) { perform(node); return 0; } /* an error shows in a later call */
  node_t *copy = malloc(sizeof *copy);
  *copy = *node;
  copy->next = NULL;
  graph_t *graph = stream->capture;
  if (graph->last) graph->last->next = copy; else graph->first = copy;
  graph->last = copy;
  graph->count++;
  return 0;
}

static int copy(stream_t *stream, address_t to, address_t from, size_t bytes) {
  node_t node = { .kind = COPY, .to = to, .from = from, .bytes = bytes };
  return put(stream, &node);
}

int cuMemcpyHtoDAsync_v2(address_t to, const void *from, size_t bytes, stream_t *stream) { NEEDS_CONTEXT; note("upload %zu\n", bytes); return copy(stream, to, (address_t) (uintptr_t) from, bytes); }
int cuMemcpyDtoHAsync_v2(void *to, address_t from, size_t bytes, stream_t *stream) { NEEDS_CONTEXT; note("download %zu\n", bytes); return copy(stream, (address_t) (uintptr_t) to, from, bytes); }
int cuMemcpyDtoDAsync_v2(address_t to, address_t from, size_t bytes, stream_t *stream) { NEEDS_CONTEXT; note("copy %zu\n", bytes); return copy(stream, to, from, bytes); }

int cuMemsetD8Async(address_t to, unsigned char value, size_t bytes, stream_t *stream) {
  NEEDS_CONTEXT;
  node_t node = { .kind = BYTES, .to = to, .bytes = bytes, .word = value };
  return put(stream, &node);
}

int cuMemsetD32Async(address_t to, unsigned value, size_t words, stream_t *stream) {
  NEEDS_CONTEXT;
  node_t node = { .kind = WORDS, .to = to, .bytes = words, .word = (int) value };
  return put(stream, &node);
}

int cuLaunchKernel(function_t *f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, stream_t *stream, void **parameters,
    void **extra) {
  NEEDS_CONTEXT;
  if (extra || gx == 0 || gy == 0 || gz == 0 || bx * by * bz > 1024 || (int) shared > f->shared) return 1;
  node_t node = { .kind = LAUNCH, .launch = { .function = f, .grid = { gx, gy, gz }, .block = { bx, by, bz }, .shared = shared } };
  for (int i = 0; f->kinds[i]; i++) memcpy(node.launch.values[i], parameters[i], f->kinds[i] == 'A' ? 8 : 4);
  return put(stream, &node);
}

typedef struct { int id; char pad[4]; union { char size[64]; int one; unsigned three[3]; } value; } attribute_t;
typedef struct { unsigned gx, gy, gz, bx, by, bz, shared; stream_t *stream; attribute_t *attributes; unsigned count; } config_t;

int cuLaunchKernelEx(const config_t *c, function_t *f, void **parameters, void **extra) {
  NEEDS_CONTEXT;
  for (unsigned i = 0; i < c->count; i++) {
    const attribute_t *a = &c->attributes[i];
    if (a->id == 4) note("cluster %ux%ux%u\n", a->value.three[0], a->value.three[1], a->value.three[2]); else note("attribute %d=%d\n", a->id, a->value.one);
  }
  return cuLaunchKernel(f, c->gx, c->gy, c->gz, c->bx, c->by, c->bz, c->shared, c->stream, parameters, extra);
}

// A map remembers its address and its extents, for a test to look at.
int cuTensorMapEncodeTiled(unsigned long long *map, int type, unsigned axes, void *address, const unsigned long long *extents, const unsigned long long *strides,
                           const unsigned *box, const unsigned *steps, int interleave, int swizzle, int promotion, int fill) {
  if (((unsigned long long)address & 15) || (strides[0] & 15) || (strides[1] & 15) || box[1] > 256) return 1;
  map[0] = (unsigned long long)address;
  for (unsigned i = 0; i < 3; i++) map[1 + i] = extents[i];
  for (unsigned i = 0; i < 2; i++) map[4 + i] = strides[i];
  map[6] = box[0];
  map[7] = box[1];
  return 0;
}

int cuStreamBeginCapture_v2(stream_t *stream, int mode) {
  NEEDS_CONTEXT;
  stream->capture = calloc(1, sizeof *stream->capture);
  capturing++;
  note("capture %d\n", mode);
  return 0;
}

int cuStreamEndCapture(stream_t *stream, graph_t **graph) { NEEDS_CONTEXT; *graph = stream->capture; stream->capture = NULL; capturing--; note("captured\n"); return 0; }
int cuGraphGetNodes(graph_t *graph, void **nodes, size_t *count) { NEEDS_CONTEXT; *count = graph->count; return nodes ? 1 : 0; }

int cuGraphInstantiateWithFlags(graph_t **executable, graph_t *graph, unsigned long long flags) {
  NEEDS_CONTEXT;
  *executable = malloc(sizeof **executable);
  **executable = *graph;
  return (int) flags;
}

int cuGraphLaunch(graph_t *executable, stream_t *stream) {
  NEEDS_CONTEXT;
  note("graph %zu\n", executable->count);
  for (node_t *n = executable->first; n && stream; n = n->next) perform(n);
  return 0;
}

int cuGraphExecDestroy(graph_t *executable) { NEEDS_CONTEXT; free(executable); note("destroy graph\n"); return 0; }
int cuGraphDestroy(graph_t *graph) { NEEDS_CONTEXT; free(graph); return 0; }
