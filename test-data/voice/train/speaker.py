"""CAM++ for this voice: the official network with few channels, trained to tell the corpus' speakers apart; its embedding is the style.

  python speaker.py train --work W --seconds N --index-tts PATH    -> W/ckpt/speaker.pt, W/style.npy
"""
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import common
import dims
import features
from content import graphed

ARGS = dict(m_channels=8, feat_dim=80, embedding_size=dims.STYLE, growth_rate=6, bn_size=4, init_channels=48)


def build(args=ARGS):
  from indextts.s2mel.modules.campplus import DTDNN
  kept = {k: v for k, v in args.items() if k != "m_channels"}
  head = DTDNN.FCM.__init__                              # its channels are a default that the class around it does not pass on
  DTDNN.FCM.__init__ = lambda self, feat_dim: head(self, m_channels=args["m_channels"], feat_dim=feat_dim)
  try:
    return DTDNN.CAMPPlus(memory_efficient=False, **kept)
  finally:
    DTDNN.FCM.__init__ = head


def load(work, device="cpu"):
  s = torch.load(Path(work) / "ckpt/speaker.pt", map_location="cpu")
  m = build(s["args"])
  m.load_state_dict(s["model"])
  return m.to(device).eval()


@torch.no_grad()
def banks(c):
  """Filter banks of all utterances [sum F, 80] float16 on the device, offsets, frames."""
  to16, fb = features.To16k(c.device), features.Fbank(c.device)
  frames = np.array([1 + (-(-320 * int(n) // 441) - 400) // 160 for n in c.n22])
  off = np.concatenate([[0], np.cumsum(frames)])
  bank = torch.zeros(int(off[-1]), 80, dtype=torch.float16, device=c.device)
  for ids in c.batches(range(len(c.meta)), 120 if c.device == "cpu" else 1200):
    y, _ = features.fbank_batch(c, ids, to16, fb)
    at, exists = c.rows(ids, off, y.shape[1])
    bank[at[exists]] = y[exists].half()
  return bank, off, frames


def main():
  args = common.arguments("the speaker encoder", 60)
  W, dev, t0 = Path(args.work), args.device, time.time()
  common.wait_for(args, "audio.done")
  c = features.Corpus(W, dev).hold()
  bank, off, frames = banks(c)
  train = [i for i, m in enumerate(c.meta) if m["split"] == "train"]
  c.held = None
  speakers = len(set(m["speaker"] for m in c.meta) | {0})
  count = max(m["speaker"] for m in c.meta) + 1
  who = torch.tensor([m["speaker"] for m in c.meta], device=dev)
  start, n = torch.tensor(off[:-1], device=dev), torch.tensor(frames, device=dev)
  model = build().to(dev)
  head = nn.Parameter(torch.randn(count, dims.STYLE, device=dev) * 0.05)
  common.log("speaker", f"{sum(p.numel() for p in model.parameters()) / 1e6:.3f} M parameters, {speakers} speakers, features after {time.time() - t0:.0f} s")
  params = list(model.parameters()) + [head]
  cuda = dev.startswith("cuda")
  lr = torch.tensor(1e-3, device=dev)
  opt = torch.optim.AdamW(params, lr=lr if cuda else 1e-3, betas=(0.9, 0.98), weight_decay=0.01, **({"fused": True, "capturable": True} if cuda else {}))
  size, length = (8, 150) if args.toy else (96, 200)
  train = torch.tensor(train, device=dev)
  share = torch.bincount(who[train], minlength=count).float()
  weight = 1.0 / share[who[train]].sqrt()

  def batch():
    u = train[torch.multinomial(weight, size, replacement=True)]
    room = (n[u] - length).clamp(min=0)
    at = (torch.rand(size, device=dev) * (room + 1)).long().clamp(max=room)
    j = torch.arange(length, device=dev)
    inside = torch.remainder(at[:, None] + j[None], n[u][:, None])               # short ones are repeated
    x = bank[start[u][:, None] + inside].float()
    x = x + 0.1 * torch.randn_like(x)
    return x - x.mean(1, keepdim=True), who[u]

  margin = torch.zeros((), device=dev)

  def turn(x, y):
    with torch.autocast("cuda" if cuda else "cpu", torch.bfloat16, enabled=cuda, cache_enabled=False):
      s = model(x)
    cos = F.normalize(s.float()) @ F.normalize(head).T
    right = (cos.argmax(1) == y).float().mean()
    loss = F.cross_entropy((cos - margin * (y[:, None] == torch.arange(count, device=dev)).float()) * 20, y)
    opt.zero_grad(set_to_none=False)
    loss.backward()
    scale = 2.0 / torch.sqrt(sum((p.grad ** 2).sum() for p in params)).clamp(min=2.0)
    torch._foreach_mul_([p.grad for p in params], scale)
    opt.step()
    return torch.stack([loss.detach(), right.detach()])

  model.train()
  run = graphed(turn, batch()) if cuda else turn
  clock, step, shown = common.Clock(args), 0, 0
  while not clock.over():
    rate = common.rate(clock.part(), step, 2e-3, warm=100)
    if cuda:
      lr.fill_(rate)
    else:
      opt.param_groups[0]["lr"] = rate
    margin.fill_(0.2 * min(1.0, clock.part() * 2))
    stats = run(*batch())
    step += 1
    if time.time() - shown > 6 or step == 1:
      shown = time.time()
      common.log("speaker", f"step {step}: loss {float(stats[0]):.3f}, right {float(stats[1]):.3f}")
  model.eval()
  common.save(args, "speaker.pt", {"model": common.cpu_state(model), "args": ARGS})
  style = embed(model, bank, off, frames, dev)
  np.save(W / "style.npy", style)
  report(c, style)
  (W / "style.done").touch()
  common.log("speaker", f"{step} steps, {time.time() - t0:.0f} s")


@torch.no_grad()
def embed(model, bank, off, frames, dev):
  """Style of every utterance without its last fraction of 0.3 s, so that many share a length and none is padded."""
  out = np.zeros((len(frames), dims.STYLE), dtype=np.float32)
  groups = {}
  for i, f in enumerate(frames):
    groups.setdefault(max(int(f) // 30 * 30, min(int(f), 30)), []).append(i)
  for f, ids in groups.items():
    for at in range(0, len(ids), 256):
      part = ids[at:at + 256]
      x = torch.stack([bank[int(off[i]):int(off[i]) + f] for i in part]).float()
      out[part] = model(x - x.mean(1, keepdim=True)).float().cpu().numpy()
  return out


def report(c, style):
  """Nearest mean style: held-out utterances and, apart, the speakers never trained on (each against all)."""
  unit = style / np.linalg.norm(style, axis=1, keepdims=True)
  who = np.array([m["speaker"] for m in c.meta])
  split = np.array([m["split"] for m in c.meta])
  known = [s for s in sorted(set(who)) if ((who == s) & (split == "train")).any()]
  mean = np.stack([unit[(who == s) & (split == "train")].mean(0) for s in known])
  held = [s for s in sorted(set(who)) if s not in known]
  t = np.array([i for i in range(len(who)) if split[i] in ("test", "valid") and who[i] in known])
  right = np.mean(np.array(known)[(unit[t] @ mean.T).argmax(1)] == who[t]) if len(t) else 0
  text = f"held-out sentences: right speaker {right:.3f}"
  if held:
    both = np.concatenate([mean, np.stack([unit[who == s][::2].mean(0) for s in held])])
    t = np.concatenate([np.nonzero(who == s)[0][1::2] for s in held])
    if len(t):
      text += f"; new speakers: right {np.mean(np.array(known + held)[(unit[t] @ both.T).argmax(1)] == who[t]):.3f}"
  common.log("speaker", text)


if __name__ == "__main__":
  main()
