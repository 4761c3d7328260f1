"""Goes on with the GPT alone: new sentences by flite, codes by the trained encoder and codec, batches of a few fixed shapes.

  python finish.py --bundle BUNDLE --work NEW --ckpt CKPTS --index-tts PATH --out OUT --end 300

Training begins with the first part of the new corpus while flite makes the second. CKPTS holds gpt.pt, content.pt, codec.pt, bpe.model.
"""
import argparse
import math
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import official

T0 = time.time()
SHAPES = ((130, 48, 160), (230, 82, 96), (420, 140, 48))   # codes, text ids, rows of a batch
FRAMES = 160                                                # conditioning frames


def say(*x):
  print(f"[{time.time() - T0:6.1f} finish]", *x, flush=True)


class Shape:
  """A batch's widths, and a random batch of them for the first steps (each new shape costs the convolutions a search for their kernels)."""

  def __init__(self, trainer, codes, text, rows):
    self.t, self.codes, self.text, self.size = trainer, codes, text, rows
    d = trainer.device
    zeros = lambda *s, kind=torch.long: torch.zeros(*s, dtype=kind, device=d)
    self.random = [torch.randn(rows, FRAMES, trainer.hidden, device=d), torch.randn(rows, FRAMES, trainer.hidden, device=d),
                   zeros(rows, text), zeros(rows) + text, zeros(rows, codes), zeros(rows) + codes, zeros(rows, codes + 1), zeros(rows, codes)]


class Trainer:
  def __init__(self, a):
    import dims
    import gpt
    self.gpt, self.device = gpt, a.device
    self.cuda, self.hidden = a.device.startswith("cuda"), dims.HIDDEN
    self.codes_count = dims.CODES
    net = self.net = gpt.Speech(0.05).to(a.device).train()
    state = torch.load(Path(a.ckpt) / "gpt.pt", map_location=a.device, weights_only=False)["model"]
    net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()}, strict=False)
    self.params = [p for p in net.parameters() if p.requires_grad]
    self.lr = torch.zeros((), device=a.device)
    self.opt = torch.optim.AdamW(self.params, lr=self.lr if self.cuda else 1e-9, betas=(0.9, 0.98), weight_decay=0.03,
                                 **({"fused": True, "capturable": True} if self.cuda else {}))
    self.shadow = [p.detach().clone() for p in self.params]
    self.keep = torch.tensor(0.0, device=a.device)          # weight of the new value in the moving average
    for p in self.params:
      p.grad = torch.zeros_like(p)
    shapes = [(150, 60, 2), (300, 110, 2)] if a.toy else SHAPES
    self.shapes = [Shape(self, *s) for s in shapes]

  def step(self, speaker, mood, text, n_text, codes, n, positions, inputs):
    net = self.net
    with torch.autocast("cuda" if self.cuda else "cpu", torch.bfloat16, enabled=self.cuda, cache_enabled=False):
      logits, targets = net(net.speaker(speaker), net.emotion(mood), text, n_text, codes, n, positions, inputs)
    loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-100)
    self.opt.zero_grad(set_to_none=False)
    loss.backward()
    grads = [p.grad for p in self.params]
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
    torch._foreach_mul_(grads, 1.0 / norm.clamp(min=1.0))
    self.opt.step()
    torch._foreach_lerp_(self.shadow, [p.detach() for p in self.params], self.keep)
    return loss.detach()

  def forget(self):
    """Moments that the warm-up on random batches left (its rate was zero, so the weights are as loaded)."""
    for s in self.opt.state.values():
      for v in s.values():
        if torch.is_tensor(v):
          v.zero_()


class Pool:
  """The new corpus on the device and batches of it."""

  def __init__(self, W, device, ckpt, trainer, bpe, toy):
    import sentencepiece
    import codec
    import content
    import features
    with torch.no_grad():
      c = features.Corpus(W, device).hold()
      feats, _ = content.prepare(c)
      c.held = None
      s = torch.load(Path(ckpt) / "content.pt", map_location="cpu", weights_only=False)
      enc = content.Encoder(*s["dims"]).eval()
      enc.load_state_dict({k: v.float() for k, v in s["model"].items()})
      enc.to(device)
      mean, std = s["mean"].float().to(device), s["var"].float().to(device).sqrt()
      self.h = torch.zeros(int(c.w2v_off[-1]), len(mean), dtype=torch.float16, device=device)
      for _, at, h in content.rows(c, enc, feats, range(len(c.meta))):
        self.h[at] = ((h - mean) / std).half()
      say("rows")
      cod = codec.build()
      cod.load_state_dict({k: v.float() for k, v in torch.load(Path(ckpt) / "codec.pt", map_location="cpu", weights_only=False)["model"].items()})
      codes = torch.from_numpy(codec.quantised(c, self.h, cod.to(device).eval()).astype(np.int64)).to(device)
    say(f"codes of {len(c.meta)} utterances, {len(codes) / 50 / 3600:.2f} h")
    self.device, self.trainer = device, trainer
    off = torch.tensor(c.w2v_off, device=device)
    self.start, self.n = off[:-1], off[1:] - off[:-1]
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(bpe))
    texts = [trainer.gpt.plain(m["text"]) for m in c.meta]
    sets = [pieces.encode(texts), pieces.encode(texts, enable_sampling=True, alpha=0.1, nbest_size=-1)]
    longest = max(s.text for s in trainer.shapes)
    self.text = torch.ones(2, len(texts), longest, dtype=torch.long, device=device)
    self.n_text = torch.tensor([[len(x) + 2 for x in v] for v in sets], device=device)
    flat = np.ones((2, len(texts), longest), dtype=np.int64)
    for k, v in enumerate(sets):
      for i, x in enumerate(v):
        row = ([0] + x + [1])[:longest]
        flat[k, i, :len(row)] = row
    self.text.copy_(torch.from_numpy(flat))
    self.codes = codes
    valid = torch.tensor([m["split"] != "train" for m in c.meta], device=device)
    self.groups = [self.group([m["speaker"] for m in c.meta]), self.group([(m["speaker"], m["emotion"]) for m in c.meta])]
    wide = torch.maximum(self.n_text[0], self.n_text[1])
    low_c = low_t = 0
    self.ids = []
    for s in trainer.shapes:
      ok = (self.n <= s.codes) & (wide <= s.text) & (self.n > 20)
      ok &= (self.n > low_c) | (wide > low_t)
      self.ids.append(((ok & ~valid).nonzero()[:, 0], (ok & valid).nonzero()[:, 0]))
      low_c, low_t = s.codes, s.text
    say("shapes:", [(len(t), len(v)) for t, v in self.ids])

  def group(self, keys):
    order = sorted(range(len(keys)), key=lambda i: keys[i])
    first, count, members = {}, {}, []
    for i in order:
      first.setdefault(keys[i], len(members))
      count[keys[i]] = count.get(keys[i], 0) + 1
      members.append(i)
    t = lambda x: torch.tensor(x, device=self.device)
    return t(members), t([first[k] for k in keys]), t([count[k] for k in keys])

  def clip(self, ids, group):
    members, first, count = group
    u = members[first[ids] + (torch.rand(len(ids), device=self.device) * count[ids]).long()]
    room = (self.n[u] - FRAMES).clamp(min=0)
    at = (torch.rand(len(ids), device=self.device) * (room + 1)).long()
    j = at[:, None] + torch.arange(FRAMES, device=self.device)[None]
    return self.h[self.start[u][:, None] + torch.remainder(j, self.n[u][:, None])].float()

  def draw(self, s, train=True):
    pool = self.ids[self.trainer.shapes.index(s)][0 if train else 1]
    ids = pool[torch.randint(len(pool), (s.size,), device=self.device)]
    kind = int(train and random.random() < 0.4)
    n, n_text = self.n[ids], self.n_text[kind][ids]
    j = torch.arange(s.codes, device=self.device)[None]
    codes = self.codes[(self.start[ids][:, None] + torch.minimum(j, n[:, None] - 1))]
    at = torch.arange(s.codes + 1, device=self.device)[None].expand(s.size, -1)
    positions = torch.where(at > 0, at + 1, at) if not train or random.random() < 0.75 else at
    inputs = codes
    if train:
      wrong = torch.rand(codes.shape, device=self.device) < 0.06
      inputs = torch.where(wrong, torch.randint(self.trainer.codes_count, codes.shape, device=self.device), codes)
    return self.clip(ids, self.groups[0]), self.clip(ids, self.groups[1]), self.text[kind][ids][:, :s.text], n_text, codes, n, positions, inputs


@torch.no_grad()
def held_out(trainer, pool):
  """Loss and hits on utterances of the new corpus that are not trained on, with the averaged weights."""
  kept = [p.detach().clone() for p in trainer.params]
  torch._foreach_copy_(trainer.params, trainer.shadow)
  trainer.net.eval()
  total = right = count = 0.0
  for s, (_, valid) in zip(trainer.shapes, pool.ids):
    if len(valid) == 0:
      continue
    speaker, mood, *rest = pool.draw(s, False)
    with torch.autocast("cuda" if trainer.cuda else "cpu", torch.bfloat16, enabled=trainer.cuda):
      logits, targets = trainer.net(trainer.net.speaker(speaker), trainer.net.emotion(mood), *rest)
    known = targets >= 0
    total += float(F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-100, reduction="sum"))
    right += float((logits.argmax(-1) == targets)[known].sum())
    count += float(known.sum())
  trainer.net.train()
  torch._foreach_copy_(trainer.params, kept)
  return f"held out {total / count:.3f} right {right / count:.3f}" if count else ""


def save(trainer, out, step):
  kept = [p.detach().clone() for p in trainer.params]
  torch._foreach_copy_([p.data for p in trainer.params], trainer.shadow)
  torch.save({"model": {k: v.detach().half().cpu() for k, v in trainer.net.state_dict().items()}, "step": step}, out / "gpt.part")
  (out / "gpt.part").replace(out / "gpt.pt")
  torch._foreach_copy_([p.data for p in trainer.params], kept)


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("--bundle", required=True)
  p.add_argument("--work", required=True)
  p.add_argument("--ckpt", required=True)
  p.add_argument("--index-tts", required=True)
  p.add_argument("--out", required=True)
  p.add_argument("--data", type=float, default=15, help="seconds of flite before training begins")
  p.add_argument("--then", type=float, default=42, help="until when flite goes on")
  p.add_argument("--end", type=float, default=104, help="seconds from the start, by when the result is written")
  p.add_argument("--peak", type=float, default=8e-4)
  p.add_argument("--seed", type=int, default=77)
  p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
  p.add_argument("--toy", action="store_true")
  a = p.parse_args()
  here, W, out = Path(__file__).resolve().parent, Path(a.work), Path(a.out)
  out.mkdir(parents=True, exist_ok=True)
  made = (W / "more/audio.done").exists()
  data = subprocess.Popen(["true"] if made else [sys.executable, "data.py", "make", "--bundle", str(Path(a.bundle).resolve()), "--work", str(W.resolve()), "--seconds", str(a.data), "--then", str(a.then), "--seed", str(a.seed),
                           "--words", *(["--utterances", "48", "--workers", "2"] if a.toy else [])], cwd=here, env=dict(os.environ, OMP_NUM_THREADS="1"))
  official.use(str(Path(a.index_tts).resolve()))
  torch.manual_seed(a.seed)
  torch.set_float32_matmul_precision("high")
  trainer = Trainer(a)
  if trainer.cuda:                                          # steps on random batches at rate zero: their time, and nothing else changes
    torch.cuda.synchronize()
    for s in trainer.shapes:
      t = time.time()
      for _ in range(2):
        trainer.step(*s.random)
      torch.cuda.synchronize()
      say(f"shape {s.codes}: {(time.time() - t) * 500:.1f} ms a step")
    trainer.forget()
  while not (W / "audio.done").exists():
    if data.poll():
      raise SystemExit("no data")
    time.sleep(0.2)
  say("data, first part")
  bpe, pools = Path(a.ckpt) / "bpe.model", []

  def take(folder):
    pools.append(Pool(folder, a.device, a.ckpt, trainer, bpe, a.toy))
    return zip(*[(p, s, len(t) / s.size) for p in pools for s, (t, _) in zip(trainer.shapes, p.ids) if len(t) > 0])

  sources, shapes, share = take(W)
  say(held_out(trainer, pools[0]))
  begin, stop, step, shown = time.time(), T0 + a.end - 3.5, 0, time.time()
  while time.time() < stop:
    part = (time.time() - begin) / (stop - begin)
    rate = a.peak * min(1.0, (step + 1) / 80) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, part))))
    if trainer.cuda:
      trainer.lr.fill_(rate)
    else:
      trainer.opt.param_groups[0]["lr"] = rate
    trainer.keep.fill_(max(1 / (step + 1), 0.004 if part < 0.8 else 0.008))
    k = random.choices(range(len(shapes)), share)[0]
    loss = trainer.step(*sources[k].draw(shapes[k]))
    step += 1
    if step % 20 == 0 or not trainer.cuda:                  # launches would otherwise run far ahead of the clock
      loss = float(loss)
      if time.time() - shown > 8:
        shown = time.time()
        say(f"step {step} ({(time.time() - begin) / step * 1000:.0f} ms) loss {loss:.3f}")
        if part > 0.6:
          save(trainer, out, step)
      if len(pools) == 1 and data.poll() is not None and (W / "more/audio.done").exists():
        say(f"step {step}: data, second part")
        sources, shapes, share = take(W / "more")
  say(f"step {step}", held_out(trainer, pools[-1]))
  save(trainer, out, step)
  say("saved")


if __name__ == "__main__":
  main()
