package dev.syrinx.ffi.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.syrinx.ffi.NativeLibrary;
import dev.syrinx.ffi.Probe;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JCuda's JNI half against the stand-in: it asks for {@code libcuda.so.1} and gets what is loaded under that name. */
final class JCudaLauncherTest {
  @TempDir private Path folder;

  @Test
  void kernelsStreamsAndParametersAreTheSame() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "JCuda's natives are for x86-64");
    assumeTrue(!NativeLibrary.open("the CUDA driver", "libcuda.so.1").present(), "this machine has a real driver, which JCuda would take");
    NativeLibrary library = FakeDriver.buildForAll(folder);
    CudaContext context = CudaContext.open(CudaDriver.probe(library).toOptional().orElseThrow(), 0);
    assertInstanceOf(Probe.Present.class, JCuda.probe(), () -> JCuda.probe().toString());
    KernelLauncher launcher = JCuda.launcher(context);
    assertEquals("jcuda", launcher.name());
    CudaFunction scale = CudaModule.load(context, "scale", "FAKE\nscale AIF\n".getBytes(StandardCharsets.UTF_8)).function("scale");
    CudaStream stream = CudaStream.create(context);
    ArgumentBlock block =
        new ArgumentBlock(Arena.ofAuto(), List.of(ArgumentBlock.Kind.ADDRESS, ArgumentBlock.Kind.INT, ArgumentBlock.Kind.FLOAT)).address(0xabcdef0123L).integer(-5);
    assertThrows(IllegalStateException.class, () -> launcher.launch(scale, 1, 1, 1, 32, 0, stream, block));
    block.real(0.5f);
    FakeDriver.log(library);
    launcher.launch(scale, 3, 2, 1, 128, 60_000, stream, block);
    assertEquals(List.of("attribute scale 8 232448", "launch scale 3x2x1 128x1x1 60000 abcdef0123 -5 0.5"), FakeDriver.log(library));
    String message = assertThrows(CudaException.class, () -> launcher.launch(scale, 1, 1, 1, 2048, 0, stream, block)).getMessage();
    assertTrue(message.startsWith("JCuda's cuLaunchKernel(scale, 1x1x1 blocks of 2048 threads"), message);
  }
}
