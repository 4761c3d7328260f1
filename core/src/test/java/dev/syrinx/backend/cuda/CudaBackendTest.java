package dev.syrinx.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.backend.Taps;
import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.cuda.CudaDriver;
import dev.syrinx.ffi.cuda.CudaException;
import dev.syrinx.ffi.cuda.DeviceOutOfMemoryException;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.KernelSpec;
import dev.syrinx.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CUDA engine against a driver that is none. */
final class CudaBackendTest {
  @TempDir private Path folder;

  private CudaBackend open(CudaOptions options, String... macros) throws Exception {
    return FakeGpu.build(folder, macros).open(options);
  }

  @Test
  void callsGoToTheDeviceAndBack() throws Exception {
    FakeGpu gpu = FakeGpu.build(folder);
    try (CudaBackend backend = gpu.open(CudaOptions.of(0))) {
      Ops ops = new Ops(backend, Taps.NONE);
      Tensor x = ops.upload(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
      assertEquals(0, x.view().segment().byteSize());
      gpu.log();
      Tensor y = ops.combine(2, x.cols(1, 3), 1, x.cols(0, 2));
      List<String> log = gpu.log();
      assertEquals(1, log.stream().filter(line -> line.startsWith("launch elementwise/F32 1x1x1 32x1x1 0")).count(), log::toString);
      assertArrayEquals(new float[] {5, 8, 14, 17}, ops.download(y));
      assertThrows(IndexOutOfBoundsException.class, y::toFloats);
    }
    assertTrue(gpu.log().getLast().startsWith("release"));
  }

  @Test
  void temporariesAreUsedAgain() throws Exception {
    try (CudaBackend backend = open(CudaOptions.of(0))) {
      long before = backend.reservedBytes();
      long first = 0;
      for (int i = 0; i < 3; i++) {
        try (var scope = backend.scope()) {
          MemorySegment made = backend.temporary(100_000_000);
          first = first == 0 ? made.address() : first;
          assertEquals(first, made.address());
          assertEquals(0, made.byteSize());
        }
      }
      assertEquals(48L << 21, backend.reservedBytes() - before, "100,000,000 bytes in whole pages of the driver");
      assertEquals(backend.reservedBytes(), backend.peakBytes());
    }
  }

  /** What speaks sentences of all lengths, the longest first, takes no more than the longest did. */
  @Test
  void shorterRequestsFitWhereTheLongestWas() throws Exception {
    try (CudaBackend backend = open(CudaOptions.of(0))) {
      SplittableRandom random = new SplittableRandom(5);
      long after = 0;
      for (int i = 0; i < 100; i++) {
        long length = i == 0 ? 100 : 1 + random.nextInt(100);
        try (var cache = backend.reserve(length << 18); Replay step = backend.capture(() -> LongStream.range(1, 7).forEach(n -> backend.temporary(n * length << 16)))) {
          assertEquals(0, step.size());
        }
        after = i == 0 ? backend.reservedBytes() : after;
      }
      assertEquals(after, backend.reservedBytes());
    }
  }

  @Test
  void smallAllocationsShareABlock() throws Exception {
    FakeGpu gpu = FakeGpu.build(folder);
    try (CudaBackend backend = gpu.open(CudaOptions.of(0))) {
      gpu.log();
      long[] addresses = IntStream.range(0, 100).mapToLong(i -> backend.allocate(1000 + i).address()).toArray();
      backend.allocate(10 << 20);
      assertEquals(List.of("alloc 2097152", "alloc 10485760"), gpu.log());
      for (int i = 1; i < addresses.length; i++) {
        assertEquals(i - 1 > 24 ? 1280 : 1024, addresses[i] - addresses[i - 1]); // 1024 bytes and more take another 256
        assertEquals(0, addresses[i] % 256);
      }
    }
  }

  @Test
  void longUploadsArriveWhole() throws Exception {
    try (CudaBackend backend = open(CudaOptions.of(0)); Arena arena = Arena.ofConfined()) {
      float[] values = new float[7_000_000];
      for (int i = 0; i < values.length; i++) {
        values[i] = i;
      }
      MemorySegment device = backend.allocate(values.length * 4L);
      for (int i = 0; i < 3; i++) {
        backend.upload(MemorySegment.ofArray(new float[] {1, 2, 3}), device);
      }
      backend.upload(MemorySegment.ofArray(values), device);
      MemorySegment back = arena.allocate(values.length * 4L, 64);
      backend.download(device, back);
      assertArrayEquals(values, back.toArray(JAVA_FLOAT));
    }
  }

  @Test
  void recordingsRunOnWhatTheirBuffersHold() throws Exception {
    for (boolean graphs : new boolean[] {true, false}) {
      FakeGpu gpu = FakeGpu.build(folder);
      try (CudaBackend backend = gpu.open(CudaOptions.of(0).withGraphs(graphs))) {
        Ops ops = new Ops(backend, Taps.NONE);
        Tensor x = ops.upload(new float[] {1, 2}, 1, 2);
        Tensor y = ops.upload(new float[] {-1, -1}, 1, 2);
        gpu.log();
        long before = backend.reservedBytes();
        try (Replay replay = backend.capture(() -> ops.combineInto(1, ops.combine(10, x, 0, x), 1, x, y))) {
          replay.ready();
          List<String> log = gpu.log();
          assertTrue(log.stream().noneMatch(line -> line.startsWith("launch")), log::toString);
          assertEquals(graphs, log.contains("capture 1"));
          assertTrue(!graphs || log.indexOf("captured") - log.indexOf("capture 1") == 1, log::toString); // nothing is allocated in between
          assertEquals(2, replay.size());
          assertArrayEquals(new float[] {-1, -1}, ops.download(y));
          replay.run();
          assertArrayEquals(new float[] {11, 22}, ops.download(y));
          ops.uploadInto(new float[] {3, 4}, x);
          replay.run();
          assertArrayEquals(new float[] {33, 44}, ops.download(y));
          assertEquals(graphs ? 2 : 0, gpu.log().stream().filter(line -> line.equals("graph 2")).count());
        }
        long after = backend.reservedBytes();
        assertTrue(after > before);
        backend.capture(() -> ops.combineInto(1, ops.combine(10, x, 0, x), 1, x, y)).close();
        assertEquals(after, backend.reservedBytes());
      }
    }
  }

  /** A device does not wait for a graph: the first run is launched call by call, captured behind it, and only later runs are one launch. */
  @Test
  void aRecordingIsCapturedBehindItsFirstRun() throws Exception {
    FakeGpu gpu = FakeGpu.build(folder);
    try (CudaBackend backend = gpu.open(CudaOptions.of(0).withGraphs(true))) {
      Ops ops = new Ops(backend, Taps.NONE);
      Tensor x = ops.upload(new float[] {1, 2}, 1, 2);
      Tensor y = ops.upload(new float[] {-1, -1}, 1, 2);
      try (Replay replay = backend.capture(() -> ops.combineInto(1, ops.combine(10, x, 0, x), 1, x, y))) {
        gpu.log();
        replay.run();
        assertEquals(List.of("launch", "launch", "capture", "captured"), gpu.log().stream().map(line -> line.split(" ")[0]).toList());
        replay.run();
        assertEquals(1, gpu.log().stream().filter(line -> line.equals("graph 2")).count());
        assertArrayEquals(new float[] {11, 22}, ops.download(y));
      }
    }
  }

  /** Scratch memory must not lie where a scope's temporaries were, because later calls have theirs there again. */
  @Test
  void scratchOfARecordingIsItsOwn() throws Exception {
    FakeGpu gpu = FakeGpu.build(folder);
    CudaKernels scratching = new CudaKernels() {
      @Override
      public List<CudaVariant> variants(KernelSpec spec) {
        return gpu.variants(spec).stream().map(v -> v.withScratch(a -> 4096)).toList();
      }

      @Override
      public Optional<byte[]> image(String source) {
        return gpu.image(source);
      }
    };
    try (CudaBackend backend = gpu.open(CudaOptions.of(0).withGraphs(false), scratching)) {
      Ops ops = new Ops(backend, Taps.NONE);
      List<Long> temporaries = new java.util.ArrayList<>();
      Replay replay = backend.capture(() -> {
        for (int i = 0; i < 3; i++) {
          try (var scope = ops.scope()) {
            Tensor x = ops.empty(16, 64);
            temporaries.add(x.view().segment().address());
            ops.combine(1, x, 1, x);
          }
        }
      });
      gpu.log();
      replay.run();
      List<String> launches = gpu.log().stream().filter(line -> line.startsWith("launch")).toList();
      assertEquals(3, launches.size());
      for (int i = 0; i < 3; i++) {
        long scratch = Long.parseUnsignedLong(launches.get(i).substring(launches.get(i).lastIndexOf(' ') + 1), 16);
        assertEquals(temporaries.getFirst(), temporaries.get(i)); // scopes give back inside a recording, too
        assertTrue(scratch + 4096 <= temporaries.get(i) || temporaries.get(i) + 2 * 4096 <= scratch, "scratch lies among the temporaries");
      }
    }
  }

  @Test
  void aFailedRecordingLeavesNothingBehind() throws Exception {
    try (CudaBackend backend = open(CudaOptions.of(0))) {
      assertThrows(IllegalStateException.class, () -> backend.capture(() -> {
        backend.temporary(100);
        backend.capture(() -> {});
      }));
      long after = backend.reservedBytes();
      assertThrows(IllegalStateException.class, () -> backend.capture(() -> {
        backend.temporary(100);
        throw new IllegalStateException("again");
      }));
      assertEquals(after, backend.reservedBytes());
      try (Replay empty = backend.capture(() -> {})) {
        empty.run();
        assertEquals(0, empty.size());
      }
    }
  }

  @Test
  void noRoomIsSurvived() throws Exception {
    try (CudaBackend backend = open(CudaOptions.of(0), "MEMORY=((size_t)200<<20)")) {
      try (var scope = backend.scope()) {
        backend.temporary(50 << 20);
        DeviceOutOfMemoryException e = assertThrows(DeviceOutOfMemoryException.class, () -> backend.temporary(300 << 20));
        assertTrue(e.getMessage().contains("smaller precision"), e.getMessage());
      }
      assertThrows(DeviceOutOfMemoryException.class, () -> backend.allocate(300 << 20));
      Ops ops = new Ops(backend, Taps.NONE);
      assertArrayEquals(new float[] {2}, ops.download(ops.combine(2, ops.upload(new float[] {1}, 1, 1), 0, ops.upload(new float[] {1}, 1, 1))));
    }
  }

  @Test
  void whatNobodyUsesMakesRoom() throws Exception {
    try (CudaBackend backend = open(CudaOptions.of(0), "MEMORY=((size_t)200<<20)")) {
      for (int megabytes = 40; megabytes < 180; megabytes += 30) {
        try (var scope = backend.scope()) {
          backend.temporary(megabytes << 20);
        }
      }
      assertTrue(backend.peakBytes() <= 200 << 20);
      backend.allocate(150 << 20);
    }
  }

  @Test
  void theLimitOfMemoryHolds() throws Exception {
    try (CudaBackend backend = open(CudaOptions.of(0).withMemory(100 << 20))) {
      String message = assertThrows(DeviceOutOfMemoryException.class, () -> backend.allocate(101 << 20)).getMessage();
      assertTrue(message.contains("104,857,600 bytes that this engine may hold"), message);
      backend.allocate(60 << 20);
    }
  }

  @Test
  void callsThatNoVariantTakesAreNamed() throws Exception {
    FakeGpu gpu = FakeGpu.build(folder);
    CudaKernels none = new CudaKernels() {
      @Override
      public List<CudaVariant> variants(KernelSpec spec) {
        return gpu.variants(spec).stream().map(v -> v.onlyIf(a -> false)).toList();
      }

      @Override
      public Optional<byte[]> image(String source) {
        return Optional.empty();
      }
    };
    try (CudaBackend backend = gpu.open(CudaOptions.of(0), none)) {
      Ops ops = new Ops(backend, Taps.NONE);
      String message = assertThrows(UnsupportedCallException.class, () -> ops.zeros(2, 3)).getMessage();
      assertTrue(message.startsWith("kernel elementwise has no CUDA variant that takes this call: [cuda] decline, elementwise("), message);
    }
  }

  @Test
  void missingKernelsSayWhatToDo() throws Exception {
    FakeGpu gpu = FakeGpu.build(folder);
    CudaKernels unbuilt = new CudaKernels() {
      @Override
      public List<CudaVariant> variants(KernelSpec spec) {
        return gpu.variants(spec);
      }

      @Override
      public Optional<byte[]> image(String source) {
        return Optional.empty();
      }
    };
    try (CudaBackend backend = gpu.open(CudaOptions.of(0), unbuilt)) {
      String message = assertThrows(CudaUnavailableException.class, () -> new Ops(backend, Taps.NONE).zeros(2, 3)).getMessage();
      assertTrue(message.contains("elementwise") && message.contains("nvcc was not found; install the CUDA 13 toolkit and rebuild"), message);
    }
  }

  /** A GPU that is too old for the machine code and the PTX of the build, and a driver that is too old for the PTX. */
  @Test
  void kernelsThatDoNotFitTheDeviceAreSaid() throws Exception {
    String[][] said = {{"209", "CUDA_ERROR_NO_BINARY_FOR_GPU", "needs compute capability 8.0 or newer"}, {"222", "UNSUPPORTED_PTX_VERSION", "install NVIDIA driver 580"}, {"218", "INVALID_PTX", "see the log"}};
    for (String[] parts : said) {
      try (CudaBackend backend = FakeGpu.build(java.nio.file.Files.createTempDirectory(folder, "driver"), "MODULE_STATUS=" + parts[0]).open(CudaOptions.of(0))) {
        String message = assertThrows(CudaException.class, () -> new Ops(backend, Taps.NONE).zeros(2, 3)).getMessage();
        assertTrue(message.contains("elementwise") && message.contains(parts[1]) && message.contains(parts[2]), message);
      }
    }
  }

  @Test
  void noDriverAndNoDeviceAreSaid() throws Exception {
    NativeLibrary none = NativeLibrary.open("the CUDA driver", "libno-such-driver.so.1");
    String message = assertThrows(CudaUnavailableException.class, () -> CudaBackend.open(CudaDriver.probe(none), CudaOptions.of(0), CudaKernels.packed())).getMessage();
    assertTrue(message.contains("libno-such-driver.so.1") && message.contains("580"), message);
    assertTrue(assertThrows(CudaUnavailableException.class, () -> open(CudaOptions.of(7))).getMessage().contains("cuda:0 to cuda:0"));
  }

  @Test
  void optionsRefuseWhatDoesNotExist() {
    assertTrue(assertThrows(IllegalArgumentException.class, () -> CudaOptions.of(0).withVariant("no_such", "cuda")).getMessage().contains("on CUDA there are"));
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> CudaOptions.of(0).withVariant("layer_norm", "none")).getMessage().contains("no CUDA variant 'none'"));
    assertThrows(IllegalArgumentException.class, () -> CudaOptions.of(-1));
    assertFalse(CudaOptions.of(0).withGraphs(false).graphs());
  }
}
