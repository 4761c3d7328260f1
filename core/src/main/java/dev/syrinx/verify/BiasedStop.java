package dev.syrinx.verify;

import dev.syrinx.model.gpt.AutoregressiveModel;
import dev.syrinx.model.gpt.Gpt;
import dev.syrinx.nn.Parameters;
import dev.syrinx.nn.Precision;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.WeightSource;
import java.util.Set;

/** The GPT with a number added to the stop id's bias, so that random weights stop somewhere. */
record BiasedStop(WeightSource source, int stop, float bias) implements WeightSource {
  private static final String HEAD = "mel_head.bias";

  static Gpt load(VerifyContext c, float bias) {
    var config = c.model.gpt().config();
    BiasedStop source = new BiasedStop(c.folder.gpt(), config.stopCode(), bias);
    return AutoregressiveModel.load(source, config, new Parameters(c.ops.backend(), Precision.FP32)).gpt();
  }

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
    if (!name.equals(HEAD)) {
      return stored;
    }
    float[] values = stored.toFloats();
    values[stop] += bias;
    return StoredTensor.ofFloats(name, values, values.length);
  }
}
