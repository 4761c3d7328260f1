"""Does the GPT hear the speaker and the emotion that it is told? Measures for the log of gpt_train.py, and alone:

  python conditioning.py --work W --ckpt DIR --index-tts PATH          W: a corpus of data.py make, 700 utterances or more

Told one thing or another for the same text and codes, how far the distributions of the next code are apart (a symmetric Kullback-Leibler divergence, in nats
for each code), and how much the loss grows with the wrong speaker or emotion. Left to speak freely, how the lengths of the same texts follow the emotion
(data.py made the emotions with known durations), and how many phones are wrong against those of flite.
"""
import argparse
import time
import types
from pathlib import Path

import torch
import torch.nn.functional as F

import dims

FRAMES = 160
SPEAKERS = 3          # flite's own voices of people
NEUTRAL = 7


def hear(trainer, store, seconds, say, size=128, apart=8.0, peak=2e-3):
  """Trains the emotion vectors alone: vectors of one emotion close together, of different ones `apart` from their mean, whoever speaks."""
  net = trainer.net
  parts = (net.emo_conditioning_encoder, net.emo_perceiver_encoder, net.emovec_layer, net.emo_layer)
  own = [p for part in parts for p in part.parameters()]
  was = [p.requires_grad for p in own]
  for p in own:
    p.requires_grad_(True)
  mood = torch.tensor([m["emotion"] for m in store.meta], device=store.device)
  usable, held = store.n >= FRAMES // 2, torch.arange(len(mood), device=store.device) % 16 == 3
  kind = lambda rows: [x for x in (((mood == e) & usable & rows).nonzero()[:, 0] for e in range(NEUTRAL + 1)) if len(x)]
  each, other = kind(~held), kind(held)
  opt = torch.optim.AdamW(own, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01, fused=trainer.cuda)

  def ratio(ids, kinds):
    with trainer.mixed():
      x = net.emotion(frames(ids)).float()
    sums = x.new_zeros(NEUTRAL + 1, x.shape[1]).index_add(0, kinds, x)
    count = torch.bincount(kinds, minlength=NEUTRAL + 1)
    centre = sums / count.clamp(min=1)[:, None]
    some = count > 0
    mean = (centre * some[:, None]).sum(0) / some.sum()
    between = (((centre - mean) ** 2).sum(1) * some).sum() / some.sum()
    within = ((x - centre[kinds]) ** 2).sum(1).mean()
    logits = -((x[:, None] - centre[None]) ** 2).sum(-1).masked_fill(~some[None], 1e9) / apart
    return within / between.clamp(min=1e-3), between.clamp(min=1e-3).sqrt(), F.cross_entropy(logits, kinds), (logits.argmax(1) == kinds).float().mean()

  def frames(ids):
    long = FRAMES + 48
    at = (torch.rand(len(ids), device=store.device) * ((store.n[ids] - long).clamp(min=0) + 1)).long()
    j = at[:, None] + torch.arange(long, device=store.device)[None]
    return store.flat["h"][store.start[ids][:, None] + torch.remainder(j, store.n[ids][:, None])].float()

  begin, step = time.time(), 0
  while (part := (time.time() - begin) / seconds) < 1:
    for g in opt.param_groups:
      g["lr"] = peak * min(1.0, (step + 1) / 30) * (1 - part)
    ids = torch.cat([e[torch.randint(len(e), (size // len(each),), device=store.device)] for e in each])
    spread, distance, choice, right = ratio(ids, mood[ids])
    opt.zero_grad(set_to_none=True)
    (choice + 0.2 * spread + 0.02 * (distance - apart) ** 2).backward()
    torch.nn.utils.clip_grad_norm_(own, 1.0)
    opt.step()
    step += 1
    if step % 100 == 1 or not trainer.cuda and step % 10 == 1:
      say(f"emotion step {step}: apart {float(distance.detach()):.2f}, spread {float(spread.detach()):.3f}, nearest to the own {float(right):.3f}")
  for p, grad in zip(own, was):
    p.requires_grad_(grad)
    p.grad = torch.zeros_like(p) if grad else None
  with torch.no_grad():
    net.eval()
    if other:
      known = torch.cat([x[torch.arange(16, device=store.device) % len(x)] for x in other])
      spread, distance, _, right = ratio(known, mood[known])
      say(f"emotion: {step} steps; clips it did not learn from: apart {float(distance):.2f}, spread {float(spread):.3f}, nearest to the own {float(right):.3f}")
    net.train()


def clips(store, other):
  """(speaker, emotion) -> a clip's features; utterances that are not trained on come first, `other` takes another utterance of the kind."""
  found = {}
  for i, m in sorted(enumerate(store.meta), key=lambda p: p[1]["split"] == "train"):
    if m["speaker"] < SPEAKERS and int(store.n[i]) >= FRAMES // 2:
      found.setdefault((m["speaker"], m["emotion"]), []).append(i)

  def part(i):
    start, n = int(store.start[i]), int(store.n[i])
    return store.flat["h"][start + torch.arange(FRAMES, device=store.device) % n].float()

  return {k: part(v[1 if other and len(v) > 1 else 0]) for k, v in found.items()}


def told(net, store, other=False):
  """(speaker, emotion) -> latents and emotion vector; the latents come from a neutral clip, as `speak --emotion` has it."""
  kinds = clips(store, other)
  keys = [k for k in sorted(kinds) if (k[0], NEUTRAL) in kinds]
  latents = net.speaker(torch.stack([kinds[k[0], NEUTRAL] for k in keys])).float()
  emotion = net.emotion(torch.stack([kinds[k] for k in keys])).float()
  return {k: (latents[j], emotion[j]) for j, k in enumerate(keys)}


def held(store, speaker, most, widest):
  """Utterances of held-out sentences by this speaker."""
  return [i for i, m in enumerate(store.meta) if m["speaker"] == speaker and m["split"] == "test" and int(store.n[i]) <= widest][:most]


def apart(p, q, known):
  """Symmetric divergence of two tables of log probabilities, mean over the codes that are there."""
  return float((((p.exp() - q.exp()) * (p - q)).sum(-1) * known).sum() / known.sum())


def forced(net, store, batch, told_as, told_again):
  """Distances of distributions for the codes of one batch, and the loss with right and wrong conditioning."""
  text, n_text, codes, n, positions = batch[:5]

  def logs(latents, emotion):
    spread = lambda x: x[None].expand(len(text), *x.shape)
    logits, targets = net(spread(latents), spread(emotion), text, n_text, codes, n, positions)
    return logits.float().log_softmax(-1), targets

  right = {k: logs(*v)[0] for k, v in told_as.items()}
  targets = logs(*next(iter(told_as.values())))[1]
  known = (targets >= 0).float()
  loss = {k: float(F.nll_loss(v.flatten(0, 1), targets.flatten(), ignore_index=-100)) for k, v in right.items()}
  speakers = sorted({s for s, _ in told_as})
  moods = [e for s, e in told_as if s == 0 and e != NEUTRAL]
  mean = lambda x: sum(x) / max(1, len(x))
  return dict(
    loss=loss[0, NEUTRAL],
    wrong_speaker=mean([loss[s, NEUTRAL] for s in speakers if s]) - loss[0, NEUTRAL],
    wrong_emotion=mean([loss[0, e] for e in moods]) - loss[0, NEUTRAL],
    speakers=mean([apart(right[0, NEUTRAL], right[s, NEUTRAL], known) for s in speakers if s]),
    emotions=mean([apart(right[0, NEUTRAL], right[0, e], known) for e in moods]),
    clips=apart(right[0, NEUTRAL], logs(*told_again[0, NEUTRAL])[0], known))


def phones(states):
  """The phones of a row of states (phone * 3 + third) without pauses and without flickers of one frame."""
  row = [s // 3 for s in states]
  row = [p for i, p in enumerate(row) if not (0 < i < len(row) - 1 and row[i - 1] == row[i + 1] != p)]
  return [p for i, p in enumerate(row) if p and (i == 0 or row[i - 1] != p)]


def spoken(net, store, table, ids, told_as, temperature):
  """Free speech of held-out texts in every kind: mean length against the neutral kind of the speaker, wrong phones, sentences that ended."""
  from judge import edits
  keys, meaning = list(told_as), table.argmax(-1).tolist()
  length, wrong, total, ended, rows = {k: [] for k in keys}, 0, 0, 0, 0
  for i in ids:
    text = store.flat["text"][i, 0][None, :int(store.n_text[i, 0])].expand(len(keys), -1)
    latents, emotion = torch.stack([told_as[k][0] for k in keys]), torch.stack([told_as[k][1] for k in keys])
    made, over = net.generate(latents, emotion, text, None, int(2.2 * int(store.n[i])) + 20, temperature=temperature)
    start = int(store.start[i])
    want = phones(store.flat["states"][start:start + int(store.n[i])].tolist())
    for k, row, end in zip(keys, made.tolist(), over.tolist()):
      row = [c for c in row if c < dims.CODES]
      length[k].append(len(row))
      wrong, total, ended, rows = wrong + edits(want, phones([meaning[c] for c in row])), total + len(want), ended + end, rows + 1
  mean = {k: sum(v) / max(1, len(v)) for k, v in length.items()}
  ratio = {}
  for s, e in keys:
    ratio.setdefault(e, []).append(mean[s, e] / max(1e-9, mean[s, NEUTRAL]))
  return dict(wrong=wrong / max(1, total), ended=ended / max(1, rows), rows=rows,
              length={dims.EMOTIONS[e] if e != NEUTRAL else "neutral": sum(v) / len(v) for e, v in sorted(ratio.items())},
              seconds={s: mean[s, NEUTRAL] / 50 for s in sorted({s for s, _ in keys})})


@torch.no_grad()
def measure(net, store, table, say, texts=8, temperature=0.5, widest=200):
  """Prints and returns all of it. `table` is guide.meanings(), the net is left as it was."""
  training = net.training
  net.eval()
  torch.manual_seed(5)
  told_as, again = told(net, store), told(net, store, True)
  shape = lambda name, x: float((x - x.mean(0)).flatten(1).norm(dim=1).mean())
  neutral = torch.stack([v[0] for (s, e), v in told_as.items() if e == NEUTRAL])
  moods = torch.stack([v[1] for (s, e), v in told_as.items() if s == 0])
  noise = torch.stack([told_as[0, NEUTRAL][1], again[0, NEUTRAL][1]])
  say(f"conditioning: latents of speakers {shape('latents', neutral):.3f} apart (norm {float(neutral.flatten(1).norm(dim=1).mean()):.1f}); emotion vectors "
      f"{shape('emotion', moods):.3f} apart (norm {float(moods.norm(dim=1).mean()):.1f}), of two clips of one kind {shape('noise', noise):.3f}")
  ids = held(store, 0, 16, widest)
  s = types.SimpleNamespace(codes=int(store.n[ids].max()), text=int(store.n_text[ids, 0].max()))
  f = forced(net, store, store.batch(s, torch.tensor(ids, device=store.device), 0, False), told_as, again)
  say(f"conditioning: held-out loss {f['loss']:.3f}, with another speaker +{f['wrong_speaker']:.4f}, with an emotion +{f['wrong_emotion']:.4f}; distributions apart, "
      f"nats a code: speakers {f['speakers']:.4f}, emotions {f['emotions']:.4f}, another clip of the same {f['clips']:.4f}")
  g = spoken(net, store, table, ids[:texts], told_as, temperature)
  say(f"conditioning: free speech at {temperature}, {g['rows']} sentences: phones wrong {g['wrong']:.3f}, ended {g['ended']:.3f}; length against neutral "
      + " ".join(f"{k} {v:.2f}" for k, v in g["length"].items()) + "; seconds of neutral "
      + " ".join(f"{s}: {v:.2f}" for s, v in g["seconds"].items()))
  net.train(training)
  return f, g


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("--work", required=True)
  p.add_argument("--ckpt", required=True)
  p.add_argument("--index-tts", required=True)
  p.add_argument("--texts", type=int, default=8)
  a = p.parse_args()
  import official
  official.use(str(Path(a.index_tts).resolve()))
  import gpt
  import gpt_store
  import guide
  net = gpt.Speech(0.0).eval()
  state = torch.load(Path(a.ckpt) / "gpt.pt", map_location="cpu", weights_only=False)["model"]
  net.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in state.items()}, strict=False)
  shapes = [gpt_store.Shape(*s) for s in gpt_store.SHAPES]
  store = gpt_store.Store(types.SimpleNamespace(shapes=shapes, gpt=gpt, dims=dims), types.SimpleNamespace(device="cpu", ckpt=a.ckpt), print)
  store.take(Path(a.work))
  table = guide.meanings(torch.load(Path(a.ckpt) / "codec.pt", map_location="cpu", weights_only=False))
  measure(net, store, table, print, a.texts)


if __name__ == "__main__":
  main()
