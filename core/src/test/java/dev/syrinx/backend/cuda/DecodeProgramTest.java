package dev.syrinx.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.model.IndexTts2;
import dev.syrinx.model.gpt.AutoregressiveModel;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.model.gpt.KvCache;
import dev.syrinx.model.gpt.Slots;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pattern that the fused step is made of is the pattern that the model makes. Needs no device. */
final class DecodeProgramTest {
  private static final int LAYERS = 2;

  private final CallList backend = new CallList();
  private final Ops ops = new Ops(backend, Taps.NONE);

  @AfterEach
  void close() {
    backend.close();
  }

  private List<Arguments> step(Precision precision, int batch) {
    SyntheticModel source = new SyntheticModel(SyntheticDims.odd(), 1);
    Gpt gpt = AutoregressiveModel.load(source.gpt(), IndexTts2.gptConfig(source.config().gpt()), new Parameters(backend, precision)).gpt();
    KvCache cache = KvCache.allocate(ops, gpt.layers(), 500, gpt.width(), ProgramWriter.cache(precision.dtype()));
    Slots slots = new Slots(ops.emptyInts(batch), ops.emptyInts(batch, 500), ops.emptyInts(batch));
    Tensor logits = ops.empty(batch, gpt.vocabulary());
    backend.calls().clear();
    gpt.step(ops, ops.emptyInts(batch), ops.emptyInts(batch), cache, slots, logits);
    return List.copyOf(backend.calls());
  }

  @Test
  void aStepOfTheModelIsAProgram() {
    for (Precision precision : Precision.values()) {
      DecodeProgram program = DecodeProgram.of(step(precision, 3), Gpu.H100).orElseThrow();
      List<Instruction.Op> block = List.of(Instruction.Op.PRODUCT, Instruction.Op.ATTEND, Instruction.Op.PRODUCT, Instruction.Op.PRODUCT, Instruction.Op.PRODUCT);
      List<Instruction.Op> expected = new ArrayList<>(List.of(Instruction.Op.GATHER));
      for (int i = 0; i < LAYERS; i++) {
        expected.addAll(block);
      }
      expected.addAll(List.of(Instruction.Op.NORM, Instruction.Op.PRODUCT));
      assertEquals(expected, program.instructions().stream().map(Instruction::op).toList());
      assertEquals("decode_program_" + List.of("f32", "f16", "bf16", "i8").get(precision.ordinal()), program.entry());
      assertEquals(precision == Precision.FP32 ? 4 : 2, program.splits(), "500 slots by pairs of pieces of 192, or of 320 halves");
      assertTrue(program.stages() >= 2 && program.sharedBytes() <= Gpu.H100.sharedBytes(), program.toString());
    }
  }

  @Test
  void prologuesStandWhereTheModelNormsAndAttends() {
    DecodeProgram program = DecodeProgram.of(step(Precision.FP32, 1), Gpu.H100).orElseThrow();
    List<String> products = program.instructions().stream().filter(i -> i.op() == Instruction.Op.PRODUCT).map(Instruction::toString).toList();
    assertEquals("PRODUCT LAYER_NORM 288x96", products.get(0));
    assertEquals("PRODUCT COMBINE 96x96", products.get(1));
    assertEquals("PRODUCT LAYER_NORM 384x96", products.get(2));
    assertEquals("PRODUCT PLAIN 96x384", products.get(3));
    assertEquals("PRODUCT LAYER_NORM 98x96", products.getLast());
  }

  @Test
  void whatDoesNotFitIsDeclined() {
    List<Arguments> calls = step(Precision.FP16, 1);
    assertEquals(Optional.empty(), DecodeProgram.of(calls, new Gpu(108, 80, 163 * 1024)), "an older device");
    assertEquals(Optional.empty(), DecodeProgram.of(step(Precision.FP16, 9), Gpu.H100), "more sequences than two groups");
    assertEquals(Optional.empty(), DecodeProgram.of(calls.subList(0, 5), Gpu.H100), "a norm's reader cut off with the scatters");
    assertEquals(Optional.empty(), DecodeProgram.of(List.of(), Gpu.H100));
  }
}
