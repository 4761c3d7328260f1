"""The corpus of the GPT on the device, and batches of it in a few shapes: for gpt_train.py and conditioning.py."""
import random
import time
from pathlib import Path

import numpy as np
import torch

# codes, text ids, clips of conditioning, utterances to each clip
SHAPES = ((110, 44, 36, 4), (180, 68, 24, 4), (270, 98, 16, 4), (400, 140, 11, 4), (680, 162, 6, 4))
CLIPS = (128, 208, 304)   # frames of a conditioning clip
ROUGH = 0.2               # of the utterances have up to 0.7 of their history wrong: rate and rhythm must then come from the conditioning
VARIANTS = 3              # segmentations of each text into pieces: the plain one and random ones


class Shape:
  def __init__(self, codes, text, clips, each):
    self.codes, self.text, self.clips, self.each = codes, text, clips, each
    self.size = clips * each


class Store:
  """The corpus on the device, and batches of it."""

  def __init__(self, trainer, a, say):
    import codec
    import content
    import guide
    import sentencepiece
    self.t, self.device, self.meta, self.say = trainer, a.device, [], say
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
    self.say(f"{W.name}: {len(self.meta)} utterances, {len(self.flat['codes']) / 50 / 3600:.2f} h, {time.time() - t:.1f} s;",
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
