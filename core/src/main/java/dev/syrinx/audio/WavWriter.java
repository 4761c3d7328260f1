package dev.syrinx.audio;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/** Writes one-channel 16-bit PCM WAV. A file appears under its name complete or not at all. */
public final class WavWriter {
  private static final int HEADER_BYTES = 44;
  private static final int BLOCK_SAMPLES = 1 << 14;
  private static final AtomicLong SERIAL = new AtomicLong();

  private WavWriter() {}

  /**
   * Writes a file, replacing one of that name. Missing folders are made. The data first goes to a hidden file beside it.
   *
   * @param target of the file; a device or pipe is written to directly
   * @param samples one channel
   * @param sampleRate in Hz
   * @throws AudioException if it cannot be written; no partial file is left then
   */
  public static void write(Path target, short[] samples, int sampleRate) {
    if (Files.isDirectory(target)) {
      throw new AudioException(target + ": is a folder; name a file in it, for example " + target.resolve("out.wav"));
    }
    try {
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        try (OutputStream out = Files.newOutputStream(target)) {
          write(out, samples, sampleRate);
        }
      } else {
        // Through a link, so that the link stays and its target changes.
        replace(Files.isSymbolicLink(target) && Files.exists(target) ? target.toRealPath() : target.toAbsolutePath(), samples, sampleRate);
      }
    } catch (IOException e) {
      throw new AudioException(target + ": cannot be written: " + reason(e), e);
    }
  }

  private static void replace(Path target, short[] samples, int sampleRate) throws IOException {
    Path folder = target.getParent();
    Files.createDirectories(folder);
    String unique = "." + target.getFileName() + "." + ProcessHandle.current().pid() + "-" + SERIAL.incrementAndGet() + ".part";
    Path partial = folder.resolve(unique);
    try {
      try (OutputStream out = Files.newOutputStream(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        write(out, samples, sampleRate);
      }
      move(partial, target);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static String reason(IOException e) {
    if (e instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " is a file where a folder is needed; choose another place";
    }
    String text =
        e instanceof FileSystemException system && system.getReason() != null ? system.getReason() : String.valueOf(e.getMessage());
    if (e instanceof java.nio.file.AccessDeniedException || text.contains("ermission denied")) {
      return "permission denied; choose a folder that you may write to";
    }
    return text.contains("No space left") ? "the disk is full; free some space or choose another place" : text;
  }

  /**
   * Writes to a stream, which stays open and is flushed.
   *
   * @throws IOException as the stream does
   * @throws AudioException if the samples exceed the 4 GiB of a WAV file
   */
  public static void write(OutputStream out, short[] samples, int sampleRate) throws IOException {
    BufferedOutputStream buffered = new BufferedOutputStream(out, 1 << 16);
    buffered.write(header(samples.length, sampleRate));
    ByteBuffer block = ByteBuffer.allocate(BLOCK_SAMPLES * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int from = 0; from < samples.length; from += BLOCK_SAMPLES) {
      int count = Math.min(BLOCK_SAMPLES, samples.length - from);
      block.asShortBuffer().put(samples, from, count);
      buffered.write(block.array(), 0, count * Short.BYTES);
    }
    buffered.flush();
  }

  private static byte[] header(int samples, int sampleRate) {
    long bytes = (long) samples * Short.BYTES;
    if (bytes + HEADER_BYTES > 0xffffffffL) {
      throw new AudioException("a WAV file of " + samples + " samples would exceed 4 GiB; split the text");
    }
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt((int) (bytes + HEADER_BYTES - 8));
    header.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 1).putShort((short) 1);
    header.putInt(sampleRate).putInt(sampleRate * Short.BYTES).putShort((short) Short.BYTES).putShort((short) Short.SIZE);
    header.put("data".getBytes(StandardCharsets.US_ASCII)).putInt((int) bytes);
    return header.array();
  }
}
