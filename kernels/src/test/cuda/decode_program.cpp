// The decode program on the CPU: see DecodeProgramEmulationTest.
#include "fused/decode_program.cu"

using Entry = void (*)(const Instruction*, int, unsigned*, float*, int, int, int);

// counters: three words, kept between launches; exchange: two of `floats` each.
extern "C" void launch(const Instruction* program, int count, unsigned* counters, float* exchange, int floats, int stages, int operand_bytes, int type, int blocks, int shared) {
  const Entry entries[] = {decode_program_f32, decode_program_f16, decode_program_bf16, decode_program_i8};
  emulator::run_resident([&] { entries[type](program, count, counters, exchange, floats, stages, operand_bytes); }, blocks, kThreads, shared);
}
