package dev.syrinx.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.backend.Taps;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.backend.cuda.FakeGpu;
import dev.syrinx.backend.cuda.KernelWatch;
import dev.syrinx.backend.cuda.UserKernel;
import dev.syrinx.backend.cuda.UserKernelException;
import dev.syrinx.kernels.norm.LayerNorm;
import dev.syrinx.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kernel that somebody brings: what it must keep to before it runs, and that it runs. */
final class UserKernelTest {
  /** x, weight, bias, y, eps, two row strides, two extents, scratch. */
  private static final String KINDS = "AAAAFIIIIA";

  @TempDir private Path folder;
  private FakeGpu gpu;

  @BeforeEach
  void build() throws Exception {
    gpu = FakeGpu.build(folder);
  }

  private CudaOptions options(String text, String entry) throws Exception {
    Path file = Files.writeString(folder.resolve("mine.ptx"), text);
    return CudaOptions.of(0).withFusion(false).withKernel(UserKernel.parse("layer_norm", file + ":" + entry));
  }

  private String refused(String text, String entry) throws Exception {
    CudaOptions options = options(text, entry);
    return assertThrows(UserKernelException.class, () -> UserKernelCheck.require(gpu.open(options), options)).getMessage();
  }

  @Test
  void oneThatKeepsTheContractTakesThePlaceOfOurs() throws Exception {
    CudaOptions options = options("FAKE\nlayer_norm/F32 " + KINDS + "\n", "layer_norm/F32@t/96");
    try (CudaBackend backend = gpu.open(options)) {
      UserKernelCheck.require(backend, options);
      Ops ops = new Ops(backend, Taps.NONE);
      Tensor x = ops.upload(new float[] {1, 3, 2, 6}, 2, 2);
      gpu.log();
      Tensor y = ops.layerNorm(x, Norm.bare(0));
      assertTrue(gpu.log().stream().anyMatch(line -> line.startsWith("launch layer_norm/F32 2x1x1 96x1x1")));
      assertArrayEquals(new float[] {-1, 1, -1, 1}, ops.download(y), 1e-6f);
      try (Replay replay = backend.capture(() -> ops.layerNormInto(x, Norm.bare(0), y))) {
        replay.run();
        replay.run();
      }
      List<KernelWatch.Time> times = backend.watch().orElseThrow().times();
      assertEquals(1, times.size());
      assertEquals("t=2 c=2 no weight no bias", times.getFirst().shape());
      assertEquals(3, times.getFirst().calls());
      assertTrue(times.getFirst().ourMicros() > 0 && times.getFirst().theirMicros() > 0, times::toString);
    }
  }

  @Test
  void oneThatComputesSomethingElseDoesNotRun() throws Exception {
    String message = refused("FAKE\nidle/F32 " + KINDS + "\n", "idle/F32");
    assertTrue(message.contains("mine.ptx:idle/F32 does not compute y[t,c] = ") && message.contains("times what is allowed"), message);
  }

  @Test
  void whatIsWrongWithAFileIsSaid() throws Exception {
    assertContains(refused("FAKE\nlayer_norm/F32 AAA\n", "layer_norm/F32"), "the entry has 3 parameters of [8, 8, 8] bytes", "const float* x, const float* weight");
    assertContains(refused("FAKE\nlayer_norm/F32 " + KINDS + "\n", "other"), "the file has no entry of this name", "extern \"C\"");
    assertContains(refused("nonsense", "other"), "with log 'ptxas fatal : unexpected 'nonsense''", "compile it with nvcc -ptx");
    CudaOptions none = CudaOptions.of(0).withFusion(false).withKernel(UserKernel.parse("layer_norm", folder.resolve("none.ptx") + ":x"));
    assertContains(assertThrows(UserKernelException.class, () -> gpu.open(none)).getMessage(), "cannot read the file", "none.ptx");
  }

  @Test
  void whatWouldBeDroppedIsRefused() throws Exception {
    CudaOptions fused = options("FAKE\n", "x").withFusion(true);
    assertContains(assertThrows(IllegalArgumentException.class, fused::checked).getMessage(), "computes layer_norm itself; add --fusion off");
    CudaOptions both = options("FAKE\n", "x").withVariant("layer_norm", "cuda");
    assertContains(assertThrows(IllegalArgumentException.class, both::checked).getMessage(), "leave one out");
  }

  @Test
  void theFormIsExplained() {
    assertParse("layer_norm", "file.ptx", "NAME[/TYPE]=FILE:ENTRY[@BLOCKS/THREADS]");
    assertParse("no_such", "file.ptx:x", "no kernel is named 'no_such'");
    assertParse("gemm/fp8", "file.ptx:x", "use f32, f16, bf16 or i8");
    assertParse("layer_norm", "file.ptx:x@q/32", "no axis of layer_norm, which has [t, c]");
    assertParse("layer_norm", "file.ptx:x@t/2000", "1 to 1024 threads");
    UserKernel kernel = UserKernel.parse("gemm/f16", "a:b/file.fatbin:x@7/64");
    assertEquals(Path.of("a:b/file.fatbin"), kernel.file());
    assertTrue(UserKernel.signature(LayerNorm.SPEC).endsWith("float* y, float eps, int x_row, int y_row, int t, int c, void* scratch)"), UserKernel.signature(LayerNorm.SPEC));
  }

  private static void assertParse(String name, String target, String part) {
    assertContains(assertThrows(IllegalArgumentException.class, () -> UserKernel.parse(name, target)).getMessage(), part);
  }

  private static void assertContains(String message, String... parts) {
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
