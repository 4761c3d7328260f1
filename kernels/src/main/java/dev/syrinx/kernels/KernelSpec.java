package dev.syrinx.kernels;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One operation, declared once: argument checks, execution, contract tests, benchmarks and the catalogue page all read this.
 *
 * <p>Build it with {@link #named}; the first variant is the scalar reference.
 */
public final class KernelSpec {
  /** A condition on a call beyond shapes and types. */
  @FunctionalInterface
  public interface Constraint {
    /** @throws KernelArgumentException if the call does not fit */
    void check(Arguments a);
  }

  private final String name;
  private final String family;
  private final String formula;
  private final List<Param> params;
  private final List<String> axes;
  /** Calls are made of look-ups by name: a search through the list showed in the time until a new process speaks. */
  private final Map<String, Integer> places;
  private final Map<String, Integer> axisPlaces;
  private final Set<DType> dtypes;
  private final Function<Arguments, Cost> cost;
  private final Tolerance tolerance;
  private final Constraint constraint;
  private final List<Case> cases;
  private final List<Variant> variants;
  private final List<CudaVariant> cuda;
  private final Set<String> inPlace;

  private KernelSpec(Builder b) {
    name = b.name;
    family = b.family;
    formula = b.formula;
    params = List.copyOf(b.params);
    List<String> found = new ArrayList<>();
    params.forEach(p -> p.axes().stream().filter(axis -> !found.contains(axis)).forEach(found::add));
    axes = List.copyOf(found);
    places = places(params.stream().map(Param::name).toList());
    axisPlaces = places(axes);
    dtypes = b.dtypes;
    cost = b.cost;
    tolerance = b.tolerance;
    constraint = b.constraint;
    cases = List.copyOf(b.cases);
    variants = List.copyOf(b.variants);
    cuda = List.copyOf(b.cuda);
    inPlace = Set.copyOf(b.inPlace);
    if (variants.isEmpty() || variants.getFirst().target() != Variant.Target.SCALAR || cases.isEmpty()) {
      throw new IllegalStateException("kernel " + name + " needs a scalar reference as its first variant, and cases");
    }
  }

  private static Map<String, Integer> places(List<String> names) {
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      places.putIfAbsent(names.get(i), i);
    }
    return places;
  }

  /** Starts a declaration. */
  public static Builder named(String family, String name, String formula) {
    return new Builder(family, name, formula);
  }

  public String name() {
    return name;
  }

  public String family() {
    return family;
  }

  public String formula() {
    return formula;
  }

  /** Parameters in the order of the CUDA entry. */
  public List<Param> params() {
    return params;
  }

  /** Axis names in order of first appearance. */
  public List<String> axes() {
    return axes;
  }

  /** Storage types of the {@link Param#weight} parameters. */
  public Set<DType> dtypes() {
    return dtypes;
  }

  public Tolerance tolerance() {
    return tolerance;
  }

  public List<Case> cases() {
    return cases;
  }

  public List<Variant> variants() {
    return variants;
  }

  public Variant reference() {
    return variants.getFirst();
  }

  /** The Vector API variant, if there is one. */
  public Optional<Variant> vector() {
    return variants.stream().filter(v -> v.target() == Variant.Target.VECTOR).findFirst();
  }

  /** The CUDA variants, best first. */
  public List<CudaVariant> cuda() {
    return cuda;
  }

  /** Inputs whose memory the output y may be: same extents, same row stride. */
  public Set<String> inPlace() {
    return inPlace;
  }

  /** Least work of a call. */
  public Cost cost(Arguments a) {
    return cost.apply(a);
  }

  /** An empty argument list of this kernel. */
  public Arguments arguments() {
    return new Arguments(this);
  }

  Constraint constraint() {
    return constraint;
  }

  int index(String param) {
    Integer place = places.get(param);
    if (place == null) {
      throw new KernelArgumentException(name, param, "does not exist");
    }
    return place;
  }

  int axisIndex(String axis) {
    Integer place = axisPlaces.get(axis);
    if (place == null) {
      throw new KernelArgumentException(name, axis, "is no axis");
    }
    return place;
  }

  @Override
  public String toString() {
    return name;
  }

  /** Collects a declaration. */
  public static final class Builder {
    private final String family;
    private final String name;
    private final String formula;
    private final List<Param> params = new ArrayList<>();
    private final List<Case> cases = new ArrayList<>();
    private final List<Variant> variants = new ArrayList<>();
    private final List<CudaVariant> cuda = new ArrayList<>();
    private Set<DType> dtypes = Set.of(DType.F32);
    private Set<String> inPlace = Set.of();
    private Function<Arguments, Cost> cost = Builder::touchOnce;
    private Tolerance tolerance = Tolerance.elementwise(1);
    private Constraint constraint = a -> {};

    private Builder(String family, String name, String formula) {
      this.family = family;
      this.name = name;
      this.formula = formula;
    }

    /** The default cost: every buffer once, no arithmetic worth counting. */
    private static Cost touchOnce(Arguments a) {
      double bytes = 0;
      for (Param param : a.spec().params()) {
        if (param.buffer() && a.has(param.name())) {
          bytes += (double) a.view(param.name()).elements() * a.view(param.name()).dtype().bytes();
        }
      }
      return new Cost(bytes, 0);
    }

    public Builder params(Param... list) {
      params.addAll(List.of(list));
      return this;
    }

    public Builder dtypes(DType... list) {
      dtypes = Set.of(list);
      return this;
    }

    /** Declares that y may lie where one of these inputs lies. */
    public Builder inPlace(String... inputs) {
      inPlace = Set.of(inputs);
      return this;
    }

    public Builder cost(Function<Arguments, Cost> function) {
      cost = function;
      return this;
    }

    public Builder tolerance(Tolerance value) {
      tolerance = value;
      return this;
    }

    public Builder require(Constraint condition) {
      constraint = condition;
      return this;
    }

    public Builder cases(Case... list) {
      cases.addAll(List.of(list));
      return this;
    }

    public Builder cases(Consumer<List<Case>> filler) {
      filler.accept(cases);
      return this;
    }

    public Builder variant(Variant variant) {
      boolean declines = variant.target() == Variant.Target.VECTOR;
      variants.add(declines ? variant.onlyIf(a -> !a.halves() && variant.supports().test(a)) : variant);
      return this;
    }

    /** Adds a CUDA variant for buffers in float32; of those that take a call, the first one runs. */
    public Builder cuda(CudaVariant variant) {
      cuda.add(variant.onlyIf(a -> !a.halves() && variant.supports().test(a)));
      return this;
    }

    /** Adds a CUDA variant that takes buffers in half precision, too. */
    public Builder cudaHalf(CudaVariant variant) {
      cuda.add(variant);
      return this;
    }

    public KernelSpec build() {
      return new KernelSpec(this);
    }
  }
}
