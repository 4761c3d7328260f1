"""Judges that nobody of this project trained: pocketsphinx (en-us, open vocabulary) word errors, MFCC speaker statistics, mel-cepstral distortion, noise and clipping.

  python judge.py teacher --work W [--voices slt,rms,awb] [--limit N]   word errors of the corpus' held-out sentences
  python judge.py wer LIST.jsonl [--out REPORT.json]                    {"wav": path, "text": ..., "group": ...} a line
  python judge.py speakers --reference NAME=WAV ... LIST.jsonl          nearest reference of each clip (MFCC statistics; with --ckpt DIR also the
                                                                       trained CAM++, the one judge that is ours)
  python judge.py mcd A.wav B.wav ...                                   pairs: mel-cepstral distortion in dB
  python judge.py signal FILES...                                       length, level, peak, clipping, noise floor
  python judge.py page LIST.jsonl --out page.html                       spectrograms side by side by text; a player where a line has "sound": true
"""
import argparse
import base64
import collections
import io
import json
import re
import wave
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

TEENS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def words(text):
  text = text.lower().replace("-", " ")
  return [w for w in re.sub(r"[^a-z' ]+", " ", text).split() if w.strip("'")]


def edits(ref, hyp):
  """Substitutions, deletions and insertions together (Levenshtein over words)."""
  row = list(range(len(hyp) + 1))
  for i, r in enumerate(ref, 1):
    last, row[0] = row[0], i
    for j, h in enumerate(hyp, 1):
      last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (r != h))
  return row[-1]


def read(path):
  """Mono float samples and rate of a PCM16 WAV file."""
  with wave.open(str(path)) as w:
    x = np.frombuffer(w.readframes(w.getnframes()), "<i2").astype(np.float32) / 32768.0
    return x.reshape(-1, w.getnchannels()).mean(1), w.getframerate()


def write(path, x, rate=22050):
  with wave.open(path if hasattr(path, "write") else str(path), "wb") as w:
    w.setnchannels(1)
    w.setsampwidth(2)
    w.setframerate(rate)
    w.writeframes(np.clip(np.round(np.asarray(x) * 32767), -32768, 32767).astype("<i2").tobytes())


def to16k(x, rate):
  from math import gcd
  from scipy.signal import resample_poly
  g = gcd(16000, rate)
  return x if rate == 16000 else resample_poly(x, 16000 // g, rate // g)


def transcribe(item):
  """Words heard in (samples, rate) or a path."""
  import os
  from pocketsphinx import Decoder
  x, rate = read(item) if isinstance(item, (str, Path)) else item
  x = to16k(x, rate)
  x = np.concatenate([np.zeros(3200), x, np.zeros(3200)])
  pcm = np.clip(np.round(x * 32767) + np.random.RandomState(1).randint(-2, 3, len(x)), -32768, 32767).astype("<i2").tobytes()
  d = Decoder(samprate=16000, loglevel="FATAL", **json.loads(os.environ.get("SPHINX", "{}")))
  d.start_utt()
  d.process_raw(pcm, full_utt=True)
  d.end_utt()
  h = d.hyp()
  return h.hypstr if h else ""


def word_errors(items, jobs=2):
  """items: (group, text, audio). Prints and returns per group: word error rate, perfect sentences, and each line."""
  with ProcessPoolExecutor(jobs) as pool:
    heard = list(pool.map(transcribe, [i[2] for i in items], chunksize=1))
  out = collections.OrderedDict()
  for (g, text, _), h in zip(items, heard):
    ref = words(text)
    e = out.setdefault(g, {"errors": 0, "words": 0, "perfect": 0, "sentences": 0, "lines": []})
    n = edits(ref, words(h))
    e["errors"] += n
    e["words"] += len(ref)
    e["perfect"] += n == 0
    e["sentences"] += 1
    e["lines"].append([n, text, h])
  for g, e in out.items():
    e["wer"] = round(e["errors"] / max(1, e["words"]), 4)
    print(f"{g}: WER {e['wer']:.3f}, {e['perfect']} of {e['sentences']} sentences without error", flush=True)
  return out


def mfcc(x, rate, n=20):
  """Cepstra [frames, n] of the 16 kHz filter bank, voiced (louder) frames only."""
  import torch
  from scipy.fft import dct
  from features import Fbank
  fb = Fbank("cpu")(torch.tensor(to16k(x, rate), dtype=torch.float32)[None])[0].numpy()
  level = fb.mean(1)
  return dct(fb[level > np.percentile(level, 40)], norm="ortho")[:, :n]


def signature(path):
  """Mean and deviation of the cepstra without the loudness one, plus median log pitch: a text-independent baseline."""
  x, rate = read(path)
  c = mfcc(x, rate)[:, 1:]
  return np.concatenate([c.mean(0), c.std(0), [8.0 * np.log(pitch(to16k(x, rate)))]])


def pitch(x, rate=16000):
  """Median pitch in Hz by autocorrelation of the louder frames."""
  f = np.lib.stride_tricks.sliding_window_view(x, 640)[::160]
  f = (f - f.mean(1, keepdims=True)) * np.hanning(640)
  e = (f ** 2).sum(1)
  f = f[e > np.percentile(e, 60)]
  s = np.abs(np.fft.rfft(f, 2048)) ** 2
  r = np.fft.irfft(s)[:, :640]
  r = r / r[:, :1]
  lag = r[:, 40:266].argmax(1) + 40
  ok = r[np.arange(len(r)), lag] > 0.4
  return float(np.median(rate / lag[ok])) if ok.any() else 100.0


def distances(references, clips):
  """Distance of each clip to each reference after scaling every feature by its spread over the references."""
  r = np.stack([signature(p) for p in references])
  scale = r.std(0) + 0.25 * r.std(0).mean() + 1e-6
  return np.stack([[np.sqrt((((signature(c) - v) / scale) ** 2).mean()) for v in r] for c in clips])


def styles(paths, ckpt, index_tts):
  """Unit CAM++ embeddings of clips, as the pipeline makes them."""
  import official
  official.use(index_tts)
  import features
  import speaker
  import torch
  net = speaker.load(Path(ckpt).parent).float()
  to16, bank, out = features.To16k("cpu"), features.Fbank("cpu"), []
  with torch.no_grad():
    for p in paths:
      fb = bank(to16(torch.tensor(read(p)[0])[None]))
      out.append(torch.nn.functional.normalize(net(fb - fb.mean(1, keepdim=True)))[0].numpy())
  return np.stack(out)


def mcd(a, b):
  """Mel-cepstral distortion in dB of two clips of the same frames (vocoder: no warping)."""
  from scipy.fft import dct
  import torch
  from features import Mel
  cep = []
  for p in (a, b):
    x, _ = read(p)
    m = Mel("cpu")(torch.tensor(x)[None])[0].T.numpy()
    cep.append(dct(m, norm="ortho")[:, 1:14])
  n = min(len(cep[0]), len(cep[1]))
  d = ((cep[0][:n] - cep[1][:n]) ** 2).sum(1)
  return float(10 / np.log(10) * np.sqrt(2 * d).mean() * np.sqrt(2 / 80))


def signal(path):
  """Seconds, level and noise floor in dBFS (5th percentile of 20 ms frames), their distance, peak, clipped samples."""
  x, rate = read(path)
  f = x[:len(x) // 441 * 441].reshape(-1, 441)
  e = 10 * np.log10((f ** 2).mean(1) + 1e-10)
  level, floor = float(np.percentile(e, 90)), float(np.percentile(e, 5))
  return {"seconds": round(len(x) / rate, 2), "level": round(level, 1), "floor": round(floor, 1), "snr": round(level - floor, 1),
          "peak": round(float(np.abs(x).max()), 3), "clipped": int((np.abs(x) > 0.999).sum())}


def picture(path):
  import matplotlib
  matplotlib.use("Agg")
  import matplotlib.pyplot as plt
  import torch
  from features import Mel
  x, _ = read(path)
  m = Mel("cpu")(torch.tensor(x)[None])[0].numpy()
  fig, ax = plt.subplots(figsize=(6, 1.7))
  ax.imshow(m, origin="lower", aspect="auto", vmin=-10, vmax=1, extent=[0, m.shape[1] * 256 / 22050, 0, 80])
  ax.set_xlabel("s")
  ax.set_ylabel("band")
  b = io.BytesIO()
  fig.savefig(b, dpi=70, bbox_inches="tight", format="png")
  plt.close(fig)
  return base64.b64encode(b.getvalue()).decode()


def sound(path):
  """A player of the clip at 16 kHz, where these voices have all they have."""
  x, rate = read(path)
  b = io.BytesIO()
  write(b, to16k(x, rate), 16000)
  return f"<audio controls src='data:audio/wav;base64,{base64.b64encode(b.getvalue()).decode()}'></audio>"


def page(rows, out):
  by = collections.OrderedDict()
  for r in rows:
    by.setdefault(r["text"], []).append(r)
  h = ["<!doctype html><meta charset='utf-8'><title>Teacher and model</title><style>body{font:15px sans-serif;margin:2em}td{padding:4px 8px;vertical-align:top}</style>",
       "<h1>Teacher and model, side by side</h1><p>Log-mel spectrograms (80 bands, 22.05 kHz; the teachers' voices end at 8 kHz). "
       "Teacher: flite. Model: the embedded voice by the Java engine, 25 steps, 1 beam. None of these sentences was trained on.</p><table>"]
  for text, items in by.items():
    h.append(f"<tr><td colspan={len(items)}><b>{text}</b></td></tr><tr>")
    for r in items:
      s = signal(r["wav"])
      h.append(f"<td>{r['group']}, {s['seconds']} s, SNR {s['snr']} dB<br><img src='data:image/png;base64,{picture(r['wav'])}'>{'<br>' + sound(r['wav']) if r.get('sound') else ''}</td>")
    h.append("</tr>")
  Path(out).write_text("\n".join(h + ["</table>"]))


def emotions(items):
  """Length and pitch of (VOICE@EMOTION, text, audio) against the same voice and text without an emotion, as ratios."""
  seconds, hertz = {}, {}
  for group, text, (x, rate) in items:
    seconds[group, text], hertz[group, text] = len(x) / rate, pitch(to16k(x, rate))
  out = {}
  for group in sorted({g for g, _ in seconds}):
    plain = group.split("@")[0]
    pairs = [(k, (plain, k[1])) for k in seconds if k[0] == group and (plain, k[1]) in seconds]
    if not pairs:
      continue
    ratios = lambda table: np.array([table[k] / table[p] for k, p in pairs])
    length, height = ratios(seconds), ratios(hertz)
    out[group] = {"sentences": len(pairs), "length": round(float(length.mean()), 3), "length_spread": round(float(length.std()), 3),
                  "pitch": round(float(height.mean()), 3), "pitch_spread": round(float(height.std()), 3)}
    print(group, out[group])
  return out


def spoken(rows, bundle):
  """The same sentences by flite, with the settings that data.py has for the emotions."""
  import data
  flite, out = data.Flite(bundle), []
  for k, r in enumerate(rows):
    voice, _, mood = r["group"].partition("@")
    emotion = data.EMOTIONS.index(mood) if mood else len(data.EMOTIONS) - 1
    made = data.render(flite, (k, r["text"], data.VOICES.index(voice), emotion, 1000 + k))
    if made is not None:
      out.append(("flite " + r["group"], r["text"], (made[0] / 32768.0, 22050)))
  return out


def teacher(work, voices, limit):
  """(group, text, audio) of the held-out sentences as the corpus has them."""
  W = Path(work)
  audio, off = np.load(W / "audio.npy", mmap_mode="r"), np.load(W / "audio_off.npy")
  out = []
  for i, m in enumerate(json.loads(x) for x in open(W / "meta.jsonl")):
    v = m["voice"].replace("x1.00", "")
    if m["split"] == "test" and (not voices or v in voices) and sum(g == v for g, _, _ in out) < limit:
      out.append((v, m["text"], (audio[off[i]:off[i + 1]] / 32768.0, 22050)))
  return sorted(out, key=lambda t: t[0])


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("command", choices=["teacher", "wer", "speakers", "mcd", "signal", "page", "emotions"])
  p.add_argument("files", nargs="*")
  p.add_argument("--work")
  p.add_argument("--voices", default="")
  p.add_argument("--limit", type=int, default=100)
  p.add_argument("--reference", action="append", default=[], help="NAME=WAV")
  p.add_argument("--ckpt", help="folder of speaker.pt, named ckpt")
  p.add_argument("--index-tts", default="index-tts")
  p.add_argument("--bundle", help="of data.py: the teacher speaks the same sentences with the emotions beside")
  p.add_argument("--out")
  p.add_argument("--jobs", type=int, default=2)
  a = p.parse_intermixed_args()
  rows = [json.loads(x) for f in a.files if f.endswith(".jsonl") for x in open(f)]
  result = None
  if a.command == "teacher":
    result = word_errors(teacher(a.work, [v for v in a.voices.split(",") if v], a.limit), a.jobs)
  elif a.command == "wer":
    result = word_errors([(r["group"], r["text"], r["wav"]) for r in rows], a.jobs)
  elif a.command == "speakers":
    names = [r.split("=", 1) for r in a.reference]
    d = distances([w for _, w in names], [r["wav"] for r in rows])
    hits = [names[k][0] == r["group"] for k, r in zip(d.argmin(1), rows)]
    print(f"MFCC statistics: {sum(hits)} of {len(hits)} clips are nearest to their own reference")
    if a.ckpt:
      near = styles([r["wav"] for r in rows], a.ckpt, a.index_tts) @ styles([w for _, w in names], a.ckpt, a.index_tts).T
      own = [names[k][0] == r["group"] for k, r in zip(near.argmax(1), rows)]
      print(f"CAM++: {sum(own)} of {len(own)}; cosine to the own reference {np.mean([n[[w for w, _ in names].index(r['group'])] for n, r in zip(near, rows)]):.3f}")
    result = {"hits": int(sum(hits)), "clips": len(hits), "distances": d.round(3).tolist()}
  elif a.command == "mcd":
    d = [mcd(x, y) for x, y in zip(a.files[::2], a.files[1::2])]
    print(f"mel-cepstral distortion {np.mean(d):.2f} dB over {len(d)} pairs")
    result = {"mcd": d}
  elif a.command == "signal":
    result = {f: signal(f) for f in a.files}
    for f, s in result.items():
      print(f, s)
  elif a.command == "emotions":
    result = emotions([(r["group"], r["text"], read(r["wav"])) for r in rows])
    if a.bundle:
      taught = spoken(rows, a.bundle)
      result.update(emotions(taught))
  else:
    page(rows, a.out)
  if a.out and result is not None and a.command != "page":
    Path(a.out).write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
  main()
