package dev.syrinx.app;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    return new String[] {"syrinx " + number(), "Java " + System.getProperty("java.vm.version") + ", " + System.getProperty("os.arch")};
  }

  /** The project's version; "unpackaged" of classes that were compiled without the build, which puts the number in. */
  static String number() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      properties.load(in);
    }
    return filled(properties.getProperty("version"));
  }

  static String filled(String version) {
    return version.startsWith("${") ? "unpackaged" : version;
  }
}
