package dev.syrinx.bench.study;

import dev.syrinx.bench.Hashes;
import dev.syrinx.model.ModelFolder;
import dev.syrinx.model.ModelSource;
import dev.syrinx.model.synthetic.SyntheticDims;
import dev.syrinx.model.synthetic.SyntheticModel;
import dev.syrinx.synth.FrontEnds;
import dev.syrinx.text.SegmentSplitter;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.ModelFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

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
          name, hash(source.files()), false, () -> new ModelFolder(folder), () -> new ModelFolder(folder),
          text -> front.prepare(text, splitter).segments().stream().map(s -> s.idArray()).toList());
    }
  }

  /** Of all files that the engine reads, whatever the folder is called. */
  private static String hash(ModelFiles files) throws IOException {
    List<String> parts = new ArrayList<>();
    for (ModelFile part : ModelFile.values()) {
      Optional<Path> file = files.find(part);
      if (file.isPresent()) {
        parts.add(part.description() + " " + Hashes.file(file.get()));
      }
    }
    return Hashes.text(String.join("\n", parts));
  }
}
