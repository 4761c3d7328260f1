"""Makes the corpus: flite's voices speak the sentences, with phone times; audio, labels and the index are written.

  python data.py bundle --root UNPACKED_DEBS --out BUNDLE     (once, where Debian's packages can be had)
  python data.py make --bundle BUNDLE --work W --ends N    (on the training machine, all cores)

Speakers 0..3 are flite's own voices. The others are these voices played at another rate (formants and pitch shift
together) after flite spoke with a duration and pitch that undo part of it.
"""
import argparse
import ctypes as C
import gzip
import json
import math
import multiprocessing as mp
import os
import random
import shutil
import time
from pathlib import Path

import numpy as np

LIBS = ["libflite", "libflite_usenglish", "libflite_cmulex"]
VOICES = ["slt", "rms", "awb", "kal16"]
F0 = {"slt": 168.0, "rms": 104.0, "awb": 128.0, "kal16": 105.0}   # Hz, about the voice's own mean
SPREAD = {"slt": 26.0, "rms": 15.0, "awb": 20.0, "kal16": 15.0}   # Hz, standard deviation
PHONES = """pau aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh""".split()
# speaker: voice, formant factor, mean pitch in Hz after the shift (None: the voice's own prosody), share of the data
SPEAKERS = [("slt", 1.0, None, 20), ("rms", 1.0, None, 20), ("awb", 1.0, None, 16), ("kal16", 1.0, None, 4)]
SPEAKERS += [("slt", 0.86, 120, 2), ("slt", 0.91, 140, 2), ("slt", 0.96, 190, 2), ("slt", 1.05, 165, 2), ("slt", 1.10, 225, 2),
             ("slt", 1.17, 250, 2), ("rms", 0.90, 85, 2), ("rms", 0.95, 120, 2), ("rms", 1.06, 105, 2), ("rms", 1.13, 150, 2),
             ("rms", 1.20, 190, 2), ("rms", 1.26, 230, 2), ("awb", 0.88, 105, 2), ("awb", 0.94, 150, 2), ("awb", 1.06, 120, 2),
             ("awb", 1.13, 175, 2), ("awb", 1.20, 215, 2), ("kal16", 0.92, 90, 1), ("kal16", 1.12, 140, 1)]
HELD = [("slt", 0.94, 158, 0), ("rms", 1.10, 132, 0), ("awb", 1.10, 162, 0)]   # speakers never trained on
EMOTIONS = ["happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm"]
# duration, pitch, pitch spread, gain in dB
STYLE = [(0.90, 1.14, 1.5, 1.0), (0.86, 1.06, 1.7, 3.0), (1.25, 0.88, 0.55, -3.0), (0.84, 1.24, 0.8, -1.0),
         (1.15, 0.92, 1.3, 0.0), (1.35, 0.94, 0.4, -3.0), (1.0, 1.30, 2.0, 1.0), (1.0, 1.0, 1.0, 0.0)]


def bundle(root, out):
  import sentences
  out.mkdir(parents=True, exist_ok=True)
  lib = root / "usr/lib/x86_64-linux-gnu"
  for n in LIBS + [f"libflite_cmu_us_{v}" for v in VOICES]:
    shutil.copy(lib / f"{n}.so.1", out / f"{n}.so.1")
  sound = Path("/usr/lib/x86_64-linux-gnu/libasound.so.2")
  if sound.exists():
    shutil.copy(sound, out / "libasound.so.2")
  with gzip.open(out / "sentences.txt.gz", "wt") as f:
    f.write("\n".join(sentences.build(root)) + "\n")
  for p in ("libflite1", "wordnet-base", "wamerican-small"):
    doc = root / f"usr/share/doc/{p}/copyright"
    if doc.exists():
      shutil.copy(doc, out / f"{p}.copyright")


class Wave(C.Structure):
  _fields_ = [("type", C.c_char_p), ("rate", C.c_int), ("n", C.c_int), ("channels", C.c_int), ("s", C.POINTER(C.c_short))]


class VoiceHead(C.Structure):
  _fields_ = [("name", C.c_char_p), ("features", C.c_void_p)]


class Flite:
  """flite through its C interface: samples at 16 kHz, the end time of each phone and the word of the text it belongs to (a pause: the one before)."""

  def __init__(self, folder):
    folder = Path(folder)
    try:
      C.CDLL("libasound.so.2", mode=C.RTLD_GLOBAL)
    except OSError:
      C.CDLL(str(folder / "libasound.so.2"), mode=C.RTLD_GLOBAL)
    self.libs = [C.CDLL(str(folder / f"{n}.so.1"), mode=C.RTLD_GLOBAL) for n in LIBS]
    fl = self.fl = self.libs[0]
    p, s = C.c_void_p, C.c_char_p
    for name, res, args in [("flite_init", C.c_int, []), ("flite_synth_text", p, [s, p]), ("utt_wave", C.POINTER(Wave), [p]),
                            ("utt_relation", p, [p, s]), ("relation_head", p, [p]), ("item_next", p, [p]),
                            ("item_feat_string", s, [p, s]), ("item_feat_float", C.c_float, [p, s]), ("path_to_item", p, [p, s]),
                            ("delete_utterance", None, [p]), ("feat_set_float", None, [p, s, C.c_float]), ("feat_remove", C.c_int, [p, s])]:
      f = getattr(fl, name)
      f.restype, f.argtypes = res, args
    fl.flite_init()
    self.voices = {}
    for v in VOICES:
      lib = C.CDLL(str(folder / f"libflite_cmu_us_{v}.so.1"))
      reg = getattr(lib, f"register_cmu_us_{v}")
      reg.restype, reg.argtypes = C.POINTER(VoiceHead), [s]
      self.voices[v] = (lib, reg(None))

  def speak(self, voice, text, stretch, mean, spread):
    fl, v = self.fl, self.voices[voice][1]
    for k, x in ((b"duration_stretch", stretch), (b"int_f0_target_mean", mean), (b"int_f0_target_stddev", spread)):
      fl.feat_set_float(v.contents.features, k, x)
    u = fl.flite_synth_text(text.encode("ascii"), C.cast(v, C.c_void_p))
    w = fl.utt_wave(u).contents
    x = np.ctypeslib.as_array(w.s, (w.n,)).copy()
    tokens, it = {}, fl.relation_head(fl.utt_relation(u, b"Token"))
    while it:
      tokens[it] = len(tokens)
      it = fl.item_next(it)
    seg, it, last = [], fl.relation_head(fl.utt_relation(u, b"Segment")), -1
    while it:
      last = tokens.get(fl.path_to_item(it, b"R:SylStructure.parent.parent.R:Token.parent"), last)
      seg.append((fl.item_feat_string(it, b"name").decode(), fl.item_feat_float(it, b"end"), last))
      it = fl.item_next(it)
    if len(tokens) != len(text.split()):                 # cannot be laid beside the text
      seg = [(n, e, -1) for n, e, _ in seg]
    fl.delete_utterance(u)
    return x, seg


def frames50(n22):
  """w2v-BERT frames of n22 samples at 22.05 kHz (audio pipeline: resampled to 16 kHz, 25/10 ms frames, pairs)."""
  n16 = -(-320 * n22 // 441)
  return -(-(1 + (n16 - 400) // 160) // 2)


def labels(seg, scale, n22):
  """For the middle (17.5 ms + 20 ms j) of each frame: phone * 3 + third of the phone; 256 * word + how much of it is spoken (-1: not known)."""
  t = (0.0175 + 0.02 * np.arange(frames50(n22))) * scale
  ends, word = np.array([e for _, e, _ in seg]), np.array([w for _, _, w in seg])
  starts = np.concatenate([[0.0], ends[:-1]])
  k = np.minimum(np.searchsorted(ends, t, side="right"), len(seg) - 1)
  ids = np.array([PHONES.index(p) if p in PHONES else 0 for p, _, _ in seg])
  inside = np.clip((t - starts[k]) / np.maximum(ends[k] - starts[k], 1e-4), 0, 0.999)
  phones, number, count = ids > 0, np.zeros(len(seg)), np.ones(len(seg))
  for w in set(word[phones]):
    own = phones & (word == w)
    number[own], count[own] = np.arange(own.sum()), own.sum()
  part = np.where(phones[k], (number[k] + inside) / count[k] * 255, 255)       # a pause belongs to the end of the word before it
  place = np.where(word[k] < 0, np.where(word.max() < 0, -1, 0), 256 * word[k] + part)
  return (ids[k] * 3 + (inside * 3).astype(int)).astype(np.int16), place.astype(np.int16)


def render(flite, task):
  """One utterance: int16 at 22.05 kHz, labels and places; None where the result is out of range."""
  from scipy.signal import resample_poly
  i, text, sid, emo, seed = task
  r = random.Random(seed)
  voice, shift, pitch, _ = (SPEAKERS + HELD)[sid]
  down = round(320 * shift)
  shift = down / 320.0                                   # played faster by this factor
  d, p, s, gain = STYLE[emo]
  base = F0[voice] if pitch is None else pitch
  jitter = lambda a: math.exp(r.uniform(-a, a))
  mean = base * p * jitter(0.04) / shift
  spread = SPREAD[voice] * base / F0[voice] * s * jitter(0.1) / shift
  x, seg = flite.speak(voice, text, d * shift * jitter(0.06), mean, spread)
  x = x.astype(np.float32) / 32768.0
  # keep at most 120 ms of silence at both ends
  first = seg[0][1] if seg[0][0] == "pau" else 0.0
  last = seg[-2][1] if len(seg) > 1 and seg[-1][0] == "pau" else seg[-1][1]
  a, b = max(0.0, first - 0.12 * shift), min(len(x) / 16000.0, last + 0.12 * shift)
  x = x[int(a * 16000):int(b * 16000)]
  seg = [(n, e - a, w) for n, e, w in seg if e > a]
  y = resample_poly(x, 441, down).astype(np.float32)
  if not 0.6 * 22050 < len(y) < 14 * 22050:
    return None
  level = math.sqrt(float((y * y).mean()) + 1e-9)
  y *= 10 ** ((-23.0 + gain + r.uniform(-1.5, 1.5)) / 20) / level
  peak = float(np.abs(y).max())
  if peak > 0.98:
    y *= 0.98 / peak
  return (np.round(y * 32767).astype(np.int16), *labels(seg, shift, len(y)))


def plan(bundle_folder, seed=11, toy=False, moods=0.28):
  """Endless tasks in a fixed order: (text, speaker, emotion, split)."""
  r = random.Random(seed)
  with gzip.open(bundle_folder / "sentences.txt.gz", "rt") as f:
    text = [x.strip() for x in f]
  held = [x.strip() for x in open(Path(__file__).resolve().parent / "heldout.txt")][:2 if toy else None]
  weights = [s[3] for s in SPEAKERS]
  for k, h in enumerate(held):                          # judges: held-out sentences, first by the four voices
    for sid in range(3):
      yield h, sid, 7, "test"
    yield h, len(SPEAKERS) + k % len(HELD), 7, "test"
  for e in range(7):                    # clips of every emotion by three voices, for the emotion matrices
    for sid in range(3):
      for k in range(1 if toy else 4):
        yield text[e * 41 + sid * 7 + k], sid, e, "train"
  n = 0
  while True:
    r.shuffle(text)
    i = 0
    while i < len(text):
      t = text[i]
      i += 1
      want = r.choice([3, 3, 3, 8, 12, 16, 20])         # words; short sentences are joined up to this
      while i < len(text) and len(t.split()) + len(text[i].split()) <= want + 2 and len(t.split()) < want:
        t += " " + text[i]
        i += 1
      sid = r.choices(range(len(SPEAKERS)), weights)[0]
      emo = 7 if r.random() >= moods else r.randrange(7)
      n += 1
      yield t, sid, emo, "valid" if n % (10 if toy else 100) == 5 else "train"


FLITE = None


def start(folder):
  global FLITE
  os.nice(5)
  FLITE = Flite(folder)


def work(chunk):
  out = []
  for t in chunk:
    try:
      out.append((t[0], render(FLITE, t)))
    except (ValueError, IndexError, UnicodeError):
      out.append((t[0], None))
  return out


def write(W, ready, sent):
  """Arrays, index and text of the utterances in `ready` (id -> samples, labels, places)."""
  W.mkdir(parents=True, exist_ok=True)
  order, speak, meta = sorted(ready), SPEAKERS + HELD, []
  for i in order:
    text, sid, emo, split = sent[i]
    v, f, _, _ = speak[sid]
    meta.append({"id": i, "text": text, "speaker": sid, "voice": f"{v}x{f:.2f}", "emotion": emo, "split": split})
  off = np.cumsum([0] + [len(ready[i][0]) for i in order]).astype(np.int64)
  loff = np.cumsum([0] + [len(ready[i][1]) for i in order]).astype(np.int64)
  save = lambda n, x: np.save(W / n, x)
  audio = np.lib.format.open_memmap(W / "audio.npy", mode="w+", dtype=np.int16, shape=(int(off[-1]),))
  for i, o in zip(order, off):
    audio[o:o + len(ready[i][0])] = ready[i][0]
  audio.flush()
  save("audio_off.npy", off)
  save("w2v_off.npy", loff)
  save("labels.npy", np.concatenate([ready[i][1] for i in order]))
  save("places.npy", np.concatenate([ready[i][2] for i in order]))
  with open(W / "meta.jsonl", "w") as f:
    f.writelines(json.dumps(m) + "\n" for m in meta)
  with open(W / "texts.txt", "w") as f:
    f.writelines(m["text"] + "\n" for m in meta if m["split"] == "train")
  (W / "audio.done").touch()
  return f"{len(meta)} utterances, {off[-1] / 22050 / 3600:.2f} h"


def make(a):
  """The corpus in parts, each written when its time is up while the next is being spoken: W, W/more, W/more2 ..."""
  t0, W = time.time(), Path(a.work)
  ends = [float(x) for x in a.ends.split(",")]
  tasks, sent = plan(Path(a.bundle), a.seed, a.toy, a.moods), {}

  def chunks():
    i = 0
    while time.time() - t0 < ends[-1] - 2 and i < a.utterances:
      c = []
      for _ in range(min(16, a.utterances - i)):
        text, sid, emo, split = next(tasks)
        sent[i] = (text, sid, emo, split)
        c.append((i, text, sid, emo, 1000003 * sid + i))
        i += 1
      yield c
      gate.acquire()

  def put(part):
    where = W if part == 0 else W / f"more{part if part > 1 else ''}"
    print(f"data: {where.name}: {write(where, ready, sent)}, {time.time() - t0:.0f} s", flush=True)

  ready, part = {}, 0
  workers = a.workers or os.cpu_count()
  gate = mp.Semaphore(workers * 3)                      # imap would otherwise drain the endless plan at once
  with mp.Pool(workers, start, (a.bundle,)) as pool:
    for res in pool.imap_unordered(work, chunks()):
      gate.release()
      ready.update((i, made) for i, made in res if made is not None)
      if part < len(ends) - 1 and time.time() - t0 > ends[part] - 2:
        put(part)
        ready, part = {}, part + 1
  if ready:
    put(part)


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  q = p.add_subparsers(dest="command", required=True)
  b = q.add_parser("bundle")
  b.add_argument("--root", required=True)
  b.add_argument("--out", required=True)
  m = q.add_parser("make")
  m.add_argument("--bundle", required=True)
  m.add_argument("--work", required=True)
  m.add_argument("--ends", default="75", help="when each part ends: with 60,128 the first minute goes to W, the rest to W/more")
  m.add_argument("--utterances", type=int, default=10 ** 9)
  m.add_argument("--workers", type=int, default=0)
  m.add_argument("--seed", type=int, default=11)
  m.add_argument("--moods", type=float, default=0.28, help="share of the utterances with an emotion")
  m.add_argument("--toy", action="store_true", help="few held-out sentences and emotion clips")
  a = p.parse_args()
  if a.command == "bundle":
    bundle(Path(a.root), Path(a.out))
  else:
    make(a)


if __name__ == "__main__":
  main()
