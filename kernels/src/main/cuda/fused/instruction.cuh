// What a decode program is made of. Written by Instruction.java: keep in step. Strides and places are in elements.
#pragma once

#include <cstdint>

enum Op { kGather = 0, kProduct = 1, kAttend = 2, kNorm = 3 };
enum Prologue { kPlain = 0, kLayerNorm = 1, kCombine = 2 };

struct Instruction {
  // gather: table [., d] of float, ids [rows], table2 and ids2 likewise or null
  const float* x;      // gather: table
  const void* w;       // [n][k]; gather: table2
  const float* bias;   // [n] or null
  const float* scale;  // [n], of bytes, or null
  float* y;            // for those who come after the program, or null
  const float* gain;   // of a norm, or of the norm in front of a product
  const float* shift;
  const int* slots;    // product: rows of the caches; gather: ids
  void* keys;          // of CacheOf the weights' type. Product: columns from `split` on go here
  void* values;        // and columns from 2 * split on here
  const int* table;    // attend: blocks of each sequence; gather: ids2
  const int* lengths;  // attend and a product behind it: positions of each sequence
  int op, prologue, rows, n, k, x_row, y_row, activation;
  int split, cache_row, table_row, block_size, heads, kv_group, splits, positions;  // kv_group: heads that share keys and values
  int head, share;     // inputs of a head; product: rows of w for each block. Worked out beforehand: a division costs a phase a hundred cycles
  // Places in the exchange. in: x [rows, x_row]; attend: queries, from `split` on the newest keys, from 2 * split on the newest values; product behind it: the attention's out.
  // out: [rows, out_row]; attend: [rows][heads][splits][head + 4]: the maximum, the sum, two unused, the values
  int in, residual, residual_row, out, out_row;  // residual: below 0 for none
  float alpha, eps, softmax_scale;
};
static_assert(sizeof(Instruction) == 12 * 8 + 23 * 4 + 3 * 4, "as Instruction.java lays it out");
