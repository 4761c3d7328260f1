package dev.syrinx.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model's folder: where each of its files lies, in the official layout or the older ones. */
public final class ModelFiles {
  private static final String CONFIG = "config.yaml";

  private final Path folder;
  private final ModelConfig config;
  private final Map<ModelFile, Path> found = new EnumMap<>(ModelFile.class);
  private final Map<ModelFile, String> problems = new EnumMap<>(ModelFile.class);

  private ModelFiles(Path folder, ModelConfig config) {
    this.folder = folder;
    this.config = config;
    for (ModelFile file : ModelFile.values()) {
      look(file);
    }
  }

  /**
   * Finds the files of a model and looks at the first bytes of each.
   *
   * @throws CheckpointException naming all files that are missing or of the wrong kind, each with its purpose and where to get it
   */
  public static ModelFiles locate(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      throw new CheckpointException(absolute + ": no such folder; expected a model's folder with " + CONFIG + " in it");
    }
    Path configFile = absolute.resolve(CONFIG);
    if (!Files.isRegularFile(configFile)) {
      throw new CheckpointException(absolute + ": no " + CONFIG + " in it, so it is no model's folder; "
          + "get the model with: hf download " + ModelFile.CONFIGURATION.repository() + " --local-dir " + absolute);
    }
    ModelFiles files = new ModelFiles(absolute, ModelConfig.read(configFile));
    List<ModelFile> needed = files.problems.keySet().stream().filter(file -> !file.optional()).toList();
    if (!needed.isEmpty()) {
      throw files.unusable(needed);
    }
    return files;
  }

  /** The model's folder. */
  public Path folder() {
    return folder;
  }

  /** What the model's configuration says. */
  public ModelConfig config() {
    return config;
  }

  /** Where a file lies, if it is there and of the right kind. Files that are not optional always are. */
  public Optional<Path> find(ModelFile file) {
    return Optional.ofNullable(found.get(file));
  }

  /**
   * Where a file lies.
   *
   * @throws CheckpointException if it is optional and missing or of the wrong kind
   */
  public Path path(ModelFile file) {
    return find(file).orElseThrow(() -> unusable(List.of(file)));
  }

  private void look(ModelFile file) {
    List<String> places = ModelPlaces.of(file, config);
    Optional<Path> path = places.stream().flatMap(place -> ModelPlaces.resolve(folder, place).stream()).findFirst();
    Optional<String> problem = path.isEmpty() ? Optional.of(missing(file, places.getFirst())) : wrongKind(file, path.get());
    problem.ifPresentOrElse(words -> problems.put(file, words), () -> found.put(file, path.orElseThrow()));
  }

  private CheckpointException unusable(List<ModelFile> files) {
    return new CheckpointException("%s: %d file%s of the model missing or unusable:%n%s".formatted(folder, files.size(),
        files.size() == 1 ? "" : "s", String.join(System.lineSeparator(), files.stream().map(problems::get).toList())));
  }

  private static String missing(ModelFile file, String place) {
    return "  %s is missing (%s): get '%s' from the Hugging Face repository %s"
        .formatted(place, file.description(), file.nameThere(), file.repository());
  }

  private static Optional<String> wrongKind(ModelFile file, Path path) {
    try {
      FileKind kind = FileKind.of(path);
      return file.accepts(kind) ? Optional.empty() : Optional.of("  %s (%s) should be %s, is %s"
          .formatted(path, file.description(), file.expected(), kind.description()));
    } catch (IOException e) {
      return Optional.of("  %s (%s) cannot be read: %s".formatted(path, file.description(), e.getMessage()));
    }
  }
}
