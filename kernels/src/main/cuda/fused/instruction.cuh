// What a decode program is made of. Written by Instruction.java: keep in step. Strides are in elements.
#pragma once

#include <cstdint>

enum Op { kGather = 0, kProduct = 1, kAttend = 2, kNorm = 3 };
enum Prologue { kPlain = 0, kLayerNorm = 1, kCombine = 2 };

struct Instruction {
  // gather: table [., d] of float, ids [rows], table2 and ids2 likewise or null; norm and product: x [rows, k]
  const float* x;
  const void* w;       // [n][k]; gather: table2
  const float* bias;   // [n] or null
  const float* scale;  // [n], of bytes, or null
  const float* residual;
  float* y;
  const float* gain;   // of a norm, or of the norm in front of a product
  const float* shift;
  const int* slots;    // product: rows of the caches; gather: ids
  float* keys;         // product: columns from `split` on go here
  float* values;       // and columns from 2 * split on here
  const int* table;    // attend: blocks of each sequence; gather: ids2
  const int* lengths;  // attend and a product behind it: positions of each sequence
  float* partial;      // attend: [rows][heads][splits][d + 4]: the maximum, the sum, two unused, the values
  int op, prologue, rows, n, k, x_row, y_row, activation;
  int split, cache_row, table_row, block_size, heads, kv_group, splits, positions;  // kv_group: heads that share keys and values
  int head, share;     // inputs of a head; product: rows of w for each block. Worked out beforehand: a division costs a phase a hundred cycles
  float alpha, eps, softmax_scale, pad;
};
static_assert(sizeof(Instruction) == 14 * 8 + 18 * 4 + 4 * 4, "as Instruction.java lays it out");

constexpr int kPiece = 128;  // positions of a piece of attention: DecodeProgram.java knows

// Pieces of a sequence.
__device__ __forceinline__ int pieces_of(int length) { return (length + kPiece - 1) / kPiece; }
