package dev.syrinx.app;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Where a user wants the model to run. */
public sealed interface DeviceChoice {
  /** The best there is. */
  record Auto() implements DeviceChoice {}

  /** This machine's cores. */
  record Cpu() implements DeviceChoice {}

  /** A GPU by its ordinal. */
  record Cuda(int index) implements DeviceChoice {}

  /** Reads {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}. */
  final class Converter implements ITypeConverter<DeviceChoice> {
    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    @Override
    public DeviceChoice convert(String value) {
      Matcher cuda = CUDA.matcher(value);
      if (cuda.matches()) {
        return new Cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
      }
      return switch (value) {
        case "auto" -> new Auto();
        case "cpu" -> new Cpu();
        default -> throw new TypeConversionException("'" + value + "' is no device: use auto, cpu or cuda:N with N from 'syrinx doctor'");
      };
    }
  }
}
