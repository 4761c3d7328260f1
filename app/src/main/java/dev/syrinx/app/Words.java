package dev.syrinx.app;

import dev.syrinx.synth.Switches;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Values of options that are words: those of an enum with hyphens, and {@code on} and {@code off}. */
abstract class Words<E extends Enum<E>> implements ITypeConverter<E> {
  private final Class<E> type;

  private Words(Class<E> type) {
    this.type = type;
  }

  @Override
  public E convert(String value) {
    return Arrays.stream(type.getEnumConstants()).filter(e -> word(e).equalsIgnoreCase(value)).findFirst().orElseThrow(() -> {
      String known = Arrays.stream(type.getEnumConstants()).map(Words::word).collect(Collectors.joining(", "));
      return new TypeConversionException("'" + value + "' is none of " + known);
    });
  }

  /** An enum's value as on the command line. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a switch is on. */
  enum OnOff {
    ON, OFF;

    boolean on() {
      return this == ON;
    }
  }

  /** {@code --latents}. */
  static final class LatentsWord extends Words<Switches.Latents> {
    LatentsWord() {
      super(Switches.Latents.class);
    }
  }

  /** {@code --preset}. */
  static final class PresetWord extends Words<Switches.Preset> {
    PresetWord() {
      super(Switches.Preset.class);
    }
  }
}
