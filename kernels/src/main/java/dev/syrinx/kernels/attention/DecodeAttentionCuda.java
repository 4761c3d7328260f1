package dev.syrinx.kernels.attention;

import dev.syrinx.kernels.Arguments;
import dev.syrinx.kernels.CudaVariant;
import dev.syrinx.kernels.Gpu;
import dev.syrinx.kernels.Launch;
import java.util.List;

/** How {@link DecodeAttention} runs on a CUDA device. The sizes are those of {@code attention/decode_attention.cu}. */
final class DecodeAttentionCuda {
  private static final String SOURCE = "attention/decode_attention";

  /** Positions of a block, and its threads, where a second launch puts the parts together. */
  private static final int CHUNK = 64;

  private static final int THREADS = 128;

  /** Blocks of a head, and their threads, where they put them together themselves. */
  private static final int CLUSTER = 8;

  private static final int CLUSTER_THREADS = 256;

  /** Largest head. */
  private static final int MOST_COLUMNS = 256;

  private DecodeAttentionCuda() {}

  /** One launch where blocks can read each other's memory, two elsewhere. */
  static CudaVariant best() {
    return variant((a, gpu) -> clusters(gpu) ? cluster(a) : split(a));
  }

  /** Two launches on any device. */
  static CudaVariant twoLaunches() {
    return variant((a, gpu) -> split(a)).named("split");
  }

  private static CudaVariant variant(CudaVariant.Plan plan) {
    return CudaVariant.of(SOURCE, plan).withScratch(DecodeAttentionCuda::scratch).onlyIf(DecodeAttentionCuda::fits);
  }

  /** Devices with machine code for clusters: others run the portable code, which has none. */
  private static boolean clusters(Gpu gpu) {
    return gpu.capability() / 10 == 9 || gpu.capability() / 10 == 12;
  }

  private static boolean fits(Arguments a) {
    return columns(a) <= MOST_COLUMNS && a.dim("batch") <= Launch.MAX_GRID_YZ && a.i32("heads") <= Launch.MAX_GRID_YZ;
  }

  private static int columns(Arguments a) {
    return a.dim("width") / a.i32("heads");
  }

  private static int chunks(Arguments a) {
    return Launch.blocks((long) a.dim("blocks") * a.i32("block_size"), CHUNK);
  }

  /** The largest score, the sum of the weights, and the sums. */
  private static int partialBytes(Arguments a) {
    return 4 * (columns(a) + 2);
  }

  private static long scratch(Arguments a) {
    return (long) a.dim("batch") * a.i32("heads") * chunks(a) * partialBytes(a);
  }

  private static List<Launch> split(Arguments a) {
    int heads = a.i32("heads");
    int batch = a.dim("batch");
    if (batch == 0 || columns(a) == 0) {
      return List.of();
    }
    Launch combine = new Launch("decode_attention_combine", heads, batch, 1, THREADS, 0);
    if (chunks(a) == 0) {
      return List.of(combine);
    }
    return List.of(new Launch(entry("decode_attention_split", a), chunks(a), heads, batch, THREADS, shared(a, THREADS)), combine);
  }

  private static List<Launch> cluster(Arguments a) {
    if (a.dim("batch") == 0 || columns(a) == 0) {
      return List.of();
    }
    int blocks = CLUSTER * a.i32("heads");
    return List.of(new Launch(entry("decode_attention_cluster", a), blocks, a.dim("batch"), 1, CLUSTER_THREADS, shared(a, CLUSTER_THREADS)));
  }

  private static String entry(String name, Arguments a) {
    return a.half("keys") ? name + "_half" : name;
  }

  /** A partial result of each warp, and one of the block. */
  private static int shared(Arguments a, int threads) {
    return (threads / 32 + 1) * partialBytes(a);
  }
}
