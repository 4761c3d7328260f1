package dev.syrinx.backend.cuda;

import dev.syrinx.ffi.NativeException;
import dev.syrinx.ffi.Probe;
import dev.syrinx.ffi.cublas.CublasLt;
import dev.syrinx.ffi.cublas.CublasLtProducts;
import dev.syrinx.ffi.cublas.JCublas;
import dev.syrinx.ffi.cublas.MatmulShape;
import dev.syrinx.ffi.cublas.Products;
import dev.syrinx.ffi.cuda.ArgumentBlock;
import dev.syrinx.ffi.cuda.ArgumentBlock.Kind;
import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import dev.syrinx.kernels.Layout;
import dev.syrinx.kernels.activation.Activation;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Products by NVIDIA's library: x is rounded to the type of the weights where that is 16 bits wide, the library sums, one product a tap, and what the model fuses to a product
 * follows in a launch of its own. See {@code library/product.cu}.
 */
final class LibraryGemm implements AutoCloseable {
  private static final String SOURCE = "library/product";
  private static final int THREADS = 256;
  private static final int ALIGNMENT = 16;
  private static final List<Kind> ROUND = List.of(Kind.ADDRESS, Kind.ADDRESS, Kind.ADDRESS); // the count is 64 bits wide, too
  private static final List<Kind> FINISH = kinds(4, 8);

  private final SharedDevice device;
  private final Launches launches;
  private final FreeSpace.Piece workspace;
  private final Products products;
  private final ArgumentBlock round;
  private final ArgumentBlock finish;

  private LibraryGemm(SharedDevice device, Launches launches, FreeSpace.Piece workspace, Products products, Arena arena) {
    this.device = device;
    this.launches = launches;
    this.workspace = workspace;
    this.products = products;
    round = new ArgumentBlock(arena, ROUND);
    finish = new ArgumentBlock(arena, FINISH);
  }

  /**
   * The library that the options name, if they name one; its workspace comes from the pool.
   *
   * @throws NativeException if it is not there, saying why
   */
  static Optional<LibraryGemm> open(CudaOptions.Gemm choice, SharedDevice device, Launches launches, Arena arena) {
    if (choice == CudaOptions.Gemm.OWN) {
      return Optional.empty();
    }
    FreeSpace.Piece workspace = device.pool().take(Products.WORKSPACE);
    try {
      return Optional.of(new LibraryGemm(device, launches, workspace, products(choice, device, workspace.address()), arena));
    } catch (NativeException e) {
      device.pool().give(workspace);
      throw e;
    }
  }

  private static Products products(CudaOptions.Gemm choice, SharedDevice device, long workspace) {
    if (choice == CudaOptions.Gemm.JCUBLAS) {
      return JCublas.products(device.stream(), () -> workspace);
    }
    return switch (CublasLt.probe(device.context())) {
      case Probe.Absent<CublasLt>(String reason, String remedy) -> throw new NativeException("--gemm cublaslt: " + reason + "; " + remedy);
      case Probe.Present<CublasLt>(CublasLt found) -> new CublasLtProducts(found, workspace);
    };
  }

  private static List<Kind> kinds(int addresses, int integers) {
    List<Kind> kinds = new ArrayList<>(Collections.nCopies(addresses, Kind.ADDRESS));
    kinds.addAll(Collections.nCopies(integers, Kind.INT));
    kinds.add(Kind.FLOAT);
    return List.copyOf(kinds);
  }

  /**
   * The library's variants of a product, one for each type of weights. Rows that overlap (frames of a short-time transform) are no matrix to it, and it has no int8 weights with
   * float32 inputs: such calls are left to the kernels of this project.
   */
  static List<CudaVariant> variants(CudaOptions.Gemm library) {
    String name = library.name().toLowerCase(Locale.ROOT);
    return List.of(variant(name, DType.F32), variant(name + "_f16", DType.F16), variant(name + "_bf16", DType.BF16));
  }

  private static CudaVariant variant(String name, DType type) {
    return CudaVariant.of(SOURCE, (a, gpu) -> List.of()).named(name).rounding(type).withScratch(LibraryGemm::scratchBytes).onlyIf(a -> a.dtype("w") == type && takes(a));
  }

  /** Whether a variant is one of these. */
  static boolean is(CudaVariant variant) {
    return variant.source().equals(SOURCE);
  }

  private static boolean takes(Arguments a) {
    int rows = a.i32("rows");
    boolean matrix = rows <= 1 || (a.i32("x_row") >= a.dim("k") / a.i32("taps") && a.i32("y_row") >= a.dim("n"));
    return matrix && !a.halves() && a.dim("k") > 0 && a.view("w").layout().equals(Layout.ROW_MAJOR);
  }

  private static long roundedBytes(Arguments a) {
    return a.dtype("w") == DType.F32 ? 0 : Math.ceilDiv(2L * a.dim("x_extent"), 256L) * 256;
  }

  private static long outputs(Arguments a) {
    return (long) a.i32("batch") * a.i32("rows") * a.dim("n");
  }

  /** Sums lie in y, unless what is added to them may lie there. */
  private static long scratchBytes(Arguments a) {
    return roundedBytes(a) + (a.has("residual") ? 4 * outputs(a) : 0);
  }

  /** Library and binding, for people. */
  String name() {
    return products.name();
  }

  /**
   * A call to be run any number of times on whatever its buffers hold.
   *
   * @param scratch device address of {@link #scratchBytes}
   */
  Runnable prepare(Arguments a, long scratch) {
    return outputs(a) == 0 ? () -> {} : new Call(a, scratch)::run;
  }

  private final class Call {
    private final Arguments a;
    private final long x;
    private final int xBytes;
    private final long sums;
    private final int sumsRow;
    private final int sumsBatch;
    private final MatmulShape shape;
    private final int batches;

    private Call(Arguments a, long scratch) {
      this.a = a;
      boolean rounds = a.dtype("w") != DType.F32;
      x = rounds ? scratch : address("x");
      xBytes = a.dtype("w").bytes();
      boolean apart = a.has("residual");
      int n = a.dim("n");
      int rows = a.i32("rows");
      sums = apart ? scratch + roundedBytes(a) : address("y");
      sumsRow = apart ? n : a.i32("y_row");
      sumsBatch = apart ? n * rows : a.i32("y_batch");
      int xBatch = a.i32("x_batch");
      boolean one = a.i32("batch") == 1 || (xBatch == rows * a.i32("x_row") && sumsBatch == rows * sumsRow); // batches that are one tall matrix
      batches = one ? 1 : a.i32("batch");
      int m = one ? rows * a.i32("batch") : rows;
      int k = a.dim("k") / a.i32("taps");
      MatmulShape.Type type = a.dtype("w") == DType.F32 ? MatmulShape.Type.F32 : a.dtype("w") == DType.F16 ? MatmulShape.Type.F16 : MatmulShape.Type.BF16;
      long xRow = m == 1 ? Math.max(k, a.i32("x_row")) : a.i32("x_row");
      shape = new MatmulShape(m, n, k, type, MatmulShape.Type.F32, xRow, a.stride("w"), m == 1 ? Math.max(n, sumsRow) : sumsRow, alignment(k), false);
    }

    private long address(String name) {
      return a.has(name) ? a.segment(name).address() : 0;
    }

    /** What all addresses and strides of the library's products are multiples of. */
    private int alignment(int k) {
      long bits = x | (long) a.i32("x_row") * xBytes | (long) a.i32("x_tap") * xBytes | (batches > 1 ? (long) a.i32("x_batch") * xBytes : 0);
      bits |= address("w") | a.stride("w") * xBytes | (long) k * xBytes;
      bits |= sums | 4L * sumsRow | (batches > 1 ? 4L * sumsBatch : 0);
      return (int) Math.min(ALIGNMENT, Long.lowestOneBit(bits));
    }

    void run() {
      if (a.dtype("w") != DType.F32) {
        round();
      }
      int taps = a.i32("taps");
      for (int b = 0; b < batches; b++) {
        for (int tap = 0; tap < taps; tap++) {
          long from = x + ((long) b * a.i32("x_batch") + (long) tap * a.i32("x_tap")) * xBytes;
          long weights = address("w") + (long) tap * shape.k() * xBytes;
          products.run(shape, tap > 0, from, weights, sums + 4L * b * sumsBatch, device.stream());
        }
      }
      boolean more = a.has("bias") || a.has("residual") || a.i32("activation") != Activation.NONE.id() || a.f32("alpha") != 1f;
      if (more) {
        finish();
      }
    }

    private void round() {
      String entry = "product_round_" + (a.dtype("w") == DType.F16 ? "f16" : "bf16");
      ArgumentBlock block = round.rewind();
      block.address(address("x"));
      block.address(x);
      block.address(a.dim("x_extent"));
      launch(Launch.over(entry, a.dim("x_extent"), device.gpu()).getFirst(), block);
    }

    private void finish() {
      ArgumentBlock block = finish.rewind();
      block.address(sums);
      block.address(address("bias"));
      block.address(address("residual"));
      block.address(address("y"));
      block.integer(a.i32("batch"));
      block.integer(a.i32("rows"));
      block.integer(a.dim("n"));
      block.integer(sumsRow);
      block.integer(sumsBatch);
      block.integer(a.i32("y_row"));
      block.integer(a.i32("y_batch"));
      block.integer(a.i32("activation"));
      block.real(a.f32("alpha"));
      Gpu gpu = device.gpu();
      launch(Launch.row("product_finish", Math.min((long) a.i32("batch") * a.i32("rows"), 16L * gpu.multiprocessors()), THREADS), block);
    }

    private void launch(Launch launch, ArgumentBlock block) {
      launches.launch(launches.kernels().function(SOURCE, launch.entry()), launch, false, block);
    }
  }

  @Override
  public void close() {
    products.close();
    device.pool().give(workspace);
  }
}
