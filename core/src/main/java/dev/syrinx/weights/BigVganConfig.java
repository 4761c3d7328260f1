package dev.syrinx.weights;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code config.json} of BigVGAN.
 *
 * @param resblockDilations one list for each kernel size
 * @param tanhAtFinal whether tanh bounds the output; otherwise it is clamped
 * @param maxFrequency Hz; empty for half the sample rate
 */
public record BigVganConfig(
    List<Integer> upsampleRates,
    List<Integer> upsampleKernels,
    int initialChannels,
    List<Integer> resblockKernels,
    List<List<Integer>> resblockDilations,
    boolean tanhAtFinal,
    boolean biasAtFinal,
    boolean logScale,
    int mels,
    int fftSize,
    int hopSize,
    int windowSize,
    int sampleRate,
    double minFrequency,
    Optional<Double> maxFrequency) {

  /**
   * Reads the file; keys that may be absent have the defaults of the official program.
   *
   * @throws CheckpointException naming the file, the key, what was expected and what was found
   */
  public static BigVganConfig read(Path file) {
    ConfigNode node = ConfigNode.json(file);
    node.only("resblock", "1");
    node.only("activation", "snakebeta");
    BigVganConfig config = new BigVganConfig(
        node.counts("upsample_rates"),
        node.counts("upsample_kernel_sizes"),
        node.count("upsample_initial_channel"),
        node.counts("resblock_kernel_sizes"),
        node.countLists("resblock_dilation_sizes"),
        node.flag("use_tanh_at_final", true),
        node.flag("use_bias_at_final", true),
        node.flag("snake_logscale", false),
        node.count("num_mels"),
        node.count("n_fft"),
        node.count("hop_size"),
        node.count("win_size"),
        node.count("sampling_rate"),
        node.real("fmin", 0),
        node.optionalReal("fmax"));
    check(node, config);
    return config;
  }

  /** Output samples per mel frame: the product of the upsampling rates. */
  public int samplesPerFrame() {
    return upsampleRates.stream().reduce(1, Math::multiplyExact);
  }

  private static void check(ConfigNode node, BigVganConfig config) {
    int stages = config.upsampleRates().size();
    if (config.upsampleKernels().size() != stages) {
      throw node.error("upsample_rates and upsample_kernel_sizes must be equally long");
    }
    if (config.resblockKernels().size() != config.resblockDilations().size()) {
      throw node.error("resblock_kernel_sizes and resblock_dilation_sizes must be equally long");
    }
    if (stages > 24 || config.initialChannels() >> stages == 0) {
      throw node.error("upsample_initial_channel, %d, cannot be halved %d times".formatted(config.initialChannels(), stages));
    }
    if (config.upsampleRates().stream().mapToDouble(Integer::doubleValue).reduce(1, (a, b) -> a * b) != config.hopSize()) {
      throw node.error("the product of upsample_rates must be hop_size, " + config.hopSize());
    }
  }
}
