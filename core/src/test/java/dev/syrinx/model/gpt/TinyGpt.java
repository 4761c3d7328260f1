package dev.syrinx.model.gpt;

import dev.syrinx.backend.Backend;
import dev.syrinx.backend.CpuBackend;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Taps;
import dev.syrinx.model.Golden;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.testdata.TestData;
import dev.syrinx.weights.ModelConfig;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TorchArchive;
import dev.syrinx.weights.WeightSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The reference model's autoregressive half on a backend of its own, its prompts, and what its taps saw last. */
public final class TinyGpt implements AutoCloseable {
  /** The reference model's configuration. */
  public static final GptConfig CONFIG = GptConfig.of(ModelConfig.read(TestData.folder(TestData.TINY_A).resolve("config.yaml")).gpt());

  public final Golden golden;
  public final Backend backend;
  public final Ops ops;
  public final AutoregressiveModel model;
  public final Map<String, float[]> seen = new HashMap<>();

  /** @param stopBias added to the head's bias of the stop id */
  public TinyGpt(boolean scalar, float stopBias) {
    this(new CpuBackend(2, scalar), stopBias);
  }

  /** Takes the backend over. */
  public TinyGpt(Backend backend, float stopBias) {
    this.backend = backend;
    try {
      golden = new Golden(TestData.TINY_A);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ops = new Ops(backend, listen());
    try (TorchArchive archive = TorchArchive.open(golden.file("gpt.pth"))) {
      WeightSource source = new Biased(archive.dictionaryOrRoot("model"), CONFIG.stopCode(), stopBias);
      model = AutoregressiveModel.load(source, CONFIG, new Parameters(backend, Precision.FP32));
    }
  }

  public TinyGpt() {
    this(false, 0);
  }

  private Taps listen() {
    return (name, tensor) -> seen.put(name, tensor.toFloats());
  }

  public Gpt gpt() {
    return model.gpt();
  }

  /** A golden tensor {@code [1, t, d]} or {@code [1, d]} as a matrix. */
  public Tensor matrix(String reference) {
    float[] values = golden.floats(reference);
    int columns = golden.dim(reference, golden.dim(reference, 2) > 0 ? 2 : 1);
    return ops.upload(values, values.length / columns, columns);
  }

  public Tensor speaker() {
    return matrix("conditioning/spk_latents");
  }

  public Tensor emotion() {
    return matrix("conditioning/emovec_alpha_1_0");
  }

  public int[] text() {
    return golden.ints("gpt_prefill/text_ids");
  }

  @Override
  public void close() {
    backend.close();
  }

  /** A source whose head prefers the stop id, as the golden stage {@code gpt_stop} wants it. */
  private record Biased(WeightSource source, int stop, float bias) implements WeightSource {
    @Override
    public String origin() {
      return source.origin();
    }

    @Override
    public Set<String> names() {
      return source.names();
    }

    @Override
    public StoredTensor tensor(String name) {
      StoredTensor stored = source.tensor(name);
      if (!name.equals("mel_head.bias") || bias == 0) {
        return stored;
      }
      float[] values = stored.toFloats();
      values[stop] += bias;
      return StoredTensor.ofFloats(name, values, values.length);
    }
  }
}
