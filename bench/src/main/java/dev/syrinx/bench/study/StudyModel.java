package dev.syrinx.bench.study;

import dev.syrinx.model.ModelFolder;
import dev.syrinx.model.ModelSource;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.synth.FrontEnds;
import dev.syrinx.text.SegmentSplitter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The model of a study: of a folder, or of random numbers.
 *
 * @param name in reports
 * @param hash of its weights, or of what they are drawn from
 * @param random whether what it says is noise
 * @param open its weights
 * @param hollow its shapes, for planning memory
 * @param ids token ids of a text, one array a segment; of a random model as many as are asked for
 */
record StudyModel(String name, String hash, boolean random, Supplier<ModelSource> open, Supplier<ModelSource> hollow, Function<String, List<int[]>> ids) {
  private static final long SEED = 1;

  /** Random numbers of given dimensions. */
  static StudyModel random(String word, SyntheticDims dims, int tokens) {
    Function<String, List<int[]>> ids = text -> List.of(IntStream.range(0, tokens).map(i -> 2 + Math.floorMod(text.hashCode() + 31 * i, dims.gpt().textTokens() - 4)).toArray());
    return new StudyModel(
        "random " + word, "random " + word + " seed " + SEED, true, () -> new SyntheticModel(dims, SEED), () -> SyntheticModel.hollow(dims), ids);
  }

  /**
   * A folder in the official layout.
   *
   * @throws dev.syrinx.weights.CheckpointException if it is none
   */
  static StudyModel folder(Path folder, String name) throws IOException {
    try (ModelFolder source = new ModelFolder(folder)) {
      var front = FrontEnds.of(source.files());
      SegmentSplitter splitter = new SegmentSplitter(SegmentSplitter.DEFAULT_LIMIT, 0);
      return new StudyModel(
          name, hash(folder.toRealPath()), false, () -> new ModelFolder(folder), () -> new ModelFolder(folder),
          text -> front.prepare(text, splitter).segments().stream().map(s -> s.idArray()).toList());
    }
  }

  /** SHA-256 of all files of the folder's first level and of its cache, in the order of their names. */
  private static String hash(Path folder) throws IOException {
    MessageDigest digest = sha256();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder, 4, FileVisitOption.FOLLOW_LINKS)) {
      files = all.filter(f -> Files.isRegularFile(f) && weights(f)).sorted().toList();
    }
    byte[] buffer = new byte[1 << 20];
    for (Path file : files) {
      digest.update(folder.relativize(file).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        while (in.read(buffer) >= 0) {
          continue;
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static boolean weights(Path file) {
    String name = file.toString();
    return name.endsWith(".pth") || name.endsWith(".pt") || name.endsWith(".safetensors") || name.endsWith(".bin") || name.endsWith(".yaml") || name.endsWith(".model");
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
