package dev.syrinx.app.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Which files of the official layout a model folder holds. Contents are checked when the model is loaded. */
final class ModelChecks {
  /**
   * One file of the layout.
   *
   * @param path relative to the model's folder
   * @param purpose what it is for
   * @param needed false if only one feature needs it
   */
  private record Expected(String path, String purpose, boolean needed) {}

  private static final String MODEL = "model";
  private static final String CACHE = "hf_cache";

  private static final List<Expected> LAYOUT =
      List.of(
          new Expected("config.yaml", "configuration", true),
          new Expected("gpt.pth", "text to semantic tokens", true),
          new Expected("s2mel.pth", "semantic tokens to mel", true),
          new Expected("bpe.model", "text tokenizer", true),
          new Expected("feat1.pt", "speaker matrix of the emotion vectors", true),
          new Expected("feat2.pt", "emotion matrix", true),
          new Expected("wav2vec2bert_stats.pt", "statistics of the audio features", true),
          new Expected("hf_cache/w2v-bert-2.0/config.json", "audio features", true),
          new Expected("hf_cache/w2v-bert-2.0/preprocessor_config.json", "audio features", true),
          new Expected("hf_cache/w2v-bert-2.0/model.safetensors", "audio features", true),
          new Expected("hf_cache/semantic_codec_model.safetensors", "semantic codec", true),
          new Expected("hf_cache/campplus_cn_common.bin", "speaker style", true),
          new Expected("hf_cache/bigvgan/config.json", "vocoder", true),
          new Expected("hf_cache/bigvgan/bigvgan_generator.pt", "vocoder", true),
          new Expected("qwen0.6bemo4-merge/config.json", "emotion from text", false),
          new Expected("qwen0.6bemo4-merge/model.safetensors", "emotion from text", false),
          new Expected("qwen0.6bemo4-merge/tokenizer.json", "emotion from text", false));

  private ModelChecks() {}

  static List<Check> run(Path folder) {
    List<Check> checks = new ArrayList<>();
    checks.add(Check.ok(MODEL, "folder", folder.toAbsolutePath().normalize().toString()));
    LAYOUT.forEach(expected -> checks.add(check(folder, expected)));
    if (hubCache(folder.resolve(CACHE))) {
      String reason = "holds folders models--…, a download cache that is not read";
      checks.add(Check.absent(MODEL, CACHE, reason, "copy missing files out of their snapshots"));
    }
    return checks;
  }

  private static Check check(Path folder, Expected expected) {
    Path file = folder.resolve(expected.path());
    if (!Files.isRegularFile(file)) {
      String reason = "missing: " + expected.purpose();
      String remedy = "copy it from the official release to " + file.toAbsolutePath().normalize();
      return expected.needed()
          ? Check.problem(MODEL, expected.path(), reason, remedy)
          : Check.absent(MODEL, expected.path(), reason, remedy + "; only emotion from text needs it");
    }
    try {
      long size = Files.size(file);
      if (size == 0 || !Files.isReadable(file)) {
        String reason = size == 0 ? "empty: the download did not finish" : "not readable";
        return Check.problem(MODEL, expected.path(), reason, "copy it again, readable by you");
      }
      return Check.ok(MODEL, expected.path(), expected.purpose() + ", " + String.format(Locale.ROOT, "%.1f MB", size / 1e6));
    } catch (IOException e) {
      return Check.problem(MODEL, expected.path(), "not readable: " + e.getMessage(), "check the disk and the permissions");
    }
  }

  /** Whether a folder is laid out as download tools cache files, under other names than the official loader's. */
  private static boolean hubCache(Path folder) {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.anyMatch(entry -> entry.getFileName().toString().startsWith("models--"));
    } catch (IOException e) {
      return false;
    }
  }
}
