package dev.syrinx.bench.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a study found out about one cell: its speed, never without the configuration and the price.
 *
 * @param run id of the study's run
 * @param study name of the question
 * @param scenario what was spoken
 * @param cell name of the configuration within the study
 * @param baseline name of the cell of the same study and scenario that ratios are taken against
 * @param state whether there are timings
 * @param message why there are none; empty where they are
 * @param configuration everything that was chosen
 * @param provenance of model, kernels and program
 * @param machine fingerprint
 * @param machineHash of what does not change on a machine from run to run
 * @param conditions of the measurement: rounds, load, clocks, calibration
 * @param timings by name; see {@link StudyNames}
 * @param work of the stages, against the roof
 * @param roof the machine's, measured
 * @param kernels that the user brought, in place
 * @param output what was said
 * @param figures memory and gaps
 * @param price likeness to the reference
 */
@JsonPropertyOrder({"schema", "run"})
public record StudyRecord(
    String run, String study, String scenario, String cell, String baseline, State state, String message, Configuration configuration, Provenance provenance,
    Map<String, Object> machine, String machineHash, Conditions conditions, Map<String, Timing> timings, List<Work> work, Roof roof, List<OwnKernel> kernels, Output output, Figures figures, Price price) {
  /** Name and version of this schema. */
  public static final String SCHEMA = "syrinx.study/2";

  private static final ObjectMapper JSON = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** How a cell ended. */
  public enum State {
    MEASURED,
    /** The switches contradict each other or the device. */
    REFUSED,
    /** It broke, or there was no time. */
    FAILED;

    /** As in JSON. */
    @com.fasterxml.jackson.annotation.JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was chosen.
   *
   * @param device cpu or cuda:N
   * @param deviceName in words
   * @param preset what the switches start from
   * @param switches all that are in effect on the device, by their names on the command line
   * @param sequences most requests that decode together
   * @param batch requests that are made at a time
   * @param utterances requests in all
   * @param codes most of an utterance
   * @param textTokens of an utterance, the longest
   * @param clipSeconds length of the voice's recording
   * @param threads of the CPU
   * @param text what is said; empty where ids are given
   */
  public record Configuration(
      String device, String deviceName, String preset, Map<String, String> switches, int beams, int sequences, int batch, int utterances, int codes, int textTokens,
      double clipSeconds, int threads, long seed, List<String> text) {
    /** Copies. */
    public Configuration {
      switches = ordered(switches);
      text = List.copyOf(text);
    }
  }

  /** Where model, kernels and program come from. */
  public record Provenance(String model, String modelHash, String kernelsHash, Map<String, String> versions) {
    /** Copies. */
    public Provenance {
      versions = ordered(versions);
    }
  }

  /**
   * How it was measured.
   *
   * @param subject what was measured: cells of different questions that come out the same share it
   * @param processes in which it was measured
   * @param rounds that count, of all processes
   * @param disturbed rounds that do not count, because something else used the machine
   * @param runs that count
   * @param loadBefore load average
   * @param gpuBefore clocks and temperature, by name with unit; empty where nobody tells
   * @param notes what a reader must know, such as cells that could not be interleaved
   */
  public record Conditions(
      String subject, int processes, int rounds, int disturbed, List<Run> runs, double loadBefore, double loadAfter, Map<String, Double> gpuBefore, Map<String, Double> gpuAfter,
      List<String> notes) {
    /** Nothing was measured. */
    public static final Conditions NONE = new Conditions("", 0, 0, 0, List.of(), 0, 0, Map.of(), Map.of(), List.of());

    /** Copies. */
    public Conditions {
      runs = List.copyOf(runs);
      gpuBefore = ordered(gpuBefore);
      gpuAfter = ordered(gpuAfter);
      notes = List.copyOf(notes);
    }
  }

  /**
   * One run that counts.
   *
   * @param process of the study, from 1: each compiles and places its memory anew
   * @param round of the process
   * @param calibration seconds of a fixed loop beside it, the slower of before and after
   * @param waited seconds that threads of this process were ready to run and had no processor, as a share of the run's time; 0 where nobody tells
   */
  public record Run(int process, int round, double calibration, double waited) {}

  /**
   * Declared cost of all calls of a stage in one run, beside what it took.
   *
   * @param stage label of the stage
   * @param roofSeconds the larger of bytes over bandwidth and operations over their rate
   * @param share roofSeconds over seconds
   * @param bound memory or compute, whichever is larger
   */
  public record Work(String stage, double bytes, double flops, long calls, double seconds, double roofSeconds, double share, String bound) {}

  /** What the machine can do at most: measured, and how. Zeros where nobody measured. */
  public record Roof(double bytesPerSecond, double flopsPerSecond, String how) {}

  /**
   * What was said.
   *
   * @param codes of each utterance
   * @param sha256 of the 16-bit samples of all utterances
   */
  public record Output(double audioSeconds, List<Integer> codes, String sha256) {
    /** Copies. */
    public Output {
      codes = List.copyOf(codes);
    }
  }

  /**
   * Likeness to a reference.
   *
   * @param reference what it is compared with, in words
   * @param codes "own", or "reference" where the acoustic figures are of the reference's codes, because codes of its own are other speech
   */
  public record Price(String reference, String codes, Map<String, Double> values, Map<String, String> absent) {
    /** Copies. */
    public Price {
      values = ordered(values);
      absent = ordered(absent);
    }

    /** As figures. */
    public Figures figures() {
      return new Figures(values, absent);
    }
  }

  /**
   * Copies what can change.
   *
   * @throws IllegalArgumentException for a speed without configuration or price
   */
  public StudyRecord {
    machine = ordered(machine);
    timings = ordered(timings);
    work = List.copyOf(work);
    kernels = kernels == null ? List.of() : List.copyOf(kernels);
    if (state == State.MEASURED && configuration.switches().isEmpty()) {
      throw new IllegalArgumentException(study + ", " + scenario + ", " + cell + ": a speed without its configuration is not exported");
    }
    if (state == State.MEASURED && price.values().isEmpty() && price.absent().isEmpty()) {
      throw new IllegalArgumentException(study + ", " + scenario + ", " + cell + ": a speed without its price is not exported");
    }
    if (state != State.MEASURED && !timings.isEmpty()) {
      throw new IllegalArgumentException(study + ", " + scenario + ", " + cell + ": a cell that was not measured has no timings");
    }
  }

  /** The same with other timings. */
  public StudyRecord with(Map<String, Timing> other) {
    return new StudyRecord(
        run, study, scenario, cell, baseline, state, message, configuration, provenance, machine, machineHash, conditions, other, work, roof, kernels, output, figures, price);
  }

  private static <V> Map<String, V> ordered(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** Name and version of the schema, as written. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public String schema() {
    return SCHEMA;
  }

  /** One line of JSON. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of numbers and texts is always JSON", e);
    }
  }

  /**
   * Reads what {@link #json} wrote; properties that it does not know are skipped.
   *
   * @throws IllegalArgumentException if it is no record of this schema
   */
  public static StudyRecord parse(String line) {
    try {
      JsonNode node = JSON.readTree(line);
      String schema = node.path("schema").asText("");
      if (!schema.equals(SCHEMA)) {
        throw new IllegalArgumentException("a record of schema '" + schema + "', and this program reads " + SCHEMA);
      }
      return JSON.treeToValue(node, StudyRecord.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no record of a study: " + e.getOriginalMessage(), e);
    }
  }
}
