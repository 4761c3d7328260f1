package dev.syrinx.app.doctor;

import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.ModelFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which files a model folder holds, as the loader finds them. Their contents are checked when the model is loaded. */
final class ModelChecks {
  private static final String MODEL = "model";

  private ModelChecks() {}

  static List<Check> run(Path folder) {
    List<Check> checks = new ArrayList<>();
    try {
      ModelFiles files = ModelFiles.locate(folder);
      checks.add(Check.ok(MODEL, "folder", files.folder().toString()));
      for (ModelFile file : ModelFile.values()) {
        checks.add(file(files, file));
      }
    } catch (CheckpointException e) {
      checks.addAll(problems(e));
    }
    return checks;
  }

  private static Check file(ModelFiles files, ModelFile file) {
    try {
      Path path = files.path(file);
      String size = String.format(Locale.ROOT, "%.1f MB", Files.size(path) / 1e6);
      return Check.ok(MODEL, files.folder().relativize(path).toString(), file.description() + ", " + size);
    } catch (CheckpointException e) {
      return Check.absent(MODEL, file.nameThere(), lines(e).getLast(), "nothing to do, unless emotions are given in words");
    } catch (IOException e) {
      return Check.problem(MODEL, file.nameThere(), "not readable: " + e.getMessage(), "check the disk and the permissions");
    }
  }

  /** The loader's message has a headline and then a line for each file, with where to get it. */
  private static List<Check> problems(CheckpointException e) {
    List<String> lines = lines(e);
    List<String> details = lines.size() > 1 ? lines.subList(1, lines.size()) : lines;
    return details.stream().map(line -> Check.problem(MODEL, "file", line, "")).toList();
  }

  private static List<String> lines(CheckpointException e) {
    return e.getMessage().lines().map(String::strip).toList();
  }
}
