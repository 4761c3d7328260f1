package dev.syrinx.app;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.ITypeConverter;

/**
 * Where a result goes: a file, or standard output for {@code -}. A file appears under its name only when it is complete; a failure leaves
 * nothing behind, and a file that was there before stays as it was.
 */
public final class Output {
  /** The name that means standard output. */
  public static final String STDOUT = "-";

  /** Writes the result. */
  @FunctionalInterface
  public interface Writer {
    /** Writes everything; need not close. */
    void write(OutputStream out) throws IOException;
  }

  /** Reads the option's value. */
  public static final class Converter implements ITypeConverter<Output> {
    @Override
    public Output convert(String value) {
      return new Output(value);
    }
  }

  private final String name;

  /** An output by name. */
  public Output(String name) {
    this.name = name;
  }

  /** Whether the result goes to standard output, where nothing else may be printed then. */
  public boolean stdout() {
    return name.equals(STDOUT);
  }

  /**
   * Checks before hours of work what can be known then.
   *
   * @throws CommandException.BadOutput if the name is a folder or its folder is missing or may not be written
   */
  public void check() {
    if (stdout()) {
      return;
    }
    Path target = Path.of(name).toAbsolutePath();
    if (name.isEmpty() || Files.isDirectory(target)) {
      throw new CommandException.BadOutput("cannot write '" + name + "': it is a folder; give a file name");
    }
    Path folder = target.getParent();
    if (!Files.isDirectory(folder)) {
      throw new CommandException.BadOutput("cannot write " + name + ": the folder " + folder + " does not exist; create it first");
    }
    boolean beside = !Files.exists(target) || Files.isRegularFile(target);
    if ((beside && !Files.isWritable(folder)) || (Files.exists(target) && !Files.isWritable(target))) {
      throw new CommandException.BadOutput("cannot write " + name + ": no permission; choose another place");
    }
  }

  /**
   * Writes the result.
   *
   * @throws CommandException.BadOutput if it could not be written completely
   */
  public void write(Writer writer) {
    check();
    try {
      if (stdout()) {
        drain(new FileOutputStream(FileDescriptor.out), writer);
      } else {
        writeFile(Path.of(name), writer);
      }
    } catch (IOException e) {
      throw new CommandException.BadOutput("cannot write " + this + ": " + reason(e) + "; nothing is left under that name by this run", e);
    }
  }

  /** The name as messages have it. */
  @Override
  public String toString() {
    return stdout() ? "standard output" : name;
  }

  /** Why, in words: the messages of some exceptions are a file's name and nothing else. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "no such file or folder";
      case AccessDeniedException _ -> "no permission";
      case FileAlreadyExistsException _ -> "there is a file of that name";
      case MalformedInputException _ -> "it is no UTF-8 text";
      case FileSystemException file when file.getReason() != null -> file.getReason();
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }

  private static void drain(OutputStream sink, Writer writer) throws IOException {
    OutputStream out = new BufferedOutputStream(sink, 1 << 16);
    writer.write(out);
    out.flush();
  }

  private static void writeFile(Path given, Writer writer) throws IOException {
    if (Files.exists(given) && !Files.isRegularFile(given)) { // a pipe or a device such as /dev/null has no place beside it
      try (OutputStream out = Files.newOutputStream(given, StandardOpenOption.WRITE)) {
        drain(out, writer);
      }
      return;
    }
    Path target = Files.exists(given) ? given.toRealPath() : given.toAbsolutePath(); // a link stays a link
    String unique = Long.toHexString(ProcessHandle.current().pid() << 32 ^ System.nanoTime());
    Path partial = target.resolveSibling("." + target.getFileName() + "." + unique + ".part");
    try {
      try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        drain(Channels.newOutputStream(channel), writer);
        channel.force(true); // some systems report a full disk only now
      }
      publish(partial, target);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static void publish(Path partial, Path target) throws IOException {
    try {
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(partial, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
