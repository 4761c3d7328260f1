"""Features of the official pipeline, batched in PyTorch: 22.05 -> 16 kHz, log-mel of s2mel/BigVGAN, SeamlessM4T and CAM++ filter banks.

  python features.py --work W     writes mel.npy, mel_off.npy (float16, natural log) from audio.npy
"""
import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F


def resample_kernel(o=441, n=320, width_factor=6, rolloff=0.99):
  """torchaudio's windowed-sinc kernel for o -> n samples: [n, 1, 2*width+o] and the width."""
  base = min(o, n) * rolloff
  width = math.ceil(width_factor * o / base)
  i = torch.arange(-width, width + o, dtype=torch.float64)[None] / o
  t = ((i - torch.arange(n, dtype=torch.float64)[:, None] / n) * base).clamp(-width_factor, width_factor)
  window = torch.cos(t * math.pi / width_factor / 2) ** 2
  k = torch.where(t == 0, torch.ones_like(t), torch.sin(math.pi * t) / (math.pi * t).where(t != 0, torch.ones_like(t)))
  return (k * window * (base / o)).float()[:, None], width


class To16k:
  def __init__(self, device):
    k, self.width = resample_kernel()
    self.k = k.to(device)

  def __call__(self, x):
    """x [B, N] at 22.05 kHz -> [B, ceil(320 N / 441)]; only rows without padding end exactly."""
    n = -(-320 * x.shape[1] // 441)
    y = F.conv1d(F.pad(x, (self.width, self.width + 441))[:, None], self.k, stride=441)
    return y.transpose(1, 2).reshape(x.shape[0], -1)[:, :n]


def slaney_basis(rate=22050, n_fft=1024, bands=80):
  hz = lambda m: np.where(m < 15, 200 * m / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
  top = 15 + 27 * np.log(rate / 2 / 1000) / np.log(6.4)
  f = hz(np.linspace(0, top, bands + 2))
  bins = np.linspace(0, rate / 2, n_fft // 2 + 1)
  up = (bins[None] - f[:-2, None]) / (f[1:-1] - f[:-2])[:, None]
  down = (f[2:, None] - bins[None]) / (f[2:] - f[1:-1])[:, None]
  return torch.tensor(np.maximum(0, np.minimum(up, down)) * (2 / (f[2:] - f[:-2]))[:, None], dtype=torch.float32)


class Mel:
  """Log-mel [B, 80, N // 256] of x [B, N] in +-1."""

  def __init__(self, device):
    self.basis = slaney_basis().to(device)
    self.window = torch.hann_window(1024, device=device)

  def __call__(self, x):
    x = F.pad(x[:, None], (384, 384), mode="reflect")[:, 0]
    s = torch.stft(x, 1024, 256, 1024, self.window, center=False, return_complex=True)
    return torch.log((self.basis @ torch.sqrt(s.real ** 2 + s.imag ** 2 + 1e-9)).clamp(min=1e-5))


def kaldi_basis():
  mel = lambda f: 1127 * np.log(1 + f / 700)
  m = np.linspace(mel(20.0), mel(8000.0), 82)
  b = mel(np.arange(257) * 31.25)
  up = (b[None] - m[:-2, None]) / (m[1:-1] - m[:-2])[:, None]
  down = (m[2:, None] - b[None]) / (m[2:] - m[1:-1])[:, None]
  w = np.maximum(0, np.minimum(up, down))
  w[:, 256] = 0
  return w


class Fbank:
  """Kaldi log filter bank [B, F, 80] of x [B, N] at 16 kHz, in float32 (float64 if `exact`)."""

  def __init__(self, device, exact=False):
    self.dtype = torch.float64 if exact else torch.float32
    self.basis = torch.tensor(kaldi_basis(), dtype=self.dtype, device=device)
    j = torch.arange(400, dtype=torch.float64)
    self.window = ((0.5 - 0.5 * torch.cos(2 * math.pi * j / 399)) ** 0.85).to(self.dtype).to(device)

  def __call__(self, x, scale=1.0):
    f = (x.to(self.dtype) * scale).unfold(1, 400, 160)
    f = f - f.mean(-1, keepdim=True)
    f = f - 0.97 * torch.cat([f[..., :1], f[..., :-1]], -1)
    p = torch.fft.rfft(f * self.window, 512)
    return torch.log(((p.real ** 2 + p.imag ** 2) @ self.basis.T).clamp(min=1.192092955078125e-07)).float()


def seamless(fb, frames=None):
  """Rows of pairs [B, ceil(F/2), 160] and the frame mask from filter banks of (x * 32768); frames: valid F per row."""
  b, f, _ = fb.shape
  frames = torch.full((b,), f, device=fb.device) if frames is None else frames
  valid = (torch.arange(f, device=fb.device)[None] < frames[:, None]).float()[..., None]
  n = frames[:, None, None].float()
  mean = (fb * valid).sum(1, keepdim=True) / n
  var = (((fb - mean) * valid) ** 2).sum(1, keepdim=True) / (n - 1)
  y = (fb - mean) / torch.sqrt(var + 1e-7) * valid + (1 - valid)
  if f % 2:
    y = F.pad(y, (0, 0, 0, 1), value=1.0)
    valid = F.pad(valid, (0, 0, 0, 1))
  return y.reshape(b, -1, 160), valid[:, 1::2, 0]


class Corpus:
  """The written arrays; batches of utterances as padded tensors on the device."""

  def __init__(self, work, device):
    import json
    self.W, self.device = Path(work), device
    self.audio = np.load(self.W / "audio.npy", mmap_mode="r")
    self.off = np.load(self.W / "audio_off.npy")
    self.w2v_off = np.load(self.W / "w2v_off.npy")
    self.meta = [json.loads(x) for x in open(self.W / "meta.jsonl")]
    self.n22 = np.diff(self.off)
    self.held = None

  def hold(self):
    """Keeps all audio in device memory."""
    self.held = torch.from_numpy(np.load(self.W / "audio.npy")).to(self.device)
    return self

  def wav(self, i):
    a, b = int(self.off[i]), int(self.off[i + 1])
    x = self.held[a:b] if self.held is not None else torch.from_numpy(np.array(self.audio[a:b])).to(self.device)
    return x.float() / 32767.0

  def batches(self, ids, seconds):
    """Groups of similar length, at most `seconds` of padded audio each."""
    ids = sorted(ids, key=lambda i: int(self.n22[i]))
    out, longest = [], 0
    cur = []
    for i in ids:
      longest = int(self.n22[i])
      if cur and longest * (len(cur) + 1) > seconds * 22050:
        out.append(cur)
        cur = []
      cur.append(i)
    return out + [cur] if cur else out

  def padded(self, ids, pad=0):
    """Samples [B, longest + 2 pad] in +-1: zeros after the end, or `pad` reflected samples at both ends of each utterance."""
    n = torch.tensor([int(self.n22[i]) for i in ids], device=self.device)[:, None]
    k = torch.arange(int(n.max()) + 2 * pad, device=self.device)[None] - pad
    inside = k < n + pad
    k = k.abs()
    k = torch.where(k >= n, 2 * (n - 1) - k, k).clamp(min=0)
    if self.held is None:
      a, b = min(int(self.off[i]) for i in ids), max(int(self.off[i + 1]) for i in ids)
      source = torch.from_numpy(np.array(self.audio[a:b])).to(self.device)
    else:
      a, source = 0, self.held
    start = torch.tensor([int(self.off[i]) - a for i in ids], device=self.device)[:, None]
    x = source[(start + k).clamp(max=len(source) - 1)].float() / 32767.0
    return x * inside if pad else x * (k < n) * inside

  def rows(self, ids, offsets, longest):
    """Flat positions [B, longest] of each utterance's rows and which of them exist."""
    start = torch.tensor([int(offsets[i]) for i in ids], device=self.device)[:, None]
    n = torch.tensor([int(offsets[i + 1] - offsets[i]) for i in ids], device=self.device)[:, None]
    j = torch.arange(longest, device=self.device)[None]
    return start + j, j < n


def fbank_batch(corpus, ids, to16, fb, scale=1.0):
  """Filter banks [B, F, 80] and valid frames of each utterance. Rows are resampled in one go: beyond a row's end lies silence, as in the pipeline."""
  x = to16(corpus.padded(ids))
  n16 = [-(-320 * int(corpus.n22[i]) // 441) for i in ids]
  frames = torch.tensor([1 + (n - 400) // 160 for n in n16], device=corpus.device)
  return fb(x[:, :max(n16)], scale)[:, :int(frames.max())], frames


def write_mel(work, device, seconds=1200):
  t0 = time.time()
  W = Path(work)
  c = Corpus(W, device).hold()
  mel = Mel(device)
  frames = c.n22 // 256
  off = np.concatenate([[0], np.cumsum(frames)]).astype(np.int64)
  flat = torch.zeros(int(off[-1]), 80, dtype=torch.float16, device=device)
  out = np.lib.format.open_memmap(W / "mel.npy", mode="w+", dtype=np.float16, shape=(int(off[-1]), 80))
  for ids in c.batches(range(len(c.meta)), seconds):
    s = torch.stft(c.padded(ids, 384), 1024, 256, 1024, mel.window, center=False, return_complex=True)
    m = torch.log((mel.basis @ torch.sqrt(s.real ** 2 + s.imag ** 2 + 1e-9)).clamp(min=1e-5)).transpose(1, 2).half()
    at, exists = c.rows(ids, off, m.shape[1])
    flat[at[exists]] = m[exists]
  out[:] = flat.cpu().numpy()
  out.flush()
  np.save(W / "mel_off.npy", off)
  (W / "mel.done").touch()
  print(f"mel: {off[-1]} frames, {time.time() - t0:.0f} s", flush=True)


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("--work", required=True)
  p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
  a = p.parse_args()
  with torch.no_grad():
    write_mel(a.work, a.device)


if __name__ == "__main__":
  main()
