package dev.syrinx.synth;

import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.SafetensorsFile;
import dev.syrinx.weights.SafetensorsWriter;
import dev.syrinx.weights.StoredTensor;
import dev.syrinx.weights.TensorTable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A reference voice, prepared once for one model: everything that depends on the clip alone. Immutable host data; share it between requests
 * and threads.
 *
 * @param name what it was made from
 * @param model fingerprint of the model that prepared it
 * @param latents speaker latents {@code [latents, d]}
 * @param baseEmotion emotion vector of the clip on its speaker path {@code [1, d]}
 * @param ownEmotion emotion vector of the clip on its emotion path {@code [1, d]}, which is resampled otherwise
 * @param style speaker embedding {@code [1, style]}
 * @param mel log-mel of the clip {@code [frames, mels]}
 * @param condition prompt condition of the flow {@code [frames, channels]}
 */
public record Voice(
    String name, String model, Matrix latents, Matrix baseEmotion, Matrix ownEmotion, Matrix style, Matrix mel, Matrix condition) {
  private static final String FORMAT = "syrinx-voice-1";

  /** A row-major matrix on the host. */
  public static final class Matrix {
    private final float[] values;
    private final int rows;
    private final int cols;

    /** The array is not copied. */
    public Matrix(float[] values, int rows, int cols) {
      if (values.length != (long) rows * cols) {
        throw new IllegalArgumentException(values.length + " values are no [" + rows + ", " + cols + "]");
      }
      this.values = values;
      this.rows = rows;
      this.cols = cols;
    }

    /** The elements, row by row. */
    public float[] values() {
      return values;
    }

    /** Rows. */
    public int rows() {
      return rows;
    }

    /** Columns. */
    public int cols() {
      return cols;
    }

    private StoredTensor stored(String name) {
      return StoredTensor.ofFloats(name, values, rows, cols);
    }

    private static Matrix of(StoredTensor stored) {
      return new Matrix(stored.toFloats(), stored.dim(0), stored.dim(1));
    }
  }

  /** Length of the clip's spectrogram in frames. */
  public int frames() {
    return mel.rows();
  }

  /**
   * Saves the voice as a safetensors file. The file appears only when it is whole.
   *
   * @throws IOException if it cannot be written
   */
  public void save(Path file) throws IOException {
    SafetensorsWriter.write(file, tensors(), metadata());
  }

  /** Writes what {@link #save} puts into a file. */
  public void write(OutputStream out) throws IOException {
    SafetensorsWriter.write(out, tensors(), metadata());
  }

  private List<StoredTensor> tensors() {
    return List.of(
        latents.stored("latents"), baseEmotion.stored("base_emotion"), ownEmotion.stored("own_emotion"), style.stored("style"),
        mel.stored("mel"), condition.stored("condition"));
  }

  private Map<String, String> metadata() {
    return Map.of("format", FORMAT, "name", name, "model", model);
  }

  /** Whether a file starts like a saved voice rather than a recording. */
  public static boolean saved(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      return FORMAT.equals(opened.metadata().get("format"));
    } catch (CheckpointException e) {
      return false; // a recording, or something that the audio reader will name
    }
  }

  /**
   * Loads a saved voice.
   *
   * @throws CheckpointException if the file is no saved voice or is damaged
   */
  public static Voice load(Path file) {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      Map<String, String> metadata = opened.metadata();
      if (!FORMAT.equals(metadata.get("format"))) {
        throw new CheckpointException(
            file + " is no saved voice (format '" + metadata.get("format") + "'); make one with: syrinx voice CLIP -o FILE");
      }
      TensorTable table = new TensorTable(opened, "saved voice");
      Matrix latents = Matrix.of(table.tensor("latents", -1, -1));
      int width = latents.cols();
      Matrix mel = Matrix.of(table.tensor("mel", -1, -1));
      Voice voice = new Voice(
          metadata.getOrDefault("name", file.toString()), metadata.getOrDefault("model", ""), latents,
          Matrix.of(table.tensor("base_emotion", 1, width)), Matrix.of(table.tensor("own_emotion", 1, width)),
          Matrix.of(table.tensor("style", 1, -1)), mel, Matrix.of(table.tensor("condition", mel.rows(), -1)));
      table.finish();
      return voice;
    }
  }
}
