package dev.syrinx.audio;

import com.jcraft.jogg.Packet;
import com.jcraft.jogg.Page;
import com.jcraft.jogg.StreamState;
import com.jcraft.jogg.SyncState;
import com.jcraft.jorbis.Block;
import com.jcraft.jorbis.Comment;
import com.jcraft.jorbis.DspState;
import com.jcraft.jorbis.Info;
import java.io.IOException;
import java.io.InputStream;

/**
 * The first Vorbis stream of an OGG file by JOrbis. Its decoder is driven directly: the Java Sound provider on top of it loses files
 * shorter than its buffer, and the tail that the last page says to cut.
 */
final class VorbisSource implements PcmSource {
  private static final int READ = 1 << 12;
  private static final int HEADERS = 3;
  private static final byte[] EMPTY_COMMENT = {3, 'v', 'o', 'r', 'b', 'i', 's', 0, 0, 0, 0, 0, 0, 0, 0, 1};

  private final InputStream in;
  private final String name;
  private final SyncState sync = new SyncState();
  private final StreamState stream = new StreamState();
  private final Page page = new Page();
  private final Packet packet = new Packet();
  private final Info info = new Info();
  private final DspState synthesis = new DspState();
  private final Block block;
  private final int[] starts;
  private final float[][][] pcm = new float[1][][];
  private boolean lastPage;
  private long end = Long.MAX_VALUE;
  private long produced;

  /** @param in at the first page */
  VorbisSource(InputStream in, String name) throws IOException {
    this.in = in;
    this.name = name;
    sync.init();
    if (!nextPage()) {
      throw damaged("its first page");
    }
    stream.init(page.serialno());
    stream.pagein(page);
    info.init();
    readHeaders();
    SampleRates.check(info.rate, name);
    synthesis.synthesis_init(info);
    block = new Block(synthesis);
    starts = new int[info.channels];
  }

  private AudioException damaged(String what) {
    return new AudioException(name + ": the OGG Vorbis file is damaged in " + what + "; " + Remedy.CONVERT);
  }

  private void readHeaders() throws IOException {
    Comment comment = new Comment();
    comment.init();
    for (int header = 0; header < HEADERS; header++) {
      if (!nextPacket()) {
        throw damaged("its headers, of which " + header + " are there");
      }
      try {
        check(header);
      } catch (IOException e) {
        throw damaged("header " + (header + 1) + " (" + e.getMessage() + ")");
      }
      if (info.synthesis_headerin(comment, packet) < 0) {
        throw damaged("header " + (header + 1));
      }
    }
  }

  private void check(int header) throws IOException {
    switch (header) {
      case 0 -> VorbisSetup.checkIdentification(packet.packet_base, packet.packet, packet.bytes);
      case 2 -> VorbisSetup.checkSetup(packet.packet_base, packet.packet, packet.bytes);
      default -> {
        // Titles and pictures do not matter here, and their lengths could claim gigabytes: an empty list takes their place.
        packet.packet_base = EMPTY_COMMENT.clone();
        packet.packet = 0;
        packet.bytes = EMPTY_COMMENT.length;
      }
    }
  }

  private boolean nextPage() throws IOException {
    while (true) {
      int status = sync.pageout(page);
      if (status == 1) {
        return true;
      }
      if (status == 0) {
        int at = sync.buffer(READ);
        int got = in.read(sync.data, at, READ);
        if (got <= 0) {
          return false;
        }
        sync.wrote(got);
      }
    }
  }

  /** The next packet of the stream; damaged stretches are passed over. */
  private boolean nextPacket() throws IOException {
    while (true) {
      int status = stream.packetout(packet);
      if (status == 1) {
        return true;
      }
      if (status == 0) {
        if (lastPage || !nextPage()) {
          return false;
        }
        if (stream.pagein(page) == 0 && page.eos() != 0) {
          lastPage = true;
          end = page.granulepos() > 0 ? page.granulepos() : end;
        }
      }
    }
  }

  @Override
  public int channels() {
    return info.channels;
  }

  @Override
  public int sampleRate() {
    return info.rate;
  }

  @Override
  public int read(float[] interleaved, int frames) throws IOException {
    int available = synthesis.synthesis_pcmout(pcm, starts);
    while (available == 0) {
      if (!nextPacket()) {
        return 0;
      }
      if (block.synthesis(packet) == 0) {
        synthesis.synthesis_blockin(block);
      }
      available = synthesis.synthesis_pcmout(pcm, starts);
    }
    int count = (int) Math.min(Math.min(frames, available), Math.max(0, end - produced));
    for (int c = 0; c < channels(); c++) {
      for (int i = 0; i < count; i++) {
        interleaved[i * channels() + c] = pcm[0][c][starts[c] + i];
      }
    }
    synthesis.synthesis_read(count);
    produced += count;
    return count;
  }
}
