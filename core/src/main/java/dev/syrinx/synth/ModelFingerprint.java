package dev.syrinx.synth;

import dev.syrinx.weights.CheckpointException;
import dev.syrinx.weights.ModelFile;
import dev.syrinx.weights.ModelFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Tells models apart without reading gigabytes: SHA-256 over the size and samples of every file that a voice depends on.
 */
final class ModelFingerprint {
  private static final int SAMPLE = 1 << 16;
  private static final int SAMPLES = 8;

  private ModelFingerprint() {}

  static String of(ModelFiles files) {
    MessageDigest digest = sha256();
    for (ModelFile file : ModelFile.values()) {
      if (!file.optional()) {
        add(digest, files.path(file));
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 16);
  }

  private static void add(MessageDigest digest, Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(size).flip());
      ByteBuffer sample = ByteBuffer.allocate(SAMPLE);
      for (int i = 0; i < SAMPLES; i++) {
        channel.read(sample.clear(), Math.max(0, size - SAMPLE) * i / (SAMPLES - 1));
        digest.update(sample.flip());
      }
    } catch (IOException e) {
      throw new CheckpointException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
