// The decode program on the CPU: see DecodeProgramEmulationTest.
#include "fused/decode_program.cu"

using Entry = void (*)(const Instruction*, int, unsigned*, int, int, int);

extern "C" void launch(const Instruction* program, int count, int stages, int operand_bytes, int sum_floats, int type, int blocks, int shared) {
  const Entry entries[] = {decode_program_f32, decode_program_f16, decode_program_bf16, decode_program_i8};
  unsigned counter = 0;
  emulator::run_resident([&] { entries[type](program, count, &counter, stages, operand_bytes, sum_floats); }, blocks, kThreads, shared);
}
