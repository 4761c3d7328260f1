package dev.syrinx.kernels;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The catalogue as a page: one card for each kernel, from its declaration alone. */
final class KernelCards {
  private KernelCards() {}

  static String page() {
    StringBuilder page = new StringBuilder();
    page.append("# Kernels\n\n");
    page.append("Generated from the declarations; do not edit. After a change of a declaration: ");
    page.append("`mvn -pl kernels test -Dtest=KernelCardsTest -Dsyrinx.regenerate=true`\n\n");
    page.append("Matrices are row-major; consecutive rows may be any distance apart. Buffers in brackets may be absent. ");
    page.append("*weight* stands for the types under \"stored as\".\n");
    page.append("A float variant may differ from the scalar reference, which sums in double, ");
    page.append("by factor · 2⁻²⁴ · (8 + 4·√length) times the larger of the\n");
    page.append("output's root mean square and the floor.\n");
    List<KernelSpec> specs = KernelCatalog.ALL.stream()
        .sorted(Comparator.comparing(KernelSpec::family).thenComparing(KernelSpec::name)).toList();
    String family = "";
    for (KernelSpec spec : specs) {
      if (!family.equals(spec.family())) {
        family = spec.family();
        page.append("\n## ").append(family).append('\n');
      }
      card(page, spec);
    }
    return page.toString();
  }

  private static void card(StringBuilder page, KernelSpec spec) {
    page.append("\n### ").append(spec.name()).append("\n\n`").append(spec.formula()).append("`\n\n");
    page.append("| parameter | is | axes |\n| --- | --- | --- |\n");
    spec.params().forEach(param -> parameter(page, param));
    page.append("\n- stored as: ").append(spec.dtypes().stream().sorted().map(DType::name).collect(Collectors.joining(", "))).append('\n');
    page.append("- variants: ").append(spec.variants().stream().map(KernelCards::variant).collect(Collectors.joining(", "))).append('\n');
    if (!spec.cuda().isEmpty()) {
      page.append("- on CUDA: ").append(spec.cuda().stream().map(KernelCards::cuda).collect(Collectors.joining(", "))).append('\n');
    }
    if (!spec.inPlace().isEmpty()) {
      page.append("- y may be ").append(spec.inPlace().stream().sorted().collect(Collectors.joining(" or "))).append('\n');
    }
    page.append("- tolerance: ").append(tolerance(spec)).append('\n');
    long model = spec.cases().stream().filter(Case::model).count();
    page.append("- cases: ").append(spec.cases().size() - model).append(" to test, ").append(model).append(" of the model to time\n");
  }

  private static void parameter(StringBuilder page, Param param) {
    String name = param.optional() ? "[" + param.name() + "]" : param.name();
    String type = param.type() == null ? "*weight*" : param.type().name().toLowerCase(Locale.ROOT);
    String role = param.role().name().toLowerCase(Locale.ROOT);
    String values = switch (param.values()) {
      case ANY -> "";
      case INDICES -> ", below " + param.below();
      case DISTINCT_INDICES -> ", distinct, below " + param.below();
      case COUNTS -> ", 1 to " + param.below();
    };
    String axes = param.buffer() ? "[" + String.join(", ", param.axes()) + "]" : "";
    page.append("| ")
        .append(name).append(" | ").append(role).append(' ').append(type).append(values).append(" | ").append(axes).append(" |\n");
  }

  private static String variant(Variant variant) {
    String layouts = layouts(variant.layouts());
    return variant.name() + (layouts.isEmpty() ? "" : " (" + layouts + ")");
  }

  private static String cuda(CudaVariant variant) {
    String layouts = layouts(variant.layouts());
    String rounds = variant.arithmetic() == DType.F32 ? "" : ", factors rounded to " + variant.arithmetic();
    return variant.name() + " (" + variant.source() + ".cu" + rounds + (layouts.isEmpty() ? "" : ", " + layouts) + ")";
  }

  private static String layouts(Map<String, Layout> layouts) {
    return layouts.entrySet().stream().map(e -> e.getKey() + " as " + e.getValue().name()).sorted().collect(Collectors.joining(", "));
  }

  /** The length is a function; it is shown for a shape of the model. */
  private static String tolerance(KernelSpec spec) {
    Tolerance rule = spec.tolerance();
    if (rule.factor() == 0) {
      return "none: equal bits";
    }
    Case c = spec.cases().stream().filter(Case::model).findFirst().orElse(spec.cases().getFirst());
    long length = rule.length().applyAsLong(Shaped.arguments(spec, c));
    return String.format(
        Locale.ROOT, "factor %s, length %d for %s, floor %s", plain(rule.factor()), length, c.name() + c.extents(), plain(rule.floor()));
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
