"""The semantic codec: 50 codes a second out of the normalised layer-17 rows.

  python codec.py train --work W --seconds N --index-tts PATH    -> W/ckpt/codec.pt, W/codes.npy

Official module (RepCodec), own training: first without the quantizer, then the codebook starts from spherical k-means of the
8-dimensional projections and everything is trained together. The losses ask for phones and melody, with the content
encoder's heads as judges, rather than for the rows themselves, so that what tells speakers apart is left out.
"""
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import common
import content
import dims
import features
import official


TONE, ROWS = 0.12, 0.05   # melody and the rows themselves only break ties: the GPT must guess the codes from text


def build():
  from indextts.utils.maskgct.models.codec.kmeans.repcodec_model import RepCodec
  return RepCodec(**dims.CODEC)


def load(work, device="cpu"):
  codec = build()
  codec.load_state_dict(torch.load(Path(work) / "ckpt/codec.pt", map_location="cpu")["model"])
  return codec.to(device).eval()


def quantizer(codec):
  return codec.quantizer.quantizers[0]


@torch.no_grad()
def spherical(x, k, turns=25):
  """k centres of unit rows by cosine; empty ones start again at far points."""
  centre = x[torch.randperm(len(x), device=x.device)[:k]].clone()
  for _ in range(turns):
    near = (x @ centre.T).max(1)
    total = torch.zeros_like(centre).index_add_(0, near.indices, x)
    count = torch.bincount(near.indices, minlength=k)
    centre = F.normalize(total)
    empty = (count == 0).nonzero()[:, 0]
    if len(empty):
      centre[empty] = x[near.values.argsort()[:len(empty)]]
  return centre


def main():
  args = common.arguments("the semantic codec", 20)
  W, dev, t0 = Path(args.work), args.device, time.time()
  common.wait_for(args, "w2v.done", "ckpt/content.pt")
  _, heads, _, _ = content.load(W, dev)
  for p in heads.parameters():
    p.requires_grad_(False)
  c = features.Corpus(W, dev)
  h = torch.from_numpy(np.load(W / "w2v.npy")).to(dev)
  tone = torch.from_numpy(np.load(W / "tone.npy")).to(dev)
  labels = torch.from_numpy(np.load(W / "labels.npy").astype(np.int64)).to(dev)
  codec = build().to(dev).train()
  q = quantizer(codec)
  near = content.Heads(dims.HIDDEN).to(dev)               # phones must also be linear in what the flow sees, the projected code
  params = list(codec.parameters()) + list(near.parameters())
  opt = common.optimizer(params, 2e-3, args, decay=0.0)
  size, length = (8, 100) if args.toy else (args.batch or 256, 150)
  off, ids = torch.tensor(c.w2v_off, device=dev), [i for i, m in enumerate(c.meta) if m["split"] == "train"]
  start, n = off[:-1][ids], (off[1:] - off[:-1])[ids]
  weight = (n / length).clamp(min=0.5)
  used = torch.zeros(dims.CODES, device=dev)

  def batch():
    u = torch.multinomial(weight.float(), size, replacement=True)
    room = (n[u] - length).clamp(min=0)
    at = (torch.rand(size, device=dev) * (room + 1)).long().clamp(max=room)
    j = torch.arange(length, device=dev)
    k = (start[u][:, None] + at[:, None] + j[None]).clamp(max=len(h) - 1)
    return h[k].float(), (at[:, None] + j[None] < n[u][:, None]).float(), labels[k], tone[k].float()

  clock, step, quantised, shown = common.Clock(args), 0, False, 0
  while not clock.over():
    x, mask, state, target = batch()
    with common.mixed(args):
      z = codec.encoder(x.transpose(1, 2)).transpose(1, 2)
    z = z.float()
    e = q.in_project(z)
    unit = F.normalize(e, dim=1)
    if not quantised and (clock.part() > 0.3 or step > 1500):
      flat = torch.cat([F.normalize(q.in_project(codec.encoder(batch()[0].transpose(1, 2)).transpose(1, 2).float()), dim=1).transpose(1, 2)[mask > 0].detach()
                        for _ in range(2 if args.toy else 6)])
      q.codebook.weight.data.copy_(spherical(flat[:200000], dims.CODES))
      quantised = True
    lost = torch.zeros((), device=dev)
    if quantised:
      index = (unit.detach().transpose(1, 2) @ F.normalize(q.codebook.weight).T).argmax(-1)
      v = F.embedding(index, q.codebook.weight).transpose(1, 2)
      m = mask[:, None]
      lost = (((v - unit.detach()) ** 2 * m).mean() + 0.25 * ((v.detach() - unit) ** 2 * m).mean()) * 4
      s = unit + (v - unit).detach()                                     # only the direction of e counts, so only it gets gradients
      used.mul_(0.99).index_add_(0, index[mask > 0], torch.ones_like(mask[mask > 0]))
    else:
      s = unit + 0.02 * torch.randn_like(unit)
      lost = ((e - unit.detach()) ** 2).mean()
    s = q.out_project(s)
    with common.mixed(args):
      y = codec.decoder(s)
    y = y.float()
    near_loss, near_stats = content.losses(*near(s.transpose(1, 2)), mask, state, target, TONE)
    far_loss, stats = content.losses(*heads(y), mask, state, target, TONE)
    rows = (((y - x) ** 2).mean(-1) * mask).sum() / mask.sum()
    loss = near_loss + far_loss + ROWS * rows + lost
    opt.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(params, 1.0)
    for g in opt.param_groups:
      g["lr"] = common.rate(clock.part(), step, 2e-3, warm=100)
    opt.step()
    if quantised and step % 50 == 49 and clock.part() < 0.8:
      dead = (used < 0.05 * used.mean()).nonzero()[:, 0]                 # unused entries move to where data is
      if len(dead):
        pick = unit.detach().transpose(1, 2)[mask > 0]
        q.codebook.weight.data[dead] = pick[torch.randint(len(pick), (len(dead),), device=dev)]
        used[dead] = used.mean()
    step += 1
    if time.time() - shown > 4 or step == 1:
      shown = time.time()
      s1, s2 = [round(float(v), 3) for v in near_stats], [round(float(v), 3) for v in stats]
      common.log("codec", f"step {step} quantised {quantised}: code: ce {s1[0]} f0 {s1[1]} loud {s1[2]} states {s1[3]} phones {s1[4]}; decoded: {s2[4]}; rows {float(rows):.3f}, vq {float(lost):.4f}")
  codec.eval()
  common.save(args, "codec.pt", {"model": common.cpu_state(codec), "near": common.cpu_state(near), "args": dims.CODEC})
  encode(W, c, h, codec, near, labels, dev)
  common.log("codec", f"{step} steps, {time.time() - t0:.0f} s")


@torch.no_grad()
def quantised(c, h, codec):
  """Codes of all utterances by the official quantize; those of one length go together so that nothing is padded."""
  codes = torch.zeros(int(c.w2v_off[-1]), dtype=torch.int16, device=h.device)
  groups = {}
  for i in range(len(c.meta)):
    groups.setdefault(int(c.w2v_off[i + 1] - c.w2v_off[i]), []).append(int(c.w2v_off[i]))
  for n, starts in groups.items():
    for at in range(0, len(starts), 256):
      rows = torch.tensor(starts[at:at + 256], device=h.device)[:, None] + torch.arange(n, device=h.device)[None]
      codes[rows] = codec.quantize(h[rows].float())[0].reshape(rows.shape).to(torch.int16)
  return codes.cpu().numpy()


@torch.no_grad()
def encode(W, c, h, codec, near, labels, dev):
  codes = quantised(c, h, codec)
  np.save(W / "codes.npy", codes)
  count = np.bincount(codes, minlength=dims.CODES)
  p = count / count.sum()
  used, perplexity = int((count > 0).sum()), math.exp(-(p[p > 0] * np.log(p[p > 0])).sum())
  same = float((codes[1:] == codes[:-1]).mean())
  # how much of the phones a code alone tells, and how far codes of one sentence by two voices agree is reported by judge-time checks
  table = near.phone(codec.quantizer.quantizers[0].out_project(codec.quantizer.quantizers[0].codebook.weight.T[None])[0].T).argmax(-1).cpu()
  test = np.concatenate([np.arange(c.w2v_off[i], c.w2v_off[i + 1]) for i, m in enumerate(c.meta) if m["split"] == "test"])
  lab = labels.cpu().numpy()[test]
  got = table.numpy()[codes[test]]
  common.log("codec", f"{used} of {dims.CODES} codes used, perplexity {perplexity:.0f}, repeats {same:.2f}; held-out: phone from the code alone {np.mean(got // 3 == lab // 3):.3f}, third {np.mean(got == lab):.3f}")
  (W / "codes.done").touch()


if __name__ == "__main__":
  main()
