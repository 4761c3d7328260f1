/* A CUDA driver that answers from the compiler's command line: INIT_STATUS, VERSION, DEVICES. Signatures: CUDA driver API. */
#include <stddef.h>
#include <string.h>

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
  *value = attribute == 75 ? 9 : attribute == 76 ? 0 : attribute == 16 ? 132 : -1;
  return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  *bytes = (size_t) 80 << 30;
  return device < 40 ? 101 : 0;
}
#endif
