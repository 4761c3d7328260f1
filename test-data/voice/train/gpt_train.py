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
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import common
import official

T0 = time.time()
# codes, text ids, clips of conditioning, utterances to each clip
SHAPES = ((110, 44, 36, 4), (180, 68, 24, 4), (270, 98, 16, 4), (400, 140, 11, 4), (680, 162, 6, 4))
TOY = ((150, 60, 2, 2), (300, 110, 1, 2))
CLIPS = (128, 208, 304)   # frames of a conditioning clip
CONDITIONING = ("conditioning_encoder.", "perceiver_encoder.", "emo_conditioning_encoder.", "emo_perceiver_encoder.", "emo_layer.", "emovec_layer.")
SLOW = 0.2                # of the learning rate for the conditioning, which at the whole rate ends up telling no speaker from another
ROUGH = 0.2               # of the utterances have up to 0.7 of their history wrong: rate and rhythm must then come from the conditioning
VARIANTS = 3              # segmentations of each text into pieces: the plain one and random ones


def say(*x):
  print(f"[{time.time() - T0:6.1f} gpt]", *x, flush=True)


class Shape:
  def __init__(self, codes, text, clips, each):
    self.codes, self.text, self.clips, self.each = codes, text, clips, each
    self.size = clips * each


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
        if time.time() - T0 < seconds:
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


class Store:
  """The corpus on the device, and batches of it."""

  def __init__(self, trainer, a):
    import codec
    import content
    import guide
    import sentencepiece
    self.t, self.device, self.meta = trainer, a.device, []
    self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(Path(a.ckpt) / "bpe.model"))
    self.spelling = guide.Spelling(self.pieces)
    s = torch.load(Path(a.ckpt) / "content.pt", map_location="cpu", weights_only=False)
    self.encoder = content.Encoder(*s["dims"]).eval()
    self.encoder.load_state_dict({k: v.float() for k, v in s["model"].items()})
    self.encoder.to(a.device)
    self.mean, self.std = s["mean"].float().to(a.device), s["var"].float().to(a.device).sqrt()
    self.codec = codec.build()
    self.codec.load_state_dict({k: v.float() for k, v in torch.load(Path(a.ckpt) / "codec.pt", map_location="cpu", weights_only=False)["model"].items()})
    self.codec.to(a.device).eval()
    self.flat = None

  @torch.no_grad()
  def take(self, W):
    """Adds a part of the corpus."""
    import codec
    import content
    import features
    import guide
    t = time.time()
    dev = self.device
    c = features.Corpus(W, dev).hold()
    feats, _ = content.prepare(c)
    c.held = None
    h = torch.zeros(int(c.w2v_off[-1]), len(self.mean), dtype=torch.float16, device=dev)
    for _, at, y in content.rows(c, self.encoder, feats, range(len(c.meta))):
      h[at] = ((y - self.mean) / self.std).half()
    codes = torch.from_numpy(codec.quantised(c, h, self.codec).astype(np.int64)).to(dev)
    load = lambda n: torch.from_numpy(np.load(Path(W) / f"{n}.npy").astype(np.int64)).to(dev)
    states, places = load("labels"), load("places")
    lengths = torch.tensor(np.diff(c.w2v_off), device=dev)
    longest = max(s.text for s in self.t.shapes)
    text, n_text, window = [], [], []
    words = [self.t.gpt.plain(m["text"]) for m in c.meta]
    for variant in range(VARIANTS):
      ids = self.pieces.encode(words, enable_sampling=True, alpha=0.1, nbest_size=-1) if variant else self.pieces.encode(words)
      rows = np.ones((len(ids), longest), dtype=np.int64)
      for i, x in enumerate(ids):
        row = ([0] + x + [1])[:longest]
        rows[i, :len(row)] = row
      text.append(torch.from_numpy(rows).to(dev))
      n_text.append(torch.tensor([len(x) + 2 for x in ids], device=dev))
      window.append(guide.windows(self.spelling, ids, places, lengths))
    new = dict(h=h, codes=codes, states=states, known=places >= 0, n=lengths, text=torch.stack(text, 1), n_text=torch.stack(n_text, 1), windows=torch.stack(window, 1))
    self.flat = new if self.flat is None else {k: torch.cat([self.flat[k], v]) for k, v in new.items()}
    self.meta += c.meta
    self.index()
    say(f"{W.name}: {len(self.meta)} utterances, {len(self.flat['codes']) / 50 / 3600:.2f} h, {time.time() - t:.1f} s;",
        "shapes:", [(len(s), len(v)) for s, _, v in self.ids])

  def index(self):
    self.n, self.n_text = self.flat["n"], self.flat["n_text"]
    self.start = torch.cumsum(self.n, 0) - self.n
    held = torch.tensor([m["split"] != "train" for m in self.meta], device=self.device)
    mood = [m["speaker"] * 8 + m["emotion"] for m in self.meta]
    long = (self.n >= CLIPS[0]).tolist()
    self.by_speaker = self.group([m["speaker"] for m in self.meta], long)
    self.by_mood = self.group(mood, long)
    wide = self.n_text.amax(1)
    low_c = low_t = 0
    self.ids = []
    for s in self.t.shapes:
      ok = (self.n <= s.codes) & (wide <= s.text) & (self.n > 20) & ((self.n > low_c) | (wide > low_t))
      train = ok & ~held
      self.ids.append((train.nonzero()[:, 0], self.group(mood, [True] * len(mood), train.tolist()), (ok & held).nonzero()[:, 0]))
      low_c, low_t = s.codes, s.text
    self.share = [len(t) / s.size for s, (t, _, _) in zip(self.t.shapes, self.ids)]

  def group(self, keys, preferred, allowed=None):
    """For drawing partners with the same key: members by key, and where each utterance's key begins in them and how many it has."""
    by = {}
    for i, k in enumerate(keys):
      if allowed is None or allowed[i]:
        by.setdefault(k, ([], []))[0 if preferred[i] else 1].append(i)
    members, first, count = [], {}, {}
    for k, (good, other) in by.items():
      first[k], some = len(members), good or other
      count[k] = len(some)
      members += some
    t = lambda x: torch.tensor(x, device=self.device)
    return t(members), t([first.get(k, 0) for k in keys]), t([count.get(k, 0) for k in keys])

  def partner(self, ids, group):
    members, first, count = group
    return members[first[ids] + (torch.rand(ids.shape, device=self.device) * count[ids]).long()]

  def clip(self, ids, group, frames):
    u = self.partner(ids, group)
    at = (torch.rand(len(u), device=self.device) * ((self.n[u] - frames).clamp(min=0) + 1)).long()
    j = at[:, None] + torch.arange(frames, device=self.device)[None]
    return self.flat["h"][self.start[u][:, None] + torch.remainder(j, self.n[u][:, None])].float()

  def keys(self, k):
    """Utterances whose speaker and mood a few steps share, and clips to condition on: of the speaker, and of speaker and mood."""
    s, (train, _, _) = self.t.shapes[k], self.ids[k]
    ids = train[torch.randint(len(train), (s.clips,), device=self.device)]
    frames = random.choice(CLIPS)
    return ids, self.clip(ids, self.by_speaker, frames), self.clip(ids, self.by_mood, frames)

  def draw(self, k, keys):
    """A batch of shape k: some utterances of each key's speaker and mood."""
    s = self.t.shapes[k]
    ids = self.partner(keys[:, None].expand(-1, s.each), self.ids[k][1]).reshape(-1)
    return self.batch(s, ids, random.randrange(VARIANTS) if random.random() < 0.5 else 0, True)

  def batch(self, s, ids, variant, noise):
    f, dev = self.flat, self.device
    n, n_text = self.n[ids], self.n_text[ids, variant]
    j = torch.arange(s.codes, device=dev)[None]
    at = self.start[ids][:, None] + torch.minimum(j, n[:, None] - 1)
    codes = f["codes"][at]
    inputs = codes
    if noise:                                             # wrong history, as sampling will produce: more of it in some rows
      draw = lambda: torch.rand(len(ids), 1, device=dev)
      much = torch.where(draw() < ROUGH, 0.7 * draw(), 0.25 * draw() ** 2)
      wrong = torch.rand(codes.shape, device=dev) < much
      other = torch.where(torch.rand(codes.shape, device=dev) < 0.5, torch.randint(self.t.dims.CODES, codes.shape, device=dev),
                          codes.roll(random.randrange(1, 40), 1))
      inputs = torch.where(wrong, other, codes)
    positions = torch.arange(s.codes + 1, device=dev)[None].expand(len(ids), -1)
    positions = torch.where(positions > 0, positions + 1, positions)    # as generation numbers the codes
    known = (f["known"][at] & (j < n[:, None])).float()
    return f["text"][ids, variant][:, :s.text], n_text, codes, n, positions, inputs, f["states"][at], f["windows"][at, variant].long(), known


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
  begin, stop = time.time(), T0 + a.end - 6
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
  store = Store(trainer, a)
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
