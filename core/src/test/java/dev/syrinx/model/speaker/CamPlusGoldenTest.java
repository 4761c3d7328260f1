package dev.syrinx.model.speaker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.Golden;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.TorchArchive;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** CAM++ against the official code. */
class CamPlusGoldenTest {
  private static final int BINS = 80;

  private final Map<String, float[]> seen = new HashMap<>();
  private Golden golden;
  private Backend backend;

  @BeforeEach
  void open() throws IOException {
    golden = new Golden(TestData.TINY_A);
    backend = new CpuBackend(2, false);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void styleAndParts() {
    golden.assertClose("campplus/style", style(load(backend), backend));
    golden.assertClose("campplus/head", channelMajor(seen.get("campplus.head"), golden.dim("campplus/head", 1), BINS / 8));
    golden.assertClose("campplus/tdnn", Golden.transposed(seen.get("campplus.tdnn"), golden.dim("campplus/tdnn", 1)));
    for (int block = 1; block <= 3; block++) {
      String reference = "campplus/block" + block + "_every_4th_frame";
      int channels = golden.dim(reference, 1);
      golden.assertClose(reference, Golden.transposed(everyFourth(seen.get("campplus.block" + block), channels), channels));
    }
  }

  @Test
  void vectorAndScalarBackendsAgree() {
    float[] vector = style(load(backend), backend);
    try (Backend scalar = new CpuBackend(2, true)) {
      assertArrayEquals(style(load(scalar), scalar), vector, (float) golden.tolerance("campplus/style"));
    }
  }

  @Test
  void theSameClipGivesTheSameBytesInTheSameMemory() {
    CamPlus network = load(backend);
    float[] first = style(network, backend);
    long reserved = backend.reservedBytes();
    assertArrayEquals(first, style(network, backend));
    assertEquals(reserved, backend.reservedBytes());
  }

  @Test
  void shortestClipAndWhatItRefuses() {
    CamPlus network = load(backend);
    Ops ops = new Ops(backend, Taps.NONE);
    assertEquals(network.style(), ops.download(network.forward(ops, ops.zeros(3, BINS))).length);
    assertThrows(ShapeException.class, () -> network.forward(ops, ops.zeros(2, BINS)));
    assertThrows(ShapeException.class, () -> network.forward(ops, ops.zeros(9, BINS / 2)));
  }

  /** {@code [t][bin·channel]} to the official {@code [channel·bin][t]}. */
  private static float[] channelMajor(float[] x, int width, int bins) {
    float[] rows = new float[x.length];
    int channels = width / bins;
    for (int i = 0; i < x.length; i++) {
      int bin = i / channels % bins;
      rows[i / width * width + i % channels * bins + bin] = x[i];
    }
    return Golden.transposed(rows, width);
  }

  private static float[] everyFourth(float[] x, int columns) {
    int rows = (x.length / columns + 3) / 4;
    float[] y = new float[rows * columns];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, 4 * r * columns, y, r * columns, columns);
    }
    return y;
  }

  private float[] style(CamPlus network, Backend on) {
    Ops ops = new Ops(on, (name, tensor) -> seen.put(name, tensor.toFloats()));
    float[] x = golden.floats("fbank/fbank_centered");
    try (var _ = ops.scope()) {
      return ops.download(network.forward(ops, ops.upload(x, x.length / BINS, BINS)));
    }
  }

  private CamPlus load(Backend on) {
    try (TorchArchive file = TorchArchive.open(golden.file("hf_cache/campplus_cn_common.bin"))) {
      return CamPlus.load(new TensorTable(file.dictionary(), "CAM++"), new Parameters(on, Precision.FP16));
    }
  }
}
