package dev.syrinx.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the files of a model may lie within its folder, the official place first. */
final class ModelPlaces {
  private static final String SNAPSHOTS = "/snapshots/*/";

  private ModelPlaces() {}

  static List<String> of(ModelFile file, ModelConfig config) {
    ModelConfig.FileNames names = config.files();
    String emotion = names.emotionModel().replaceFirst("/+$", "") + "/";
    return switch (file) {
      case CONFIGURATION -> List.of("config.yaml");
      case TOKENIZER -> List.of(names.tokenizer());
      case GPT -> List.of(names.gpt());
      case SPEECH_TO_MEL -> List.of(names.speechToMel());
      case FEATURE_STATISTICS -> List.of(names.featureStatistics());
      case SPEAKER_MATRIX -> List.of(names.speakerMatrix());
      case EMOTION_MATRIX -> List.of(names.emotionMatrix());
      case W2V_BERT -> auxiliary("w2v-bert-2.0/model.safetensors", file.repository(), "model.safetensors");
      case W2V_BERT_CONFIG -> auxiliary("w2v-bert-2.0/config.json", file.repository(), "config.json");
      case SEMANTIC_CODEC -> Stream.concat(
          Stream.of("hf_cache/semantic_codec_model.safetensors", "semantic_codec_model.safetensors"),
          auxiliary(file.nameThere(), file.repository(), file.nameThere()).stream()).toList();
      case SPEAKER_ENCODER -> auxiliary(file.nameThere(), file.repository(), file.nameThere());
      case VOCODER -> auxiliary("bigvgan/" + file.nameThere(), config.vocoder().name(), file.nameThere());
      case VOCODER_CONFIG -> auxiliary("bigvgan/config.json", config.vocoder().name(), "config.json");
      case EMOTION_MODEL -> List.of(emotion + "model.safetensors");
      case EMOTION_MODEL_CONFIG -> List.of(emotion + "config.json");
      case EMOTION_MODEL_TOKENIZER -> List.of(emotion + "tokenizer.json");
      case EMOTION_MODEL_TEMPLATE -> List.of(emotion + "chat_template.jinja");
      case EMOTION_MODEL_GENERATION -> List.of(emotion + "generation_config.json");
    };
  }

  private static List<String> auxiliary(String local, String repository, String nameThere) {
    String cached = "models--" + repository.replace("/", "--") + SNAPSHOTS + nameThere;
    return List.of("hf_cache/" + local, local, "hf_cache/" + cached, cached);
  }

  /**
   * The file at a place, if there is one. The star stands for a snapshot of a download cache: the one that
   * {@code refs/main} names, else the newest.
   *
   * @throws CheckpointException if the place lies outside the folder: names come from a configuration that may be a stranger's
   */
  static Optional<Path> resolve(Path folder, String place) {
    int cache = place.indexOf(SNAPSHOTS);
    if (cache < 0) {
      return Optional.of(inside(folder, place)).filter(Files::isRegularFile);
    }
    Path snapshots = inside(folder, place.substring(0, cache) + "/snapshots");
    String rest = place.substring(cache + SNAPSHOTS.length());
    Optional<Path> main = mainSnapshot(snapshots).map(snapshot -> snapshot.resolve(rest)).filter(Files::isRegularFile);
    return main.isPresent() ? main : newest(snapshots, rest);
  }

  private static Optional<Path> mainSnapshot(Path snapshots) {
    Path reference = snapshots.resolveSibling("refs").resolve("main");
    try {
      String commit = Files.isRegularFile(reference) && Files.size(reference) < 100 ? Files.readString(reference).strip() : "";
      return commit.matches("[0-9a-f]{8,64}") ? Optional.of(snapshots.resolve(commit)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // then the newest snapshot serves
    }
  }

  private static Optional<Path> newest(Path snapshots, String rest) {
    if (!Files.isDirectory(snapshots)) {
      return Optional.empty();
    }
    try (Stream<Path> entries = Files.list(snapshots)) {
      return entries.map(snapshot -> snapshot.resolve(rest)).filter(Files::isRegularFile)
          .max(Comparator.comparingLong((Path path) -> path.toFile().lastModified()).thenComparing(Comparator.naturalOrder()));
    } catch (IOException e) {
      throw new CheckpointException(snapshots + ": cannot be listed: " + e.getMessage(), e);
    }
  }

  private static Path inside(Path folder, String place) {
    try {
      Path path = folder.resolve(place).normalize();
      if (path.startsWith(folder.normalize())) {
        return path;
      }
    } catch (InvalidPathException e) {
      throw new CheckpointException(folder + ": config.yaml names the impossible file '" + PickleText.printable(place) + "'", e);
    }
    throw new CheckpointException(folder + ": config.yaml names a file outside this folder: '" + PickleText.printable(place) + "'");
  }
}
