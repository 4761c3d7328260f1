package dev.syrinx.synth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.cuda.CudaBackend;
import dev.syrinx.backend.cuda.CudaKernels;
import dev.syrinx.backend.cuda.CudaOptions;
import dev.syrinx.ffi.cuda.RehearsalDriver;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.nn.Precision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HostWarmupTest {
  /** Images of whatever is asked for: the device that plays one looks into none. */
  private static final CudaKernels ALL = new CudaKernels() {
    @Override
    public List<CudaVariant> variants(KernelSpec spec) {
      return CudaKernels.packed().variants(spec);
    }

    @Override
    public Optional<byte[]> image(String source) {
      return Optional.of(new byte[] {0});
    }
  };

  /** The device is one that the warm-up takes for real. */
  private static Map<String, Set<String>> loadedAfter(Switches switches) {
    try (RehearsalDriver driver = new RehearsalDriver(RehearsalDriver.Device.H100);
        CudaBackend backend = CudaBackend.open(driver.probe(), switches.cuda(CudaOptions.of(0)), ALL)) {
      HostWarmup warmup = HostWarmup.beside(backend, switches);
      await(warmup);
      assertTrue(warmup.rounds() > 0, "no sentence was spoken");
      assertEquals(Map.of(), backend.loaded());
      warmup.close();
      return backend.loaded();
    }
  }

  private static void await(HostWarmup warmup) {
    assertTimeoutPreemptively(Duration.ofSeconds(90), () -> {
      while (warmup.running() && warmup.rounds() == 0) {
        Thread.sleep(20);
      }
    });
  }

  @Test
  void speaksAndLoadsTheKernelsOfASentence() {
    Map<String, Set<String>> loaded = loadedAfter(Switches.defaults().withPrecision(Precision.FP16));
    assertTrue(loaded.get("fused/decode_program").contains("decode_program_f16"), loaded::toString);
    assertTrue(loaded.keySet().containsAll(Set.of("gemm/gemm_mma", "conv/snake", "sample/advance_beams")), loaded::toString);
  }

  @Test
  void followsTheSwitches() {
    Map<String, Set<String>> loaded = loadedAfter(Switches.defaults().withFusion(false));
    assertFalse(loaded.containsKey("fused/decode_program"), loaded::toString);
  }

  @Test
  void endsSoonAfterItIsClosed() {
    try (RehearsalDriver driver = new RehearsalDriver(RehearsalDriver.Device.H100);
        CudaBackend backend = CudaBackend.open(driver.probe(), Switches.defaults().cuda(CudaOptions.of(0)), ALL)) {
      HostWarmup warmup = HostWarmup.beside(backend, Switches.defaults());
      warmup.close();
      assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
        while (warmup.running()) {
          Thread.sleep(20);
        }
      });
      assertTrue(warmup.rounds() < 3, () -> warmup.rounds() + " sentences");
    }
  }

  @Test
  void whereThereIsNoGpuNothingIsDone() {
    try (CpuBackend backend = new CpuBackend(1, false); HostWarmup warmup = HostWarmup.beside(backend, Switches.defaults())) {
      assertFalse(warmup.running());
    }
  }
}
