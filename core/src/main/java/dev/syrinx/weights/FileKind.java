package dev.syrinx.weights;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What a file is, told from its first bytes: a download that went wrong is named instead of failing somewhere in a parser. */
enum FileKind {
  EMPTY("an empty file: the download did not finish"),
  HTML("an HTML page: the download saved an error or login page instead of the file; download it again"),
  XML("an XML document: the server's error message was saved instead of the file; download it again"),
  LFS_POINTER("a Git LFS pointer: run 'git lfs pull' in the model's folder, or download the file itself"),
  SAFETENSORS("a safetensors file"),
  ZIP("a zip archive, as PyTorch 1.6 and later write them"),
  LEGACY_TORCH("a PyTorch file of the format before 1.6"),
  PICKLE("a Python pickle without PyTorch's header"),
  GGUF("a GGUF file, which is not supported: use the original checkpoint"),
  HDF5("an HDF5 file, which is not supported: use the PyTorch checkpoint"),
  GZIP("compressed with gzip: unpack it first"),
  TAR("a tar archive, as PyTorch before 0.1.10 wrote them: load it with PyTorch and save it again"),
  TEXT("a text file"),
  UNKNOWN("a file of an unknown kind, or damaged");

  private static final int HEAD = 512;
  /** The integer 0x1950a86a20f9469cfc6c as a pickle stores it, which opens every file of torch.save before 1.6. */
  private static final String LEGACY_MAGIC = "\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019";

  private final String description;

  FileKind(String description) {
    this.description = description;
  }

  /** Whether no file of a model is ever of this kind: what came is not what was asked for. */
  boolean mistake() {
    return switch (this) {
      case EMPTY, HTML, XML, LFS_POINTER, GZIP, TAR -> true;
      default -> false;
    };
  }

  /** The kind and, where it is a mistake, the remedy. */
  String description() {
    return description;
  }

  static FileKind of(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return of(in.readNBytes(HEAD), Files.size(file));
    }
  }

  static FileKind of(MemorySegment file) {
    byte[] head = file.asSlice(0, Math.min(HEAD, file.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    return of(head, file.byteSize());
  }

  private static FileKind of(byte[] head, long size) {
    if (head.length == 0) {
      return EMPTY;
    }
    String bytes = new String(head, StandardCharsets.ISO_8859_1);
    FileKind binary = binary(bytes, size);
    return binary != UNKNOWN ? binary : text(bytes);
  }

  private static FileKind binary(String head, long size) {
    // First, because a header's length may begin with any byte, those of a pickle or of gzip among them.
    if (head.length() > 8 && head.charAt(8) == '{' && headerLength(head) <= size - 8) {
      return SAFETENSORS;
    }
    if (head.startsWith("PK\u0003\u0004") || head.startsWith("PK\u0005\u0006")) {
      return ZIP;
    }
    if (head.startsWith("\u0080")) {
      return head.indexOf(LEGACY_MAGIC) >= 0 && head.indexOf(LEGACY_MAGIC) < 32 ? LEGACY_TORCH : PICKLE;
    }
    if (head.startsWith("GGUF")) {
      return GGUF;
    }
    if (head.startsWith("\u0089HDF\r\n")) {
      return HDF5;
    }
    if (head.startsWith("\u001f\u008b")) {
      return GZIP;
    }
    if (head.length() > 262 && head.startsWith("ustar", 257)) {
      return TAR;
    }
    return UNKNOWN;
  }

  private static long headerLength(String head) {
    long length = 0;
    for (int i = 7; i >= 0; i--) {
      length = length << 8 | head.charAt(i);
    }
    return length < 0 ? Long.MAX_VALUE : length;
  }

  private static FileKind text(String head) {
    String start = head.replaceFirst("^\u00ef\u00bb\u00bf", "").stripLeading().toLowerCase(Locale.ROOT);
    if (start.startsWith("version https://git-lfs")) {
      return LFS_POINTER;
    }
    if (start.startsWith("<!doctype html") || start.startsWith("<html")) {
      return HTML;
    }
    if (start.startsWith("<?xml") || start.startsWith("<error>")) {
      return start.contains("<html") ? HTML : XML;
    }
    return head.chars().allMatch(c -> (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t') ? TEXT : UNKNOWN;
  }
}
