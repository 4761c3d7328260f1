package dev.syrinx.model.gpt;

import dev.syrinx.backend.Linear;
import dev.syrinx.backend.Norm;
import dev.syrinx.backend.Ops;
import dev.syrinx.backend.Rows;
import dev.syrinx.kernels.DType;
import dev.syrinx.kernels.activation.Activation;
import dev.syrinx.nn.Parameters;
import dev.syrinx.tensor.ShapeException;
import dev.syrinx.tensor.Tensor;
import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The text-to-code decoder: a GPT-2 over [conditioning, text, codes], two norms in a row at its end, and a head of its own for codes.
 *
 * <p>Codes have two position schemes. Generation gives the start id position 0 and code k position k + 1, so that 1 is never used; the
 * second pass, which makes the latents, gives code k position k, as in training. Both are the reference's.
 */
public final class Gpt {
  private final GptConfig config;
  private final Tensor text;
  private final Tensor textPositions;
  private final Tensor codes;
  private final Tensor codePositions;
  private final Tensor durations;
  private final List<GptBlock> blocks;
  private final Norm lastNorm;
  private final Norm finalNorm;
  private final Linear head;

  private Gpt(TensorTable table, GptConfig config, Parameters parameters) {
    this.config = config;
    StoredTensor words = table.tensor("text_embedding.weight", -1, -1);
    int d = words.dim(1);
    text = parameters.tensor(words);
    textPositions = parameters.tensor(table.tensor("text_pos_embedding.emb.weight", -1, d));
    codes = parameters.tensor(table.tensor("mel_embedding.weight", -1, d));
    codePositions = parameters.tensor(table.tensor("mel_pos_embedding.emb.weight", -1, d));
    durations = parameters.tensor(table.tensor("speed_emb.weight", 2, d));
    int layers = (int) table.under("gpt.h").names().stream().map(name -> name.split("\\.", 2)[0]).distinct().count();
    blocks = IntStream.range(0, layers).mapToObj(i -> GptBlock.load(table.under("gpt.h." + i), d, config.heads(), parameters)).toList();
    lastNorm = parameters.norm(table.tensor("gpt.ln_f.weight", d), table.tensor("gpt.ln_f.bias", d), GptBlock.EPS);
    finalNorm = parameters.norm(table.tensor("final_norm.weight", d), table.tensor("final_norm.bias", d), GptBlock.EPS);
    head = parameters.linear(table.tensor("mel_head.weight", codes.rows(), d), Optional.of(table.tensor("mel_head.bias", codes.rows())));
    table.ignore("text_head\\.(weight|bias)"); // only training predicts text
  }

  /**
   * Reads the decoder of {@code gpt.pth}; the caller finishes the table.
   *
   * @throws CheckpointException if tensors and configuration contradict each other
   */
  public static Gpt load(TensorTable table, GptConfig config, Parameters parameters) {
    Gpt gpt = new Gpt(table, config, parameters);
    if (gpt.width() % config.heads() != 0) {
      throw new CheckpointException("GPT: gpt.heads is " + config.heads() + ", which does not divide the width " + gpt.width()
          + "; is this the configuration of this model?");
    }
    gpt.inTable(config.startCode(), "gpt.start_mel_token", gpt.codes);
    gpt.inTable(config.stopCode(), "gpt.stop_mel_token", gpt.codes);
    gpt.inTable(config.startText(), "gpt.start_text_token", gpt.text);
    gpt.inTable(config.stopText(), "gpt.stop_text_token", gpt.text);
    return gpt;
  }

  private void inTable(int id, String key, Tensor table) {
    if (id >= table.rows()) {
      throw new CheckpointException(
          "GPT: " + key + " is " + id + ", but the table has " + table.rows() + " rows; is this the configuration of this model?");
    }
  }

  /** Type in which a backend keeps keys and values. Rows of halves are moved two at a time. */
  public DType cache(Ops ops) {
    return width() % 2 == 0 ? ops.backend().cache(blocks.getFirst().qkv().weight().dtype()) : DType.F32;
  }

  public GptConfig config() {
    return config;
  }

  /** Channels of the decoder, and of the latents. */
  public int width() {
    return text.cols();
  }

  /** Logits of a step: all codes, start and stop. */
  public int vocabulary() {
    return codes.rows();
  }

  public int layers() {
    return blocks.size();
  }

  /** Most ids of one text. */
  public int maxText() {
    return textPositions.rows() - 2;
  }

  /** Most codes of one generation, the stop id included: the last one fed back needs a position. */
  public int maxCodes() {
    return codePositions.rows() - 1;
  }

  /**
   * The prefix of a generation. Start and stop ids within the text are dropped there, and as many rows of zeros are put in front.
   *
   * @param latents of the speaker {@code [n, d]}
   * @param emotion {@code [1, d]}, added to all latents
   * @throws ShapeException if the text is too long or an id is not in the vocabulary
   */
  public Prefix prefix(Ops ops, Tensor latents, Tensor emotion, int[] ids) {
    int[] kept = filtered(ids);
    return new Prefix(rows(ops, latents, emotion, kept, ids.length - kept.length), ids.length - kept.length, latents.rows() + durations.rows());
  }

  /**
   * Whether the text holds ids that generation drops: then the second pass, which keeps them, cannot reuse generation's keys and values.
   */
  public boolean drops(int[] ids) {
    return filtered(ids).length != ids.length;
  }

  private int[] filtered(int[] ids) {
    return IntStream.of(ids).filter(id -> id != config.startText() && id != config.stopText()).toArray();
  }

  /** The prefix of the second pass: with all ids. */
  Prefix trainingPrefix(Ops ops, Tensor latents, Tensor emotion, int[] ids) {
    return new Prefix(rows(ops, latents, emotion, ids, 0), 0, latents.rows() + durations.rows());
  }

  /** [padding zeros][latents + emotion][durations 1, 0][start text, ids, stop text]. */
  private Tensor rows(Ops ops, Tensor latents, Tensor emotion, int[] ids, int padding) {
    if (ids.length > maxText()) {
      throw new ShapeException(
          "a text of " + ids.length + " tokens: the position table has room for " + maxText()
              + "; ask for segments of at most that many (--segment-tokens " + maxText() + ")");
    }
    int n = latents.rows();
    int start = padding + n + durations.rows();
    Tensor rows = ops.empty(start + ids.length + 2, width());
    if (padding > 0) {
      ops.fill(rows.rows(0, padding), 0f);
    }
    ops.pointwiseInto(latents, Optional.empty(), Optional.of(emotion.reshape(width())), Activation.NONE, rows.rows(padding, padding + n));
    ops.copyInto(durations.rows(1, 2), rows.rows(padding + n, padding + n + 1)); // the order is the reference's: "half" first
    ops.copyInto(durations.rows(0, 1), rows.rows(padding + n + 1, start));
    int[] framed = new int[ids.length + 2];
    framed[0] = config.startText();
    System.arraycopy(ids, 0, framed, 1, ids.length);
    framed[ids.length + 1] = config.stopText();
    Tensor device = ops.uploadInts(inRange(framed, text.rows(), "text id"), framed.length);
    ops.gatherInto(text, device, Optional.of(textPositions.rows(0, framed.length)), rows.rows(start, rows.rows()));
    return rows;
  }

  private static int[] inRange(int[] ids, int rows, String what) {
    for (int id : ids) {
      if (id < 0 || id >= rows) {
        throw new ShapeException(what + " " + id + " of a table of " + rows + "; does the tokenizer belong to this model?");
      }
    }
    return ids;
  }

  /** Embeddings of the start id and codes at positions 0, 1, 2, …: the second pass's. {@code [codes + 1, d]}. */
  Tensor trainingCodes(Ops ops, int[] ids) {
    int[] framed = new int[ids.length + 1];
    framed[0] = config.startCode();
    System.arraycopy(ids, 0, framed, 1, ids.length);
    if (framed.length > codePositions.rows()) {
      throw new ShapeException("latents of " + ids.length + " codes: the position table has " + codePositions.rows() + " rows");
    }
    Tensor device = ops.uploadInts(inRange(framed, codes.rows(), "code"), framed.length);
    return ops.gather(codes, device, Optional.of(codePositions.rows(0, framed.length)));
  }

  /**
   * Runs t positions that follow {@code past} earlier ones through all blocks; x {@code [t, d]} is replaced by the last block's output.
   *
   * @param cache shows each layer's keys and values: rows 0 to past − 1 hold the earlier positions, past to past + t − 1 are written
   * @param cut rows of x that are computed on their own, before the others: their bytes are then the same whatever follows them
   */
  void forward(Ops ops, Tensor x, LayerCache cache, int past, int cut) {
    for (int i = 0; i < blocks.size(); i++) {
      try (var _ = ops.scope()) {
        Tensor keys = cache.keys(i);
        Tensor values = cache.values(i);
        if (cut > 0) {
          blocks.get(i).forward(ops, x.rows(0, cut), keys, values, past);
        }
        blocks.get(i).forward(ops, x.rows(cut, x.rows()), keys, values, past + cut);
        cache.written(i);
      }
      if (i == 0) {
        ops.tap("gpt.hidden_block_0", x);
      }
    }
  }

  /** Both norms: what the head and the latents read. */
  void finish(Ops ops, Tensor x, Tensor y) {
    Tensor hidden = ops.layerNorm(x, lastNorm);
    ops.tap("gpt.last_hidden", hidden);
    ops.layerNormInto(hidden, finalNorm, y);
  }

  /** Logits {@code [rows, vocabulary]} of finished rows. */
  void logits(Ops ops, Tensor finished, Tensor y) {
    ops.linearInto(finished, head, Activation.NONE, y);
  }

  /**
   * One generation step of several sequences: for recording.
   *
   * @param ids codes to feed {@code [batch]}
   * @param positions their positions {@code [batch]}
   * @param y {@code [batch, vocabulary]}
   * @return the last block's output {@code [batch, d]}, before both norms
   */
  public Tensor step(Ops ops, Tensor ids, Tensor positions, KvCache cache, Slots slots, Tensor y) {
    Tensor x = ops.gather(codes, ids, Optional.of(ops.gather(codePositions, positions, Optional.empty())));
    for (int i = 0; i < blocks.size(); i++) {
      blocks.get(i).step(ops, x, cache.keys().get(i), cache.values().get(i), slots);
    }
    ops.linearInto(ops.layerNorm(ops.layerNorm(x, lastNorm), finalNorm), head, Activation.NONE, y);
    return x;
  }
}
