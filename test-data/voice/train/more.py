"""The corpus through the trained encoder, codec and CAM++, and its parts together for flow and GPT.

  python more.py train --work W --index-tts PATH    W and W/more -> W/all (mel, w2v, codes, style, meta); W alone if there is no W/more
  python more.py known --work W --index-tts PATH    the same where the three networks are older than the corpus: W's own features, too
"""
import os
import shutil
import time
from pathlib import Path

import numpy as np
import torch

import codec
import common
import content
import features
import speaker

ARRAYS = ("mel", "w2v", "codes", "labels")


def derive(args, more):
  """Features of a part, each as soon as its network is there."""
  W, dev = Path(args.work), args.device
  features.write_mel(more, dev)
  c = features.Corpus(more, dev).hold()
  bank, off, frames = speaker.banks(c)
  feats, _ = content.prepare(c)
  c.held = None
  common.wait_for(args, "w2v.done")
  encoder, _, mean, var = content.load(W, dev)
  content.apply(c, encoder, feats, mean, var)
  common.wait_for(args, "style.done")
  np.save(more / "style.npy", speaker.embed(speaker.load(W, dev), bank, off, frames, dev))
  common.wait_for(args, "codes.done")
  h = torch.from_numpy(np.load(more / "w2v.npy")).to(dev)
  np.save(more / "codes.npy", codec.quantised(c, h, codec.load(W, dev)))


def join(parts, out):
  for n in ARRAYS:
    np.save(out / f"{n}.npy", np.concatenate([np.load(p / f"{n}.npy") for p in parts]))
  for n in ("mel", "w2v"):
    offs, base = [np.zeros(1, np.int64)], 0
    for p in parts:
      o = np.load(p / f"{n}_off.npy")
      offs.append(o[1:] + base)
      base += int(o[-1])
    np.save(out / f"{n}_off.npy", np.concatenate(offs))
  np.save(out / "style.npy", np.concatenate([np.load(p / "style.npy") for p in parts]))
  with open(out / "meta.jsonl", "w") as f:
    for p in parts:
      f.write((p / "meta.jsonl").read_text())
  shutil.copy(parts[0] / "texts.txt", out / "texts.txt")
  for n in ("mel", "w2v", "style", "codes"):
    (out / f"{n}.done").touch()


def main():
  args = common.arguments("nothing: features of the second part", 10)
  W, t0 = Path(args.work), time.time()
  parts = [W]
  if args.command == "known":
    with torch.no_grad():
      derive(args, W)
  try:
    if (W / "more/audio.done").exists():
      with torch.no_grad():
        derive(args, W / "more")
      parts.append(W / "more")
  except (RuntimeError, OSError, ValueError) as e:       # the first part alone is enough to go on
    common.log("more", "the second part is left out:", repr(e)[:500])
  common.wait_for(args, "codes.done", "style.done", "mel.done")
  join(parts, W / "all")
  common.log("more", f"{sum(1 for _ in open(W / 'all/meta.jsonl'))} utterances in {len(parts)} parts, {time.time() - t0:.0f} s")


if __name__ == "__main__":
  main()
