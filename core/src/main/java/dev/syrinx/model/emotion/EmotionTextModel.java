package dev.syrinx.model.emotion;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Replay;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.model.gpt.KvCache;
import dev.syrinx.model.gpt.Slots;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.QwenConfig;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import dev.syrinx.weights.WeightSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The language model that reads emotions from text: a Qwen3 decoder with a tied head, decoded greedily. Ids in, ids out; the template and
 * the answer's meaning are elsewhere.
 */
public final class EmotionTextModel {
  private final QwenConfig config;
  private final Set<Integer> endTokens;
  private final Tensor embedding;
  private final List<QwenBlock> blocks;
  private final Norm norm;
  private final Linear head;

  private EmotionTextModel(TensorTable table, QwenConfig config, List<Integer> endTokens, Parameters parameters) {
    this.config = config;
    this.endTokens = Set.copyOf(endTokens);
    StoredTensor words = table.tensor("model.embed_tokens.weight", -1, -1);
    int d = words.dim(1);
    embedding = table(words, parameters);
    int layers = (int) table.under("model.layers").names().stream().map(name -> name.split("\\.", 2)[0]).distinct().count();
    blocks = IntStream.range(0, layers).mapToObj(i -> QwenBlock.load(table.under("model.layers." + i), d, config, parameters)).toList();
    norm = Norm.gain(parameters.tensor(table.tensor("model.norm.weight", d)), (float) config.rmsNormEps());
    head = parameters.linear(config.tiedEmbeddings() ? words : table.tensor("lm_head.weight", words.dim(0), d), Optional.empty());
    table.ignore("lm_head\\.weight"); // where it is tied, some writers store it all the same
  }

  /**
   * Reads the model, strictly.
   *
   * @param endTokens ids that end an answer: those of {@code generation_config.json}, or else of {@code config.json}
   * @throws CheckpointException naming tensors that are missing, misshapen or unknown
   */
  public static EmotionTextModel load(WeightSource source, QwenConfig config, List<Integer> endTokens, Parameters parameters) {
    TensorTable table = new TensorTable(source, "emotion text model");
    EmotionTextModel model = new EmotionTextModel(table, config, endTokens, parameters);
    table.finish();
    if (model.blocks.size() != config.layers()) {
      throw new CheckpointException("emotion text model: %s has %d layers, its configuration says %d"
          .formatted(source.origin(), model.blocks.size(), config.layers()));
    }
    return model;
  }

  /**
   * As it is stored where rows can be gathered in that type: the official table would take four times the memory of the rest in float32.
   */
  private static Tensor table(StoredTensor stored, Parameters parameters) {
    if (stored.dtype() != DType.BF16 && stored.dtype() != DType.F16) {
      return parameters.tensor(stored);
    }
    Tensor table = parameters.reserve(stored.dtype(), stored.dim(0), stored.dim(1));
    parameters.backend().upload(stored.data(), table.view().segment());
    return table;
  }

  /** Logits of a step. */
  public int vocabulary() {
    return embedding.rows();
  }

  /**
   * The likeliest continuation.
   *
   * @param prompt ids, at least one
   * @param maxTokens most ids to make
   * @return new ids, without the one that ended the answer
   * @throws ShapeException if an id is not in the vocabulary or there are too many
   */
  public int[] generate(Ops ops, int[] prompt, int maxTokens) {
    int capacity = prompt.length + maxTokens;
    if (prompt.length < 1 || maxTokens < 1 || capacity > config.maxPositions()) {
      throw new ShapeException("emotion from text: a prompt of " + prompt.length + " ids and " + maxTokens
          + " new ones; there are positions for " + config.maxPositions());
    }
    try (var _ = ops.scope(); Pass pass = new Pass(ops, prompt, capacity)) {
      int[] made = new int[maxTokens];
      int next = pass.best();
      for (int count = 0; count < maxTokens; count++) {
        if (endTokens.contains(next)) {
          return Arrays.copyOf(made, count);
        }
        made[count] = next;
        if (count + 1 < maxTokens) {
          next = pass.feed(next, prompt.length + count);
        }
      }
      return made;
    }
  }

  private void logits(Ops ops, Tensor x, Tensor y) {
    ops.linearInto(ops.rmsNorm(x, norm), head, Activation.NONE, y);
  }

  /** One answer under way. */
  private final class Pass implements AutoCloseable {
    private final Ops ops;
    private final KvCache cache;
    private final Rotation rotation;
    private final Tensor logits;
    private final Tensor id;
    private final Tensor position;
    private final Slots slots;
    private final Replay step;

    Pass(Ops ops, int[] prompt, int capacity) {
      this.ops = ops;
      cache = KvCache.allocate(ops, blocks.size(), capacity, blocks.getFirst().keyWidth());
      rotation = Rotation.of(ops, capacity, config.headDim(), config.ropeTheta());
      logits = ops.empty(1, vocabulary());
      id = ops.emptyInts(1);
      position = ops.emptyInts(1);
      slots = new Slots(position, ops.uploadInts(IntStream.range(0, capacity).toArray(), 1, capacity), ops.emptyInts(1));
      prefill(prompt);
      ops.tap("emotion.first_logits", logits);
      step = ops.backend().capture(this::record);
    }

    private void prefill(int[] prompt) {
      for (int word : prompt) {
        if (word < 0 || word >= vocabulary()) {
          throw new ShapeException(
              "emotion from text: id " + word + " of a vocabulary of " + vocabulary() + "; does the tokenizer belong to this model?");
        }
      }
      try (var _ = ops.scope()) {
        Tensor positions = ops.uploadInts(IntStream.range(0, prompt.length).toArray(), prompt.length);
        Tensor x = ops.gather(embedding, ops.uploadInts(prompt, prompt.length), Optional.empty());
        for (int i = 0; i < blocks.size(); i++) {
          try (var _ = ops.scope()) {
            blocks.get(i).prefill(ops, x, positions, rotation, cache.keys().get(i), cache.values().get(i));
          }
        }
        logits(ops, x.rows(prompt.length - 1, prompt.length), logits);
      }
    }

    private void record() {
      Tensor x = ops.gather(embedding, id, Optional.empty());
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).step(ops, x, position, rotation, cache.keys().get(i), cache.values().get(i), slots);
      }
      logits(ops, x, logits);
    }

    /** The likeliest next id. */
    int best() {
      try (var _ = ops.scope()) {
        return ops.downloadInts(ops.argmax(logits))[0];
      }
    }

    int feed(int word, int at) {
      ops.uploadIntsInto(new int[] {word}, id);
      ops.uploadIntsInto(new int[] {at}, position);
      ops.uploadIntsInto(new int[] {at + 1}, slots.lengths());
      step.run();
      return best();
    }

    @Override
    public void close() {
      step.close();
    }
  }
}
