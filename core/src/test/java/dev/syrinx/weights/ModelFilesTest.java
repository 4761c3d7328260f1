package dev.syrinx.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.syrinx.testdata.TestData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFilesTest {
  private static final Path MODEL = TestData.folder(TestData.TINY_A);

  @TempDir Path folder;

  /** The first bytes of every file of the reference model, which is all that is looked at. */
  @BeforeEach
  void copyHeads() throws IOException {
    try (Stream<Path> files = Files.walk(MODEL)) {
      for (Path file : files.filter(Files::isRegularFile).filter(path -> !path.startsWith(MODEL.resolve("golden"))).toList()) {
        Path copy = folder.resolve(MODEL.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        if (file.toString().endsWith(".safetensors")) {
          Files.copy(file, copy); // its kind shows in the relation of header and size
        } else {
          try (InputStream in = Files.newInputStream(file)) {
            Files.write(copy, in.readNBytes(8192));
          }
        }
      }
    }
  }

  @Test
  void everyFileOfTheReferenceModelIsFound() {
    ModelFiles files = ModelFiles.locate(folder);
    for (ModelFile file : ModelFile.values()) {
      assertTrue(Files.isRegularFile(files.path(file)), file.toString());
    }
    assertEquals(folder.resolve("hf_cache/campplus_cn_common.bin"), files.path(ModelFile.SPEAKER_ENCODER));
    assertEquals(128, files.config().gpt().modelDim());
  }

  @Test
  void allMissingFilesAreNamedAtOnce() throws IOException {
    Files.delete(folder.resolve("gpt.pth"));
    Files.delete(folder.resolve("hf_cache/campplus_cn_common.bin"));
    Files.delete(folder.resolve("hf_cache/w2v-bert-2.0/config.json"));
    String message = refusal();
    assertTrue(message.contains("3 files of the model"), message);
    assertTrue(message.contains("gpt.pth is missing (GPT, conditioners and emotion layers): get 'gpt.pth' from"), message);
    assertTrue(message.contains("campplus_cn_common.bin is missing (speaker encoder CAM++)"), message);
    assertTrue(message.contains("from the Hugging Face repository funasr/campplus"), message);
    assertTrue(message.contains("hf_cache/w2v-bert-2.0/config.json is missing"), message);
  }

  @Test
  void filesOfAnotherKindAreRecognised() throws IOException {
    Files.writeString(folder.resolve("gpt.pth"), "<!doctype html><title>Sign in</title>");
    Files.writeString(folder.resolve("s2mel.pth"), "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n");
    Files.copy(folder.resolve("feat1.pt"), folder.resolve("hf_cache/semantic_codec_model.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.write(folder.resolve("bpe.model"), new byte[0]);
    String message = refusal();
    assertTrue(message.contains("emotion layers) should be a file written by torch.save, is an HTML page"), message);
    assertTrue(message.contains("s2mel.pth (flow-matching model) should be a file written by torch.save, is a Git LFS pointer"), message);
    assertTrue(message.contains("(semantic codec) should be a safetensors file, is a zip archive"), message);
    assertTrue(message.contains("(SentencePiece tokenizer) should be the file itself, is an empty file"), message);
  }

  @Test
  void emotionsInWordsAreOptional() throws IOException {
    Files.delete(folder.resolve("qwen0.6bemo4-merge/config.json"));
    Files.writeString(folder.resolve("qwen0.6bemo4-merge/model.safetensors"), "version https://git-lfs.github.com/spec/v1\n");
    ModelFiles files = ModelFiles.locate(folder);
    assertTrue(files.find(ModelFile.EMOTION_MODEL_CONFIG).isEmpty());
    String message = assertThrows(CheckpointException.class, () -> files.path(ModelFile.EMOTION_MODEL_CONFIG)).getMessage();
    assertTrue(message.contains(" qwen0.6bemo4-merge/config.json is missing"), message);
    message = assertThrows(CheckpointException.class, () -> files.path(ModelFile.EMOTION_MODEL)).getMessage();
    assertTrue(message.contains("Git LFS pointer"), message);
  }

  @Test
  void olderPlacesAreKnown() throws IOException {
    Path codec = folder.resolve("semantic_codec/model.safetensors");
    move("hf_cache/semantic_codec_model.safetensors", codec);
    Path older = folder.resolve("hf_cache/models--facebook--w2v-bert-2.0/snapshots/0123456789ab/model.safetensors");
    Path main = folder.resolve("hf_cache/models--facebook--w2v-bert-2.0/snapshots/ba9876543210/model.safetensors");
    move("hf_cache/w2v-bert-2.0/model.safetensors", main);
    Files.createDirectories(older.getParent());
    Files.copy(main, older);
    Path vocoder = folder.resolve("hf_cache/models--nvidia--bigvgan_v2_22khz_80band_256x/snapshots/00ff00ff/bigvgan_generator.pt");
    move("hf_cache/bigvgan/bigvgan_generator.pt", vocoder);
    assertTrue(older.toFile().setLastModified(System.currentTimeMillis() + 100_000));
    assertEquals(older, ModelFiles.locate(folder).path(ModelFile.W2V_BERT));
    Files.createDirectories(folder.resolve("hf_cache/models--facebook--w2v-bert-2.0/refs"));
    Files.writeString(folder.resolve("hf_cache/models--facebook--w2v-bert-2.0/refs/main"), "ba9876543210\n");
    ModelFiles files = ModelFiles.locate(folder);
    assertEquals(main, files.path(ModelFile.W2V_BERT));
    assertEquals(codec, files.path(ModelFile.SEMANTIC_CODEC));
    assertEquals(vocoder, files.path(ModelFile.VOCODER));
  }

  @Test
  void foldersThatAreNoModelAreExplained() {
    Path nowhere = folder.resolve("nowhere");
    assertTrue(assertThrows(CheckpointException.class, () -> ModelFiles.locate(nowhere)).getMessage().contains("no such folder"));
    Path wrong = folder.resolve("hf_cache");
    assertTrue(assertThrows(CheckpointException.class, () -> ModelFiles.locate(wrong)).getMessage().contains("no config.yaml in it"));
  }

  @Test
  void configurationsCannotPointElsewhere() throws IOException {
    String config = Files.readString(folder.resolve("config.yaml"));
    for (String name : List.of("../../etc/passwd", "/etc/passwd", "a/../../b", "\"a\\0b\"")) {
      Files.writeString(folder.resolve("config.yaml"), config.replace("gpt_checkpoint: gpt.pth", "gpt_checkpoint: " + name));
      String message = refusal();
      assertTrue(message.contains("outside this folder") || message.contains("impossible file"), message);
    }
    Files.writeString(folder.resolve("config.yaml"), config.replace("gpt_checkpoint: gpt.pth", "gpt_checkpoint: '*'"));
    assertTrue(refusal().contains("* is missing (GPT"));
  }

  private void move(String from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.move(folder.resolve(from), to);
  }

  private String refusal() {
    return assertThrows(CheckpointException.class, () -> ModelFiles.locate(folder)).getMessage();
  }
}
