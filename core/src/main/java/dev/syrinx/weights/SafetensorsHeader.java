package dev.syrinx.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.syrinx.kernels.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The checked header of a safetensors file. */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
  private static final int MAX_TENSORS = 200_000;
  private static final JsonFactory JSON = JsonFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .streamReadConstraints(StreamReadConstraints.builder()
          .maxNestingDepth(8).maxNameLength(4096).maxNumberLength(24).maxStringLength(16 << 20).build())
      .build();

  /** One tensor; offsets count from the first byte after the header. */
  record Entry(ElementType type, List<Integer> shape, long begin, long end) {
    DType dtype(String origin, String name) {
      return type.readable(origin, name);
    }
  }

  /**
   * @param json the header
   * @param dataBytes how many bytes follow it
   * @throws CheckpointException if it is no such header, or contradicts itself or the length of the data
   */
  static SafetensorsHeader parse(MemorySegment json, long dataBytes) {
    Map<String, Entry> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(new SegmentInput(json))) {
      expect(parser.nextToken() == JsonToken.START_OBJECT, "the header is no JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        if ("__metadata__".equals(name)) {
          readMetadata(parser, metadata);
        } else {
          expect(tensors.size() < MAX_TENSORS, "more than " + MAX_TENSORS + " tensors");
          tensors.put(name, readEntry(parser, name));
        }
      }
      expect(parser.nextToken() == null, "the header goes on after its end");
    } catch (IOException e) {
      throw new CheckpointException("the header is not valid JSON: " + firstLine(e), e);
    }
    checkCoverage(tensors, dataBytes);
    return new SafetensorsHeader(Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
  }

  private static void readMetadata(JsonParser parser, Map<String, String> metadata) throws IOException {
    expect(parser.nextToken() == JsonToken.START_OBJECT, "__metadata__ is no JSON object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      expect(parser.nextToken() == JsonToken.VALUE_STRING, "__metadata__ has a value that is no string");
      metadata.put(key, parser.getText());
    }
  }

  private static Entry readEntry(JsonParser parser, String name) throws IOException {
    expect(parser.nextToken() == JsonToken.START_OBJECT, "'" + name + "' is no JSON object");
    Optional<String> type = Optional.empty();
    List<Long> shape = List.of();
    List<Long> offsets = List.of();
    int seen = 0;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      seen++;
      switch (parser.currentName()) {
        case "dtype" -> {
          expect(parser.nextToken() == JsonToken.VALUE_STRING, "'" + name + "': dtype is no string");
          type = Optional.of(parser.getText());
        }
        case "shape" -> shape = readLongs(parser, name + ".shape", Shapes.MAX_RANK);
        case "data_offsets" -> offsets = readLongs(parser, name + ".data_offsets", 2);
        default -> throw new CheckpointException("'%s' has an unknown field '%s'".formatted(name, parser.currentName()));
      }
    }
    expect(seen == 3 && type.isPresent() && offsets.size() == 2, "'" + name + "' must have dtype, shape and two data_offsets");
    return checked(name, type.orElseThrow(), shape, offsets.get(0), offsets.get(1));
  }

  private static List<Long> readLongs(JsonParser parser, String what, int limit) throws IOException {
    expect(parser.nextToken() == JsonToken.START_ARRAY, what + " is no list");
    List<Long> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(parser.currentToken() == JsonToken.VALUE_NUMBER_INT, what + " has an entry that is no integer");
      expect(values.size() < limit, what + " has more than " + limit + " entries");
      values.add(parser.getLongValue());
    }
    return values;
  }

  private static Entry checked(String name, String typeName, List<Long> extents, long begin, long end) {
    ElementType type = ElementType.safetensors(typeName)
        .orElseThrow(() -> new CheckpointException("'%s' has the unknown element type '%s'".formatted(name, typeName)));
    expect(begin >= 0 && end >= begin, "'%s' has impossible data offsets [%d, %d]".formatted(name, begin, end));
    try {
      List<Integer> shape = extents.stream().map(Math::toIntExact).toList();
      long bytes = Math.multiplyExact(Shapes.elements(shape), (long) type.bytes());
      expect(bytes == end - begin,
          "'%s': %s %s needs %d bytes, its data offsets span %d".formatted(name, typeName, shape, bytes, end - begin));
      return new Entry(type, shape, begin, end);
    } catch (ArithmeticException e) {
      throw new CheckpointException("'%s' has the impossible shape %s".formatted(name, extents), e);
    }
  }

  private static void checkCoverage(Map<String, Entry> tensors, long dataBytes) {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(tensors.entrySet());
    sorted.sort(Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin()).thenComparingLong(e -> e.getValue().end()));
    long covered = 0;
    for (Map.Entry<String, Entry> entry : sorted) {
      long begin = entry.getValue().begin();
      String name = entry.getKey();
      expect(begin >= covered, "'%s' overlaps the tensor before it: begins at %d, that ends at %d".formatted(name, begin, covered));
      expect(begin == covered, "%d bytes before '%s' belong to no tensor".formatted(begin - covered, name));
      covered = entry.getValue().end();
      expect(covered <= dataBytes,
          "cut short: '%s' ends at byte %d of the data, but there are only %d".formatted(name, covered, dataBytes));
    }
    expect(covered == dataBytes, "%d bytes at the end belong to no tensor".formatted(dataBytes - covered));
  }

  private static void expect(boolean condition, String otherwise) {
    if (!condition) {
      throw new CheckpointException(otherwise);
    }
  }

  private static String firstLine(IOException e) {
    String message = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    return PickleText.printable(String.valueOf(message).lines().findFirst().orElse(""));
  }
}
