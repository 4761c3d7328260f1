/* A cuBLASLt that computes float32 products one by one, on the host memory that the stand-in driver hands out. Structures and codes: cublasLt.h. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int compute, scale, transposed[2]; } description_t;
typedef struct { int type; uint64_t rows, cols; int64_t ld; } layout_t;
typedef struct { uint64_t workspace; int alignment[4]; } preference_t;
typedef struct { uint64_t algorithm[8]; size_t workspace; int state; float waves; int reserved[4]; } result_t;

int cublasLtCreate(void **handle) { *handle = (void *) 0x77; return 0; }
int cublasLtDestroy(void *handle) { return handle == (void *) 0x77 ? 0 : 1; }

int cublasLtMatmulDescCreate(description_t **d, int compute, int scale) {
  *d = calloc(1, sizeof **d);
  (*d)->compute = compute;
  (*d)->scale = scale;
  return scale == 0 && (compute == 68 || compute == 77) ? 0 : 7;
}

int cublasLtMatmulDescDestroy(description_t *d) { free(d); return 0; }

int cublasLtMatmulDescSetAttribute(description_t *d, int attribute, const void *value, size_t bytes) {
  if (bytes != 4 || attribute < 3 || attribute > 4) return 7;
  memcpy(&d->transposed[attribute - 3], value, 4);
  return 0;
}

int cublasLtMatrixLayoutCreate(layout_t **l, int type, uint64_t rows, uint64_t cols, int64_t ld) {
  *l = malloc(sizeof **l);
  **l = (layout_t) { type, rows, cols, ld };
  return ld >= (int64_t) rows ? 0 : 7;
}

int cublasLtMatrixLayoutDestroy(layout_t *l) { free(l); return 0; }
int cublasLtMatmulPreferenceCreate(preference_t **p) { *p = calloc(1, sizeof **p); return 0; }
int cublasLtMatmulPreferenceDestroy(preference_t *p) { free(p); return 0; }

int cublasLtMatmulPreferenceSetAttribute(preference_t *p, int attribute, const void *value, size_t bytes) {
  if (attribute == 1 && bytes == 8) memcpy(&p->workspace, value, 8);
  else if (attribute >= 5 && attribute <= 8 && bytes == 4) memcpy(&p->alignment[attribute - 5], value, 4);
  else return 7;
  return 0;
}

/* Knows float32 only, and wants 1000 bytes of workspace for large products. */
int cublasLtMatmulAlgoGetHeuristic(void *handle, description_t *d, layout_t *a, layout_t *b, layout_t *c, layout_t *out, preference_t *p, int wanted, result_t *results,
    int *count) {
  if (handle != (void *) 0x77 || wanted != 1 || c != out || !p->alignment[0] || !p->alignment[3]) return 7;
  *count = a->type == 0 && b->type == 0 && c->type == 0;
  memset(results, 0, sizeof *results);
  results->algorithm[7] = 99;
  results->workspace = a->cols > 100 ? 1000 : 0;
  if (results->workspace > p->workspace) results->state = 15;
  return 0;
}

static float at(const float *m, const layout_t *l, uint64_t row, uint64_t col, int transposed) {
  return transposed ? m[col + row * (uint64_t) l->ld] : m[row + col * (uint64_t) l->ld];
}

int cublasLtMatmul(void *handle, description_t *d, const float *alpha, const float *a, layout_t *la, const float *b, layout_t *lb, const float *beta, const float *c, layout_t *lc,
    float *out, layout_t *lo, const result_t *algorithm, void *workspace, size_t bytes, void *stream) {
  if (handle != (void *) 0x77 || algorithm->algorithm[7] != 99 || c != out || lc != lo || !stream || bytes < algorithm->workspace) return 7;
  if (bytes && !workspace) return 7;
  uint64_t k = d->transposed[0] ? la->rows : la->cols;
  for (uint64_t row = 0; row < lo->rows; row++) {
    for (uint64_t col = 0; col < lo->cols; col++) {
      float sum = 0;
      for (uint64_t i = 0; i < k; i++) sum += at(a, la, row, i, d->transposed[0]) * at(b, lb, i, col, d->transposed[1]);
      float *to = &out[row + col * (uint64_t) lo->ld];
      *to = *alpha * sum + (*beta == 0 ? 0 : *beta * *to);
    }
  }
  return 0;
}
