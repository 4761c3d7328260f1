package dev.syrinx.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.DType;
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
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The resident decode kernel without a device: its source, compiled for the CPU, against the scalar references of the calls that it stands for. */
final class DecodeProgramEmulationTest {
  private static final int SLOTS = 2040;
  private static final int CAPACITY = 340;

  /** Positions of the sequences: within a piece of attention, at its end, beyond it, and the first alone. */
  private static final int[] LENGTHS = {77, 192, 330, 1, 193, 320};

  private static Optional<EmulatedDecodeProgram> emulated = Optional.empty();

  private final CallList backend = new CallList();
  private final Ops ops = new Ops(backend, Taps.NONE);

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    emulated = EmulatedDecodeProgram.make();
    assumeTrue(emulated.isPresent(), "no C++ compiler: the decode program is not emulated");
  }

  @AfterEach
  void close() {
    backend.close();
  }

  /** A step's calls and the memory that they write. */
  private final class Step {
    private final KvCache cache;
    private final Tensor logits;
    private final List<Arguments> calls;

    Step(Gpt gpt, Precision precision, int batch) {
      cache = KvCache.allocate(ops, gpt.layers(), SLOTS, gpt.width(), ProgramWriter.cache(precision.dtype()));
      int[] table = new int[batch * CAPACITY];
      for (int i = 0; i < table.length; i++) {
        table[i] = i % CAPACITY < LENGTHS[i / CAPACITY] ? i / CAPACITY + 6 * (i % CAPACITY) : 0; // sequences among each other
      }
      int[] lengths = Arrays.copyOf(LENGTHS, batch);
      int[] written = IntStream.range(0, batch).map(b -> table[b * CAPACITY + lengths[b] - 1]).toArray();
      Slots slots = new Slots(ops.uploadInts(written, batch), ops.uploadInts(table, batch, CAPACITY), ops.uploadInts(lengths, batch));
      Tensor ids = ops.uploadInts(IntStream.range(3, 3 + batch).toArray(), batch);
      Tensor positions = ops.uploadInts(IntStream.range(9, 9 + batch).toArray(), batch);
      logits = ops.empty(batch, gpt.vocabulary());
      backend.calls().clear();
      gpt.step(ops, ids, positions, cache, slots, logits);
      calls = List.copyOf(backend.calls());
    }

    /** The logits after a run over freshly filled caches. */
    float[] run(Runnable work) {
      for (int layer = 0; layer < cache.keys().size(); layer++) {
        fill(cache.keys().get(layer), layer);
        fill(cache.values().get(layer), 100 + layer);
      }
      work.run();
      return ops.download(logits);
    }

    /** What the caches hold, where they hold halves. */
    List<short[]> halves() {
      return Stream.of(cache.keys(), cache.values()).flatMap(List::stream).filter(tensor -> tensor.dtype() == DType.F16).map(tensor -> {
        short[] values = new short[tensor.rows() * tensor.cols()];
        backend.download(tensor.view().segment(), MemorySegment.ofArray(values));
        return values;
      }).toList();
    }

    float[] onBlocks(int blocks) {
      return onBlocks(blocks, 1);
    }

    float[] onBlocks(int blocks, int times) {
      DecodeProgram program = DecodeProgram.of(calls, new Gpu(blocks, 90, 227 * 1024)).orElseThrow();
      return run(() -> emulated.orElseThrow().run(program, blocks, times));
    }
  }

  /** Whether new keys and values are other halves in the other caches: the last bit may round the other way, and numbers near 0 may differ by as much as products do. */
  private static boolean otherLastBits(List<short[]> some, List<short[]> others, double products) {
    boolean any = false;
    for (int layer = 0; layer < some.size(); layer++) {
      for (int i = 0; i < some.get(layer).length; i++) {
        float one = Float.float16ToFloat(some.get(layer)[i]);
        float other = Float.float16ToFloat(others.get(layer)[i]);
        assertTrue(Math.abs(one - other) <= Math.max(products, Math.abs(one) / 1024), one + " and " + other + " in a cache");
        any |= one != other;
      }
    }
    return any;
  }

  private void fill(Tensor cache, int seed) {
    float[] values = random(cache, seed);
    if (cache.dtype() == DType.F32) {
      ops.uploadInto(values, cache);
      return;
    }
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      halves[i] = Float.floatToFloat16(values[i]);
    }
    backend.upload(MemorySegment.ofArray(halves), cache.view().segment());
  }

  private static float[] random(Tensor like, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[like.rows() * like.cols()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void theProgramComputesWhatItsCallsDo(Precision precision) {
    SyntheticModel source = new SyntheticModel(SyntheticDims.odd(), 1);
    Gpt gpt = AutoregressiveModel.load(source.gpt(), IndexTts2.gptConfig(source.config().gpt()), new Parameters(backend, precision)).gpt();
    float[] alone = new Step(gpt, precision, 1).onBlocks(2);
    for (int batch : new int[] {3, 6}) {
      Step step = new Step(gpt, precision, batch);
      float[] expected = step.run(() -> {
        try (CpuBackend reference = new CpuBackend(1, true)) {
          step.calls.forEach(reference::run);
        }
      });
      List<short[]> kept = step.halves();
      float[] actual = step.onBlocks(3);
      double error = error(expected, actual);
      double products = precision == Precision.BF16 ? 2e-5 : 2e-6;
      boolean rounded = otherLastBits(kept, step.halves(), products);
      assertTrue(error < (rounded ? 2e-5 : products), batch + " sequences: relative error " + error);
      assertTrue(batch > 3 || Arrays.equals(actual, step.onBlocks(5, 3)), "on any number of blocks, and again in the exchanges that a run has left");
      assertArrayEquals(alone, Arrays.copyOf(actual, gpt.vocabulary()), "in any company");
    }
  }

  private static double error(float[] expected, float[] actual) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(expected[i] - actual[i], 2);
      size += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / size);
  }
}
