"""The w2v-BERT-shaped content encoder: 17 small conformer layers whose last output carries phones, phone thirds and a little melody.

  python content.py train --work W --seconds N    -> W/ckpt/content.pt
  python content.py apply --work W                -> W/w2v.npy (normalised layer-17 rows, float16)

flite tells when each phone begins and ends, so layer 17 is trained frame by frame (cross entropy on phone x third), which is
quicker and steadier than CTC and gives codes whose run lengths are the phones' durations. Two small regressions (pitch
against the speaker's mean, loudness) leave some intonation in it. Tensor names are those of Wav2Vec2BertModel.
"""
import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from features import Corpus, Fbank, To16k, fbank_batch, seamless

LEFT, RIGHT = 64, 8
STATES = 41 * 3


def skew(x):
  """x [..., T, 2T-1] over distances -(T-1) .. T-1 -> [..., T, T] with [t, s] = distance s - t. Dense both ways, unlike a gather."""
  t = x.shape[-2]
  flat = F.pad(x, (0, 1)).flatten(-2)
  return flat[..., t - 1:t - 1 + t * (2 * t - 1)].unflatten(-1, (t, 2 * t - 1))[..., :t]


class Attention(nn.Module):
  def __init__(self, d, heads):
    super().__init__()
    self.heads, self.size = heads, d // heads
    for n in ("q", "k", "v", "out"):
      setattr(self, f"linear_{n}", nn.Linear(d, d))
    self.distance_embedding = nn.Embedding(LEFT + RIGHT + 1, self.size)

  def forward(self, x, bias, place):
    b, t, d = x.shape
    q, k, v = (m(x).view(b, t, self.heads, self.size).transpose(1, 2) for m in (self.linear_q, self.linear_k, self.linear_v))
    pos = skew(q @ self.distance_embedding.weight[place].T.to(q.dtype))
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=pos * (1 / math.sqrt(self.size)) + bias.to(q.dtype))
    return self.linear_out(y.transpose(1, 2).reshape(b, t, d))


class FeedForward(nn.Module):
  def __init__(self, d, inner):
    super().__init__()
    self.intermediate_dense, self.output_dense = nn.Linear(d, inner), nn.Linear(inner, d)

  def forward(self, x):
    return self.output_dense(F.silu(self.intermediate_dense(x)))


class Convolution(nn.Module):
  def __init__(self, d, kernel=31):
    super().__init__()
    self.layer_norm, self.kernel = nn.LayerNorm(d), kernel
    self.pointwise_conv1 = nn.Conv1d(d, 2 * d, 1, bias=False)
    self.depthwise_conv = nn.Conv1d(d, d, kernel, groups=d, bias=False)
    self.depthwise_layer_norm = nn.LayerNorm(d)
    self.pointwise_conv2 = nn.Conv1d(d, d, 1, bias=False)

  def forward(self, x, mask):
    x = self.layer_norm(x) * mask
    x = F.glu(F.linear(x, self.pointwise_conv1.weight[..., 0]), dim=-1)
    if x.is_cuda:
      x = self.banded(x)
    else:
      x = F.conv1d(F.pad(x.transpose(1, 2), (self.kernel - 1, 0)), self.depthwise_conv.weight, groups=x.shape[2]).transpose(1, 2)
    return F.linear(F.silu(self.depthwise_layer_norm(x)), self.pointwise_conv2.weight[..., 0])

  def banded(self, x):
    """The depthwise convolution as one product per channel with a banded T x T matrix: quick on a GPU in both directions."""
    t, k = x.shape[1], self.kernel
    w = self.depthwise_conv.weight[:, 0].to(x.dtype)
    line = F.pad(w, (t - 1, t))[:, k - 1:k - 1 + 2 * t - 1] if t >= k else F.pad(w, (t, t))[:, k:k + 2 * t - 1]
    m = skew(line[:, None].expand(-1, t, -1))                                              # [C, t, s]
    return torch.matmul(m, x.permute(2, 1, 0)).permute(2, 1, 0)


class Layer(nn.Module):
  def __init__(self, d, heads, inner):
    super().__init__()
    self.ffn1_layer_norm, self.ffn1 = nn.LayerNorm(d), FeedForward(d, inner)
    self.self_attn_layer_norm, self.self_attn = nn.LayerNorm(d), Attention(d, heads)
    self.conv_module = Convolution(d)
    self.ffn2_layer_norm, self.ffn2, self.final_layer_norm = nn.LayerNorm(d), FeedForward(d, inner), nn.LayerNorm(d)

  def forward(self, x, mask, bias, place):
    x = x + 0.5 * self.ffn1(self.ffn1_layer_norm(x))
    x = x + self.self_attn(self.self_attn_layer_norm(x), bias, place)
    x = x + self.conv_module(x, mask)
    return self.final_layer_norm(x + 0.5 * self.ffn2(self.ffn2_layer_norm(x)))


class Encoder(nn.Module):
  def __init__(self, d, heads, inner, layers, inputs=160):
    super().__init__()
    self.masked_spec_embed = nn.Parameter(torch.zeros(d), requires_grad=False)
    self.feature_projection = nn.ModuleDict({"layer_norm": nn.LayerNorm(inputs), "projection": nn.Linear(inputs, d)})
    self.encoder = nn.ModuleDict({"layers": nn.ModuleList(Layer(d, heads, inner) for _ in range(layers))})

  def forward(self, x, mask):
    """x [B, T, 160], mask [B, T] 1 for valid frames -> hidden state after the last layer [B, T, d]."""
    m = mask[..., None]
    h = self.feature_projection["projection"](self.feature_projection["layer_norm"](x)) * m
    bias = ((1 - mask) * -1e4)[:, None, None, :]
    t = x.shape[1]
    place = torch.arange(1 - t, t, device=x.device).clamp(-LEFT, RIGHT) + LEFT               # rows of the distance table, key - query
    for layer in self.encoder["layers"]:
      h = layer(h, m, bias, place)
    return h


class Heads(nn.Module):
  """Phone states, pitch (octaves from the speaker's mean, scaled) and loudness from normalised rows."""

  def __init__(self, d):
    super().__init__()
    self.phone, self.tone = nn.Linear(d, STATES), nn.Linear(d, 2)

  def forward(self, h):
    return self.phone(h), self.tone(h)


def config_json(d, heads, inner, layers):
  """config.json of the exported folder."""
  return {"architectures": ["Wav2Vec2BertModel"], "model_type": "wav2vec2-bert", "hidden_size": d, "num_hidden_layers": layers,
          "num_attention_heads": heads, "intermediate_size": inner, "feature_projection_input_dim": 160, "output_hidden_size": d,
          "hidden_act": "swish", "layer_norm_eps": 1e-5, "position_embeddings_type": "relative_key", "left_max_position_embeddings": LEFT,
          "right_max_position_embeddings": RIGHT, "conv_depthwise_kernel_size": 31, "add_adapter": False, "apply_spec_augment": False,
          "hidden_dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0, "feat_proj_dropout": 0.0, "conformer_conv_dropout": 0.0,
          "layerdrop": 0.0, "max_source_positions": 5000, "vocab_size": None, "use_intermediate_ffn_before_adapter": False}


def pitch_track(x16, frames, center):
  """Octaves against `center` Hz per row and frame [B, T], voicedness (peak of the normalised autocorrelation)."""
  f = F.pad(x16, (40, 960)).unfold(1, 640, 320)[:, :frames]
  window = torch.hann_window(640, device=x16.device)
  f = (f - f.mean(-1, keepdim=True)) * window
  r = torch.fft.irfft(torch.fft.rfft(f, 2048).abs() ** 2)[..., :280]
  w = torch.fft.irfft(torch.fft.rfft(window, 2048).abs() ** 2)[:280]
  r = r / r[..., :1].clamp(min=1e-5) / (w / w[0])
  lag = torch.arange(280, device=x16.device, dtype=torch.float32).clamp(min=1)
  octave = torch.log2(16000.0 / lag)[None] - torch.log2(center)[:, None]                  # [B, 280]
  ok = ((octave > -0.75) & (octave < 0.8) & (lag >= 40))[:, None]
  peak, k = torch.where(ok, r, torch.full_like(r, -1)).max(-1)
  return octave.gather(1, k), peak


def prepare(c):
  """Features [sum T50, 160] and tone targets [sum T50, 3] (pitch, loudness, voiced), float16 on the device."""
  from data import F0, HELD, SPEAKERS
  to16, fb = To16k(c.device), Fbank(c.device)
  total = int(c.w2v_off[-1])
  feats = torch.zeros(total, 160, dtype=torch.float16, device=c.device)
  tone = torch.zeros(total, 3, dtype=torch.float16, device=c.device)
  table = [F0[v] if p is None else p for v, _, p, _ in SPEAKERS + HELD]
  big = 1200 if c.device != "cpu" else 120
  for ids in c.batches(range(len(c.meta)), big):
    fbank, frames = fbank_batch(c, ids, to16, fb, 32768.0)
    y, _ = seamless(fbank, frames)
    x16 = to16(c.padded(ids))
    center = torch.tensor([float(table[c.meta[i]["speaker"]]) for i in ids], device=c.device)
    octave, peak = pitch_track(x16, y.shape[1], center)
    energy = F.avg_pool1d(F.pad(x16, (40, 960))[:, None] ** 2, 640, 320)[:, 0, :y.shape[1]].clamp(min=1e-7).log()
    at, exists = c.rows(ids, c.w2v_off, y.shape[1])
    feats[at[exists]] = y[exists].half()
    top = energy.masked_fill(~exists, -99).amax(1, keepdim=True)
    voiced = (peak > 0.55) & (energy > top - 7) & exists
    middle = octave.masked_fill(~voiced, float("nan")).nanmedian(1, keepdim=True).values.nan_to_num()
    o = ((octave - middle) * 4).clamp(-2, 2) * voiced                                      # contour inside the utterance
    t = torch.stack([o, ((energy - top + 6) / 3).clamp(-2, 2), voiced.float()], -1)
    tone[at[exists]] = t[exists].half()
  return feats, tone


def save(W, model, heads, mean, var, cfg):
  (W / "ckpt").mkdir(exist_ok=True)
  state = {k: v.detach().float().cpu() for k, v in model.state_dict().items()}
  tmp = W / "ckpt/content.tmp"
  torch.save({"model": state, "heads": {k: v.detach().float().cpu() for k, v in heads.state_dict().items()}, "mean": mean.cpu(), "var": var.cpu(),
              "dims": cfg, "config": config_json(*cfg)}, tmp)
  tmp.replace(W / "ckpt/content.pt")


class Batches:
  """Random windows of the flat arrays: features, tone, states and the mask of what lies inside the utterance."""

  def __init__(self, c, feats, tone, labels, size, length):
    self.f, self.t, self.l, self.size, self.length = feats, tone, labels, size, length
    ids = [i for i, m in enumerate(c.meta) if m["split"] == "train"]
    n = torch.tensor(np.diff(c.w2v_off)[ids])
    self.weight = (n / length).clamp(min=0.5).float().to(c.device)
    self.start, self.n = torch.tensor(c.w2v_off[ids]).to(c.device), n.to(c.device)
    self.device = c.device

  def __call__(self):
    u = torch.multinomial(self.weight, self.size, replacement=True)
    n, room = self.n[u], (self.n[u] - self.length).clamp(min=0)
    at = (torch.rand(self.size, device=self.device) * (room + 1)).long().clamp(max=room)
    j = torch.arange(self.length, device=self.device)
    inside = (at[:, None] + j[None]) < n[:, None]
    k = (self.start[u][:, None] + at[:, None] + j[None]).clamp(max=len(self.f) - 1)
    x = self.f[k].float()
    shift = torch.randint(-3, 4, (self.size,), device=self.device)                        # formants a little up or down
    band = (torch.arange(80, device=self.device)[None] + shift[:, None]).clamp(0, 79)
    band = torch.cat([band, band + 80], 1)
    x = x.gather(2, band[:, None].expand(-1, self.length, -1))
    x = x * torch.empty(self.size, 1, 1, device=self.device).uniform_(0.85, 1.1) + 0.25 * torch.rand(self.size, 1, 1, device=self.device) * torch.randn_like(x)
    return x, inside.float(), self.l[k], self.t[k].float()


def losses(phone, tone, mask, states, target, tone_weight=0.5):
  ce = (F.cross_entropy(phone.float().flatten(0, 1), states.flatten(), reduction="none", label_smoothing=0.05).view(mask.shape) * mask).sum() / mask.sum()
  d = (tone.float() - target[..., :2]) ** 2
  v = target[..., 2] * mask
  f0 = (d[..., 0] * v).sum() / v.sum().clamp(min=1)
  loud = (d[..., 1] * mask).sum() / mask.sum()
  hit = ((phone.argmax(-1) == states).float() * mask).sum() / mask.sum()
  same = ((phone.argmax(-1) // 3 == states // 3).float() * mask).sum() / mask.sum()
  return ce + tone_weight * (f0 + loud), torch.stack([ce, f0, loud, hit, same]).detach()


def graphed(step, batch, warm=4):
  """Runs `step` as a CUDA graph on static copies of the batch where that works, else as it is."""
  static = [b.clone() for b in batch]
  try:
    s = torch.cuda.Stream()
    s.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(s):
      for _ in range(warm):
        step(*static)
    torch.cuda.current_stream().wait_stream(s)
    g = torch.cuda.CUDAGraph()
    with torch.cuda.graph(g):
      out = step(*static)
  except Exception as e:  # any failure of capture leaves the plain way
    print(f"no CUDA graph: {type(e).__name__} {str(e)[:200]}", flush=True)
    torch.cuda.synchronize()
    return step

  def run(*b):
    for x, y in zip(static, b):
      x.copy_(y)
    g.replay()
    return out
  return run


def train(a):
  import dims
  t0 = time.time()
  W, dev = Path(a.work), a.device
  torch.manual_seed(1)
  if dev == "cuda":
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
  c = Corpus(W, dev).hold()
  with torch.no_grad():
    feats, tone = prepare(c)
  np.save(W / "tone.npy", tone.cpu().numpy())
  labels = torch.from_numpy(np.load(W / "labels.npy").astype(np.int64)).to(dev)
  c.held = None
  w = dims.W2V
  cfg = (w["hidden_size"], w["num_attention_heads"], w["intermediate_size"], w["num_hidden_layers"])
  d = cfg[0]
  model, heads = Encoder(*cfg).to(dev), Heads(d).to(dev)
  print(f"content: {sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, features after {time.time() - t0:.0f} s", flush=True)
  params = [p for p in list(model.parameters()) + list(heads.parameters()) if p.requires_grad]
  lr = torch.tensor(1e-3, device=dev)
  opt = torch.optim.AdamW(params, lr=lr if dev == "cuda" else 1e-3, betas=(0.9, 0.98), weight_decay=0.01, **({"fused": True, "capturable": True} if dev == "cuda" else {}))
  ema = [p.detach().clone() for p in params]
  size, length = (4, 100) if a.toy else (128, 150)
  draw = Batches(c, feats, tone, labels, size, length)

  def step(x, mask, states, target):
    with torch.autocast(dev, torch.bfloat16, cache_enabled=False):
      h = model(x, mask)
      phone, t = heads(h.float())
    loss, stats = losses(phone, t, mask, states, target)
    opt.zero_grad(set_to_none=False)
    loss.backward()
    torch._foreach_mul_([p.grad for p in params], (1.0 / torch.sqrt(sum((p.grad ** 2).sum() for p in params)).clamp(min=1.0)))
    opt.step()
    torch._foreach_lerp_(ema, [p.detach() for p in params], 0.002)
    return stats

  run = graphed(step, draw()) if dev == "cuda" else step
  n, start, last = 0, time.time(), time.time()
  while True:
    now = time.time() - start
    left = a.seconds - (time.time() - t0)
    if left <= 0 or n >= a.steps:
      break
    f = now / max(1.0, now + left)
    rate = 1.5e-3 * min(1, (n + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * f)))
    if dev == "cuda":
      lr.fill_(rate)
    else:
      opt.param_groups[0]["lr"] = rate
    stats = run(*draw())
    n += 1
    if time.time() - last > 8 or n == 1:
      last = time.time()
      s = [round(float(v), 3) for v in stats]
      print(f"content: step {n}, {now:.0f} s, ce {s[0]} f0 {s[1]} loud {s[2]} states {s[3]} phones {s[4]}", flush=True)
  if n > 1500:
    for p, e in zip(params, ema):
      p.data.copy_(e)
  model.eval()
  h = torch.cat([v for _, _, v in rows(c, model, feats, [i for i in range(0, len(c.meta), max(1, len(c.meta) // 1500))])])
  mean, var = h.mean(0), h.var(0)
  # the heads learn raw rows; express them for normalised rows, which is what everything downstream sees
  with torch.no_grad():
    for m in (heads.phone, heads.tone):
      m.bias.add_(m.weight @ mean)
      m.weight.mul_(torch.sqrt(var)[None])
  save(W, model, heads, mean, var, cfg)
  check(c, model, heads, feats, labels, mean, var)
  apply(c, model, feats, mean, var)
  print(f"content: {n} steps, {time.time() - t0:.0f} s", flush=True)


@torch.no_grad()
def rows(c, model, feats, ids):
  """(utterances, flat positions, raw layer-17 rows float32), whole utterances, as the pipeline gives them."""
  model.eval()
  for group in c.batches(ids, 1200 if c.device != "cpu" else 60):
    n = [int(c.w2v_off[i + 1] - c.w2v_off[i]) for i in group]
    at, exists = c.rows(group, c.w2v_off, max(n))
    x = feats[at.clamp(max=len(feats) - 1)].float() * exists[..., None]
    half = torch.tensor([(1 + (-(-320 * int(c.n22[i]) // 441) - 400) // 160) // 2 for i in group], device=c.device)
    mask = (torch.arange(max(n), device=c.device)[None] < half[:, None]).float()            # an odd last frame is masked, as in the pipeline
    h = model(x, mask).float()
    yield group, at[exists], h[exists]


@torch.no_grad()
def check(c, model, heads, feats, labels, mean, var):
  by = {}
  for i, m in enumerate(c.meta):
    if m["split"] == "test":
      by.setdefault(m["voice"], []).append(i)
  for v, ids in by.items():
    right = []
    for _, at, h in rows(c, model, feats, ids[:60]):
      p = heads((h - mean) / torch.sqrt(var))[0].argmax(-1)
      right.append(torch.stack([p // 3 == labels[at] // 3, p == labels[at]], 1).float())
    r = torch.cat(right).mean(0)
    print(f"content: held-out {v}: frames with the right phone {float(r[0]):.3f}, phone third {float(r[1]):.3f}", flush=True)


@torch.no_grad()
def apply(c, model, feats, mean, var):
  W = c.W
  out = torch.zeros(int(c.w2v_off[-1]), len(mean), dtype=torch.float16, device=c.device)
  for _, at, h in rows(c, model, feats, range(len(c.meta))):
    out[at] = ((h - mean) / torch.sqrt(var)).half()
  np.save(W / "w2v.npy", out.cpu().numpy())
  (W / "w2v.done").touch()


def load(W, dev):
  """Encoder, heads, mean, var of W/ckpt/content.pt."""
  s = torch.load(Path(W) / "ckpt/content.pt", map_location=dev)
  model, heads = Encoder(*s["dims"]).to(dev), Heads(s["dims"][0]).to(dev)
  model.load_state_dict(s["model"])
  heads.load_state_dict(s["heads"])
  return model.eval(), heads.eval(), s["mean"].to(dev), s["var"].to(dev)


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("command", choices=["train", "apply"])
  p.add_argument("--work", required=True)
  p.add_argument("--seconds", type=float, default=80)
  p.add_argument("--steps", type=int, default=10 ** 9)
  p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
  p.add_argument("--index-tts", default="")
  p.add_argument("--toy", action="store_true")
  a = p.parse_args()
  if a.command == "train":
    train(a)
  else:
    c = Corpus(a.work, a.device).hold()
    model, _, mean, var = load(a.work, a.device)
    with torch.no_grad():
      feats, _ = prepare(c)
    apply(c, model, feats, mean, var)


if __name__ == "__main__":
  main()
