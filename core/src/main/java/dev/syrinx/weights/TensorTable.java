package dev.syrinx.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Binds a component's names to its source. Every access is recorded; {@link #finish} then holds the component to its file: no tensor
 * missing, none of another shape, none left over. One thread at a time.
 */
public final class TensorTable {
  private final Ledger ledger;
  private final String prefix;

  /**
   * @param source the component's tensors
   * @param component its name in messages, such as "GPT"
   */
  public TensorTable(WeightSource source, String component) {
    this(new Ledger(source, component), "");
  }

  private TensorTable(Ledger ledger, String prefix) {
    this.ledger = ledger;
    this.prefix = prefix;
  }

  /** The same table with {@code prefix} and a dot before every name; what it hands out counts for the whole component. */
  public TensorTable under(String further) {
    return new TensorTable(ledger, prefix + further + (further.isEmpty() || further.endsWith(".") ? "" : "."));
  }

  /** Whether the source has a tensor of that name; asking does not count as using it. */
  public boolean has(String name) {
    return ledger.source.has(prefix + name);
  }

  /** The names below this table's prefix, without it, in the order of the file. */
  public Set<String> names() {
    return ledger.source.under(prefix).names();
  }

  /**
   * A tensor of a certain shape.
   *
   * @param dims extents, outermost first; -1 stands for any extent
   * @throws CheckpointException naming the tensor, the expected and the found shape, and the file
   */
  public StoredTensor tensor(String name, int... dims) {
    String full = prefix + name;
    ledger.used.add(full);
    if (!ledger.source.has(full)) {
      ledger.missing.add(full);
      throw new CheckpointException(ledger.component + ": " + Names.missing(full, ledger.source).getMessage());
    }
    StoredTensor tensor = ledger.source.tensor(full);
    if (!Shapes.matches(tensor.shape(), dims)) {
      String wrong = "'%s' should be %s, is %s %s".formatted(full, Shapes.describe(dims), tensor.dtype(), tensor.shape());
      ledger.misshapen.add(wrong);
      throw new CheckpointException("%s: tensor %s in %s".formatted(ledger.component, wrong, ledger.source.origin()));
    }
    return tensor;
  }

  /** A tensor that a checkpoint may lack. If it is there, its shape must fit. */
  public Optional<StoredTensor> optional(String name, int... dims) {
    return has(name) ? Optional.of(tensor(name, dims)) : Optional.empty();
  }

  /**
   * The weight of a layer, whether stored as one tensor or split by weight norm into length and direction: {@code weight_g} and
   * {@code weight_v}, or {@code parametrizations.weight.original0} and {@code original1}. Folded weights are new float32 tensors:
   * g · v / ‖v‖₂, the norm over all axes but the first.
   *
   * @param layer the layer's name, without {@code .weight}
   * @param dims extents of the weight; -1 stands for any extent
   */
  public StoredTensor weightNormed(String layer, int... dims) {
    String base = layer.isEmpty() ? "" : layer + ".";
    String parametrized = base + "parametrizations.weight.original";
    if (has(base + "weight_v")) {
      return folded(base + "weight", base + "weight_g", base + "weight_v", dims);
    }
    if (has(parametrized + "1")) {
      return folded(base + "weight", parametrized + "0", parametrized + "1", dims);
    }
    return tensor(base + "weight", dims);
  }

  /** Tensors that are expected and not needed; the expression must match the whole name after the prefix. */
  public void ignore(String regex) {
    ledger.ignored.add(Pattern.compile(Pattern.quote(prefix) + "(?:" + regex + ")"));
  }

  /**
   * To be called when the whole component is built, on any of its tables.
   *
   * @throws CheckpointException naming missing, misshapen and surplus tensors
   */
  public void finish() {
    List<String> problems = new ArrayList<>();
    report(problems, "missing", ledger.missing);
    report(problems, "of another shape", ledger.misshapen);
    report(problems, "not known to this program", ledger.surplus());
    if (!problems.isEmpty()) {
      throw new CheckpointException("%s: %s does not fit the model: %s. Is it the file of another version?"
          .formatted(ledger.component, ledger.source.origin(), String.join("; ", problems)));
    }
  }

  private StoredTensor folded(String name, String g, String v, int... dims) {
    StoredTensor direction = tensor(v, dims);
    int[] ones = new int[direction.rank()];
    Arrays.fill(ones, 1);
    if (ones.length > 0) {
      ones[0] = direction.dim(0);
    }
    StoredTensor length = tensor(g, ones);
    try {
      return WeightNorm.fold(prefix + name, length, direction);
    } catch (CheckpointException e) {
      throw new CheckpointException("%s: %s: %s".formatted(ledger.component, ledger.source.origin(), e.getMessage()), e);
    }
  }

  private static void report(List<String> problems, String what, Collection<String> names) {
    if (!names.isEmpty()) {
      problems.add("%d tensor%s %s: %s".formatted(names.size(), names.size() == 1 ? "" : "s", what, Names.some(names)));
    }
  }

  /** What all tables of one component share. */
  private static final class Ledger {
    final WeightSource source;
    final String component;
    final Set<String> used = new LinkedHashSet<>();
    final Set<String> missing = new LinkedHashSet<>();
    final Set<String> misshapen = new LinkedHashSet<>();
    final List<Pattern> ignored = new ArrayList<>();

    Ledger(WeightSource source, String component) {
      this.source = source;
      this.component = component;
    }

    List<String> surplus() {
      return source.names().stream()
          .filter(name -> !used.contains(name) && ignored.stream().noneMatch(pattern -> pattern.matcher(name).matches()))
          .toList();
    }
  }
}
