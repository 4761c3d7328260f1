package dev.syrinx.ffi.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bindings in use, against a driver that writes down what it was asked. */
final class CudaEngineTest {
  private static final List<ArgumentBlock.Kind> KINDS = List.of(ArgumentBlock.Kind.ADDRESS, ArgumentBlock.Kind.INT, ArgumentBlock.Kind.FLOAT);
  private static final byte[] IMAGE = "FAKE\nscale AIF\nbad_write AIF\n".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private NativeLibrary library;
  private CudaContext context;
  private CudaStream stream;

  @BeforeEach
  void open() throws Exception {
    library = FakeDriver.build(folder, "MEMORY=1048576");
    context = CudaContext.open(CudaDriver.probe(library).toOptional().orElseThrow(), 0);
    stream = CudaStream.create(context);
    FakeDriver.log(library);
  }

  private List<String> log() {
    return FakeDriver.log(library);
  }

  @Test
  void whatTheDeviceHas() {
    assertEquals(232_448, context.sharedBytes());
    assertEquals(50 << 20, context.l2Bytes());
    assertEquals(new CudaContext.Memory(1 << 20, 1 << 20), context.memory());
    assertEquals(132, context.device().multiprocessors());
  }

  @Test
  void aGpuThatIsNotThereIsNamed() {
    CudaDriver driver = CudaDriver.probe(library).toOptional().orElseThrow();
    assertEquals("there is no cuda:3; the driver lists cuda:0 to cuda:0", assertThrows(NativeException.class, () -> CudaContext.open(driver, 3)).getMessage());
  }

  @Test
  void anotherThreadMustEnter() throws Exception {
    Throwable[] thrown = new Throwable[1];
    Thread other = new Thread(() -> {
      try {
        stream.synchronize();
      } catch (CudaException e) {
        thrown[0] = e;
      }
      context.enter();
      stream.synchronize();
    });
    other.start();
    other.join();
    assertEquals(201, ((CudaException) thrown[0]).status());
  }

  @Test
  void memoryGoesThereAndBack() {
    try (Arena arena = Arena.ofConfined();
        DeviceMemory memory = DeviceMemory.allocate(context, 12);
        DeviceMemory other = DeviceMemory.allocate(stream, 12);
        PinnedMemory pinned = PinnedMemory.allocate(context, 12)) {
      MemorySegment host = arena.allocateFrom(JAVA_INT, 1, 2, 3);
      stream.copyToDevice(host, memory.address(), 12);
      stream.copyOnDevice(memory.address(), other.address(), 12);
      stream.fillWords(other.address() + 8, 7, 1);
      stream.fill(other.address(), (byte) 1, 4);
      stream.copyToHost(other.address(), pinned.segment(), 12);
      stream.synchronize();
      assertArrayEquals(new int[] {0x01010101, 2, 7}, pinned.segment().toArray(JAVA_INT));
      assertEquals(0, memory.segment().byteSize());
      assertThrows(IndexOutOfBoundsException.class, () -> memory.segment().get(JAVA_INT, 0));
    }
    assertEquals(List.of("alloc 12", "allocAsync 12", "upload 12", "copy 12", "download 12", "synchronize", "freeAsync", "free"), log());
  }

  @Test
  void noRoomLeavesTheContextUsable() {
    DeviceOutOfMemoryException e = assertThrows(DeviceOutOfMemoryException.class, () -> DeviceMemory.allocate(context, 2 << 20));
    assertTrue(e.getMessage().startsWith("cuMemAlloc(2097152 bytes): CUDA_ERROR_OUT_OF_MEMORY (2)"), e.getMessage());
    assertTrue(e.getMessage().contains("smaller precision") && e.getMessage().contains("1 of 1 MiB are free"), e.getMessage());
    assertFalse(context.lost());
    DeviceMemory.allocate(context, 1000).close();
    assertThrows(DeviceOutOfMemoryException.class, () -> DeviceMemory.allocate(stream, 2 << 20));
    DeviceMemory.allocate(stream, 1000).close();
  }

  @Test
  void argumentsArriveInOrder() {
    try (CudaModule module = CudaModule.load(context, "scale", IMAGE)) {
      ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS);
      PanamaLauncher launcher = new PanamaLauncher(context);
      CudaFunction scale = module.function("scale");
      launcher.launch(scale, 3, 2, 1, 128, 64, stream, block.rewind().address(0xabcdef0123L).integer(-5).real(0.5f));
      launcher.launch(scale, 1, 1, 1, 32, 0, stream, block.rewind().address(0).integer(6).real(-1));
      assertEquals(List.of("module 2", "launch scale 3x2x1 128x1x1 64 abcdef0123 -5 0.5", "launch scale 1x1x1 32x1x1 0 0 6 -1"), log());
      assertEquals(new CudaFunction.Attributes(32, 0, 0, 1024, 90), scale.attributes());
    }
  }

  @Test
  void attributesOfALaunch() {
    CudaFunction scale = CudaModule.load(context, "scale", IMAGE).function("scale");
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS).address(1).integer(2).real(3);
    PanamaLauncher launcher = new PanamaLauncher(context);
    log();
    launcher.launch(scale, 4, 1, 1, 32, 0, LaunchAttributes.NONE.overlapping().together().clusters(2, 1, 1), stream, block);
    launcher.launch(scale, 4, 1, 1, 32, 0, LaunchAttributes.NONE, stream, block);
    assertEquals(
        List.of("attribute 6=1", "attribute 2=1", "cluster 2x1x1", "launch scale 4x1x1 32x1x1 0 1 2 3", "launch scale 4x1x1 32x1x1 0 1 2 3"), log());
  }

  @Test
  void muchSharedMemoryIsAskedForOnce() {
    CudaFunction scale = CudaModule.load(context, "scale", IMAGE).function("scale");
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS).address(1).integer(2).real(3);
    PanamaLauncher launcher = new PanamaLauncher(context);
    log();
    launcher.launch(scale, 1, 1, 1, 32, 100_000, stream, block);
    launcher.launch(scale, 1, 1, 1, 32, 100_000, stream, block);
    assertEquals(
        List.of("attribute scale 8 232448", "launch scale 1x1x1 32x1x1 100000 1 2 3", "launch scale 1x1x1 32x1x1 100000 1 2 3"), log());
    String message = assertThrows(CudaException.class, () -> launcher.launch(scale, 1, 1, 1, 32, 300_000, stream, block)).getMessage();
    assertTrue(message.contains("scale") && message.contains("at most 232448 bytes") && message.contains("300000"), message);
  }

  @Test
  void wrongArgumentsNeverReachTheDriver() {
    CudaFunction scale = CudaModule.load(context, "scale", IMAGE).function("scale");
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS);
    assertThrows(IllegalStateException.class, () -> block.integer(1));
    block.rewind().address(1).integer(2);
    assertThrows(IllegalStateException.class, () -> new PanamaLauncher(context).launch(scale, 1, 1, 1, 32, 0, stream, block));
    block.real(1);
    assertThrows(IllegalStateException.class, () -> block.real(1));
  }

  @Test
  void mapsStandBehindTheOtherParameters() {
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), List.of(ArgumentBlock.Kind.INT, ArgumentBlock.Kind.MAP, ArgumentBlock.Kind.ADDRESS));
    TensorMaps maps = new TensorMaps(context);
    long place = block.integer(1).map();
    maps.write(place, 0x1230, 96, 7, 2, 192, 2048, 128);
    block.address(5).complete();
    assertEquals(0, place % 64);
    long[] map = block.value(1).toArray(java.lang.foreign.ValueLayout.JAVA_LONG);
    assertArrayEquals(new long[] {0x1230, 96, 7, 2, 192, 2048, 64, 128}, Arrays.copyOf(map, 8)); // as the stand-in writes it
    String message = assertThrows(CudaException.class, () -> maps.write(place, 0x1231, 96, 7, 2, 192, 2048, 128)).getMessage();
    assertTrue(message.contains("2 x 7 x 96 elements") && message.contains("1231"), message);
  }

  @Test
  void aRefusedLaunchNamesKernelAndGeometry() {
    CudaFunction scale = CudaModule.load(context, "scale", IMAGE).function("scale");
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS).address(1).integer(2).real(3);
    String message = assertThrows(CudaException.class, () -> new PanamaLauncher(context).launch(scale, 1, 1, 1, 2048, 0, stream, block)).getMessage();
    assertTrue(message.startsWith("cuLaunchKernel(scale, 1x1x1 blocks of 2048 threads, 0 bytes of shared memory): CUDA_ERROR_INVALID_VALUE (1)"), message);
  }

  @Test
  void brokenImagesShowTheCompilersLog() {
    String message = assertThrows(CudaException.class, () -> CudaModule.load(context, "norm/odd", ".version 99".getBytes(StandardCharsets.UTF_8))).getMessage();
    assertTrue(message.contains("norm/odd") && message.contains("ptxas fatal : unexpected '.version'"), message);
    String missing = assertThrows(CudaException.class, () -> CudaModule.load(context, "scale", IMAGE).function("sum")).getMessage();
    assertTrue(missing.contains("sum of scale") && missing.contains("rebuild"), missing);
  }

  @Test
  void recordedWorkRunsWhenLaunched() {
    CudaFunction scale = CudaModule.load(context, "scale", IMAGE).function("scale");
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS).address(1).integer(2).real(3);
    PanamaLauncher launcher = new PanamaLauncher(context);
    log();
    try (CudaGraph graph = CudaGraph.record(stream, () -> {
      launcher.launch(scale, 1, 1, 1, 32, 0, stream, block);
      launcher.launch(scale, 2, 1, 1, 32, 0, stream, block.rewind().address(1).integer(9).real(3));
    })) {
      assertEquals(List.of("capture 1", "captured"), log());
      assertEquals(2, graph.nodes());
      block.rewind().address(7).integer(7).real(7);
      graph.launch(stream);
    }
    assertEquals(List.of("graph 2", "launch scale 1x1x1 32x1x1 0 1 2 3", "launch scale 2x1x1 32x1x1 0 1 9 3", "destroy graph"), log());
  }

  @Test
  void aFailedCaptureEnds() {
    CudaException e = assertThrows(CudaException.class, () -> CudaGraph.record(stream, () -> DeviceMemory.allocate(context, 64)));
    assertEquals(900, e.status());
    DeviceMemory.allocate(context, 64).close();
  }

  @Test
  void eventsTellTheTime() {
    CudaFunction scale = CudaModule.load(context, "scale", IMAGE).function("scale");
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS).address(1).integer(2).real(3);
    try (CudaEvent start = CudaEvent.timed(context); CudaEvent end = CudaEvent.timed(context)) {
      start.record(stream);
      new PanamaLauncher(context).launch(scale, 1, 1, 1, 32, 0, stream, block);
      end.record(stream);
      end.synchronize();
      assertEquals(0.25f, end.millisSince(start));
    }
  }

  @Test
  void aKernelThatWritesAstrayLosesTheContext() {
    CudaFunction bad = CudaModule.load(context, "scale", IMAGE).function("bad_write");
    ArgumentBlock block = new ArgumentBlock(Arena.ofAuto(), KINDS).address(1).integer(2).real(3);
    new PanamaLauncher(context).launch(bad, 1, 1, 1, 32, 0, stream, block);
    ContextLostException e = assertThrows(ContextLostException.class, stream::synchronize);
    assertTrue(e.getMessage().contains("CUDA_ERROR_ILLEGAL_ADDRESS (700)") && e.getMessage().contains("context is lost"), e.getMessage());
    assertTrue(context.lost());
  }
}
