"""Trains the GPT alone: new sentences by flite, codes by the trained encoder and codec, batches of a few fixed shapes, nothing that waits for the GPU.

  python gpt_train.py --bundle BUNDLE --work NEW --ckpt CKPTS --index-tts PATH --out OUT --end 500

CKPTS holds content.pt, codec.pt, bpe.model and, to go on from, gpt.pt. Training begins with the first part of the new corpus while flite makes the others.
OUT/gpt.pt is the best so far, judged every minute; feat1 and feat2 are added by emotions.py.
"""
import argparse
import math
import os
import random
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F

import common
import official
from gpt_store import CLIPS, SHAPES, Shape, Store

TOY = ((150, 60, 2, 2), (300, 110, 1, 2))
CONDITIONING = ("conditioning_encoder.", "perceiver_encoder.", "emo_conditioning_encoder.", "emo_perceiver_encoder.", "emo_layer.", "emovec_layer.")
SLOW = 0.2                # of the learning rate for the conditioning, which at the whole rate ends up telling no speaker from another

say = partial(common.log, "gpt")


class Trainer:
  def __init__(self, a):
    import dims
    import gpt
    import guide
    self.gpt, self.dims, self.device = gpt, dims, a.device
    self.cuda = a.device.startswith("cuda")
    net = self.net = gpt.Speech(a.drop).to(a.device).train()
    old = Path(a.ckpt) / "gpt.pt"
    if old.exists():
      state = torch.load(old, map_location=a.device, weights_only=False)["model"]
      net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()}, strict=False)
    if a.conditioning:                                      # of another checkpoint, and as it is
      other = torch.load(a.conditioning, map_location=a.device, weights_only=False)["model"]
      own = {k: v.float() for k, v in other.items() if k.startswith(CONDITIONING)}
      net.load_state_dict(own, strict=False)
      say(f"{len(own)} tensors of the conditioning from {a.conditioning}")
    for name, p in net.named_parameters():
      p.requires_grad_(not (a.conditioning and name.startswith(CONDITIONING)))
    self.frozen = bool(a.conditioning)
    self.params = [p for p in net.parameters() if p.requires_grad]
    slow = [p for name, p in net.named_parameters() if p.requires_grad and name.startswith(CONDITIONING)]
    known = {id(p) for p in slow}
    groups = [dict(params=[p for p in self.params if id(p) not in known], share=1.0)] + ([dict(params=slow, share=SLOW)] if slow else [])
    self.opt = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), weight_decay=0.03, fused=self.cuda)
    self.shadow = [p.detach().clone() for p in self.params]
    self.keep = 0.0                                         # weight of the new value in the moving average
    for p in self.params:
      p.grad = torch.zeros_like(p)
    codec = torch.load(Path(a.ckpt) / "codec.pt", map_location="cpu", weights_only=False)
    self.guide = guide.Guide(net, guide.meanings(codec).to(a.device))
    self.shapes = [Shape(*s) for s in (TOY if a.toy else SHAPES)]
    self.plain, self.compiled, self.quick = [block.forward for block in net.gpt["h"]], set(), []

  def mixed(self):
    return torch.autocast("cuda" if self.cuda else "cpu", torch.bfloat16, enabled=self.cuda)

  def condition(self, speaker, mood):
    with self.mixed(), torch.set_grad_enabled(not self.frozen and torch.is_grad_enabled()):
      return self.net.speaker(speaker).float(), self.net.emotion(mood).float()

  def losses(self, latents, emotion, batch, part):
    text, n_text, codes, n, positions, inputs, states, rows, known = batch
    with self.mixed():
      logits, targets = self.net(latents, emotion, text, n_text, codes, n, positions, inputs)
    code = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-100)
    spoken = (torch.arange(codes.shape[1], device=codes.device)[None] < n[:, None]).float()
    phone = self.guide.phones(logits[:, :-1], states, spoken)
    look = code.new_zeros(())
    if part < 0.7:
      with self.mixed():
        look = self.guide.attention(n_text, rows, known)
    return code, phone, look

  def step(self, latents, emotion, batch, part):
    """`latents` and `emotion` may be detached: then the conditioning learns nothing from this step."""
    code, phone, look = self.losses(latents, emotion, batch, part)
    self.opt.zero_grad(set_to_none=False)
    (code + 0.5 * phone + 0.3 * look).backward()
    grads = [p.grad for p in self.params]
    norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
    torch._foreach_mul_(grads, 1.0 / norm.clamp(min=1.0))
    self.opt.step()
    if self.keep:
      torch._foreach_lerp_(self.shadow, [p.detach() for p in self.params], self.keep)
    return torch.stack([code, phone, look]).detach()

  def rate(self, value, keep):
    for group in self.opt.param_groups:
      group["lr"] = value * group["share"]
    self.keep = keep

  def forget(self):
    """Moments that the warm-up on random batches left (its rate was zero, so the weights are as loaded)."""
    for s in self.opt.state.values():
      for v in s.values():
        if torch.is_tensor(v):
          v.zero_()

  def random(self, s):
    """Clips and a batch of noise of this shape."""
    d, b = self.device, s.size
    draw = lambda most, *size: torch.randint(most, size, device=d)
    full = lambda v: torch.full((b,), v, device=d)
    clip = torch.randn(s.clips, CLIPS[1], self.dims.HIDDEN, device=d)
    codes = draw(self.dims.CODES, b, s.codes)
    return clip, (draw(400, b, s.text), full(s.text), codes, full(s.codes), draw(700, b, s.codes + 1), codes, draw(120, b, s.codes),
                  draw(s.text - 2, b, s.codes) + 1, torch.ones(b, s.codes, device=d))

  def measure(self, s, turns=3):
    """Milliseconds of a step and of the conditioning's forward and backward pass."""
    clip, batch = self.random(s)
    self.body(s)
    spread = lambda x: x.repeat_interleave(s.each, 0)
    for timed in (0, turns):
      torch.cuda.synchronize()
      t = time.time()
      for _ in range(max(1, timed)):
        with torch.no_grad():
          latents, emotion = self.condition(clip, clip)
        self.step(spread(latents), spread(emotion), batch, 0.0)
      torch.cuda.synchronize()
      whole = (time.time() - t) * 1000 / max(1, timed)
    for _ in range(2):
      torch.cuda.synchronize()
      t = time.time()
      latents, emotion = self.condition(clip, clip)
      if not self.frozen:
        (latents.mean() + emotion.mean()).backward()
      torch.cuda.synchronize()
      conditioning = (time.time() - t) * 1000
    return whole, conditioning

  def body(self, shape):
    """The blocks in the form that is quicker for the shape; plain ones for None."""
    for block, forward in zip(self.net.gpt["h"], self.quick if shape in self.compiled else self.plain):
      block.forward = forward


def warm(trainer, seconds):
  """Measures every shape, also with compiled blocks as long as the time lasts, and keeps what is quicker for each. Returns how many steps share their conditioning."""
  plain = [trainer.measure(s) for s in trainer.shapes]
  say("ms a step, conditioning:", " ".join(f"{s.codes}: {w:.1f} {c:.1f}" for s, (w, c) in zip(trainer.shapes, plain)))
  if seconds > 0:
    try:
      import torch._dynamo
      torch._dynamo.config.cache_size_limit = 64
      trainer.quick = [torch.compile(forward, dynamic=False) for forward in trainer.plain]
      for s, (usual, _) in zip(trainer.shapes, plain):
        if time.time() - common.START < seconds:
          trainer.compiled.add(s)
          quick, _ = trainer.measure(s)
          say(f"{s.codes} compiled: {quick:.1f} ms")
          if quick > 0.97 * usual:
            trainer.compiled.discard(s)
    except Exception as e:  # whatever a compiler has to say, the plain way is there
      say("not compiled:", type(e).__name__, str(e)[:300])
      trainer.compiled.clear()
  trainer.forget()
  return min(8, max(1, round(sum(c for _, c in plain) / sum(w for w, _ in plain) * 5)))


@torch.no_grad()
def held_out(trainer, store):
  """Losses and hits on utterances that are not trained on, with the averaged weights."""
  trainer.body(None)
  kept = [p.detach().clone() for p in trainer.params]
  torch._foreach_copy_(trainer.params, trainer.shadow)
  trainer.net.eval()
  text, total, frames = [], 0.0, 0.0
  for s, (_, _, held) in zip(trainer.shapes, store.ids):
    ids = held[:s.size]
    if len(ids) < 1:
      continue
    latents, emotion = trainer.condition(store.clip(ids, store.by_speaker, CLIPS[1]), store.clip(ids, store.by_mood, CLIPS[1]))
    batch = store.batch(s, ids, 0, False)
    code, phone, look = trainer.losses(latents, emotion, batch, 0.0)
    with trainer.mixed():
      logits, targets = trainer.net(latents, emotion, *batch[:6])
    known = targets >= 0
    right = float(((logits.argmax(-1) == targets) & known).sum() / known.sum())
    total, frames = total + float(code + phone) * float(known.sum()), frames + float(known.sum())
    apart = float((latents - latents.mean(0)).norm() / latents.norm())
    text.append(f"{s.codes}: {float(code):.3f} right {right:.3f} phone {float(phone):.3f} look {float(look):.3f} speakers apart {apart:.4f};")
  trainer.net.train()
  torch._foreach_copy_(trainer.params, kept)
  say("held out", " ".join(text))
  return total / max(1.0, frames)


def save(trainer, path, step):
  kept = [p.detach().clone() for p in trainer.params]
  torch._foreach_copy_([p.data for p in trainer.params], trainer.shadow)
  state = {k: v.detach().half().cpu() if v.is_floating_point() else v.cpu() for k, v in trainer.net.state_dict().items()}
  torch._foreach_copy_([p.data for p in trainer.params], kept)
  if all(bool(v.isfinite().all()) for v in state.values()):
    torch.save({"model": state, "step": step}, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
  else:
    say("weights that are no numbers: not saved")


def keep(trainer, store, out, step, best):
  """Writes OUT/gpt.pt where it is better than before on held-out utterances, else OUT/last.pt; returns the better loss."""
  loss = held_out(trainer, store)
  save(trainer, out / ("gpt.pt" if loss < best else "last.pt"), step)
  return min(loss, best)


class Data:
  """flite in the background; `ready` hands out parts that are complete."""

  def __init__(self, a):
    self.W, self.given = Path(a.work), 0
    command = ["data.py", "make", "--bundle", str(Path(a.bundle).resolve()), "--work", str(self.W.resolve()), "--ends", a.data, "--seed", str(a.seed), "--moods", str(a.moods), "--workers",
               str(max(1, (os.cpu_count() or 2) - 2)), *(["--toy", "--utterances", "64"] if a.toy else [])]
    self.process = None if (self.W / "audio.done").exists() else subprocess.Popen(
      [sys.executable, *command], cwd=Path(__file__).resolve().parent, env=dict(os.environ, OMP_NUM_THREADS="1"))

  def ready(self):
    W = self.W if self.given == 0 else self.W / f"more{self.given if self.given > 1 else ''}"
    if not (W / "audio.done").exists():
      return None
    self.given += 1
    return W

  def stop(self):
    if self.process is not None and self.process.poll() is None:
      self.process.terminate()

  def failed(self):
    return self.process is None or self.process.poll() not in (None, 0)


def go(a, trainer, store, data, out, every):
  begin, stop = time.time(), common.START + a.end - 6
  step, shown, saved, count, left, best = 0, time.time(), time.time(), 0, 0, 1e9
  while time.time() < stop:
    part = (time.time() - begin) / (stop - begin)
    trainer.rate(a.peak * min(1.0, (step + 1) / 150) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, part)))), max(1 / (step + 1), 0.003))
    if left == 0:
      left, k = every, random.choices(range(len(store.share)), store.share)[0]
      keys, speaker, mood = store.keys(k)
      fresh = trainer.condition(speaker, mood)
      latents, emotion = fresh
    spread = lambda x: x.repeat_interleave(trainer.shapes[k].each, 0)
    trainer.body(trainer.shapes[k])
    told = trainer.step(spread(latents), spread(emotion), store.draw(k, keys), part)
    latents, emotion = latents.detach(), emotion.detach()
    step, left = step + 1, left - 1
    if step % 20 == 0 or not trainer.cuda:                  # launches would otherwise run far ahead of the clock
      told = told.tolist()
      now = time.time()
      if step in (20, 100) or now - shown > 10:
        say(f"step {step} ({(now - shown) / max(1, step - count) * 1000:.1f} ms) code {told[0]:.3f} phone {told[1]:.3f} look {told[2]:.3f}")
        shown, count = now, step
      if now - saved > 55:
        best = keep(trainer, store, out, step, best)
        saved = now
      W = data.ready()
      if W:
        try:
          store.take(W)
        except (RuntimeError, OSError, ValueError, IndexError) as e:     # what there is goes on
          say(f"{W} is left out: {e!r}"[:500])
        left = 0
  keep(trainer, store, out, step, best)
  say(f"{step} steps")


def judge(a, trainer, store, out):
  """Measures of the best weights, as they were written."""
  import conditioning
  state = torch.load(out / "gpt.pt", map_location=a.device, weights_only=False)["model"]
  trainer.net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()})
  trainer.body(None)
  conditioning.measure(trainer.net, store, trainer.guide.table, say, a.measure)


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("--bundle", required=True)
  p.add_argument("--work", required=True)
  p.add_argument("--ckpt", required=True)
  p.add_argument("--index-tts", required=True)
  p.add_argument("--out", required=True)
  p.add_argument("--data", default="40,140,250", help="when flite ends each part of the corpus, seconds")
  p.add_argument("--end", type=float, default=500, help="seconds from the start, by when the result is written")
  p.add_argument("--conditioning", help="checkpoint of the GPT whose conditioning (speaker, emotion) is taken and kept as it is")
  p.add_argument("--hear", type=float, default=0, help="seconds in which the emotion vectors alone first learn to tell emotions apart")
  p.add_argument("--moods", type=float, default=0.28, help="share of the utterances with an emotion")
  p.add_argument("--measure", type=int, default=0, help="sentences of free speech by which the conditioning is judged at the end")
  p.add_argument("--peak", type=float, default=1e-3)
  p.add_argument("--drop", type=float, default=0.1)
  p.add_argument("--compile", type=float, default=40, help="seconds from the start after which no further shape is compiled")
  p.add_argument("--seed", type=int, default=77)
  p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
  p.add_argument("--toy", action="store_true")
  a = p.parse_args()
  out = Path(a.out)
  out.mkdir(parents=True, exist_ok=True)
  data = Data(a)
  official.use(str(Path(a.index_tts).resolve()))
  random.seed(a.seed)
  torch.manual_seed(a.seed)
  torch.set_float32_matmul_precision("high")
  torch.backends.cudnn.allow_tf32 = True
  trainer = Trainer(a)
  every = warm(trainer, a.compile) if trainer.cuda else 2
  say(f"{sum(p.numel() for p in trainer.params) / 1e6:.2f} M parameters; conditioning learns every {every} steps; compiled for {len(trainer.compiled)} shapes")
  store = Store(trainer, a, say)
  while (W := data.ready()) is None:
    if data.failed():
      raise SystemExit("no data")
    time.sleep(0.2)
  store.take(W)
  if a.hear:
    import conditioning
    conditioning.hear(trainer, store, a.hear, say)
  held_out(trainer, store)
  try:
    go(a, trainer, store, data, out, every)
  finally:
    data.stop()
  if a.measure:
    judge(a, trainer, store, out)


if __name__ == "__main__":
  main()
