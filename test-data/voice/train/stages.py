"""Speech from each half of the chain alone, so that the judges can say which stage loses what.

  python stages.py --work W --ckpt DIR --index-tts PATH --out DIR [--limit N] [--voices 0,1,2] [--kinds teacher,vocoder,flow,gpt]

teacher  the corpus' held-out sentence
vocoder  its mel through BigVGAN
flow     its codes through length regulator and flow matching (prompt: another utterance of the speaker), then BigVGAN
gpt      text -> sampled codes -> flow -> BigVGAN, all in PyTorch
Writes WAV files and DIR/list.jsonl for judge.py. W holds the corpus (data.py make is enough); features come from the checkpoints.
"""
import argparse
import json
import types
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import common
import content
import dims
import features
import judge
import official


class Chain:
  """All trained parts on the CPU."""

  def __init__(self, ckpt, device="cpu"):
    import codec
    import flow
    import gpt
    import speaker
    import vocoder
    self.flow_module = flow
    ckpt = Path(ckpt)
    get = lambda n: torch.load(ckpt / f"{n}.pt", map_location="cpu", weights_only=False)
    up = lambda s: {k: v.float() if v.is_floating_point() else v for k, v in s.items()}
    s = get("content")
    self.encoder = content.Encoder(*s["dims"]).eval()
    self.encoder.load_state_dict(up(s["model"]))
    self.mean, self.var = s["mean"].float(), s["var"].float()
    self.codec = codec.build().eval()
    self.codec.load_state_dict(up(get("codec")["model"]))
    s = get("speaker")
    self.speaker = speaker.build(s["args"]).eval()
    self.speaker.load_state_dict(up(s["model"]))
    self.to16, self.bank, self.mel = features.To16k("cpu"), features.Fbank("cpu"), features.Mel("cpu")
    self.vocoder = self.flow = self.gpt = None
    if (ckpt / "vocoder.pt").exists():
      net = vocoder.build().eval()
      net.load_state_dict(up(get("vocoder")["model"]))
      self.vocoder = vocoder.Generator(net, False)
    if (ckpt / "flow.pt").exists():
      self.flow = flow.build().eval()
      self.flow.load_state_dict(up(get("flow")["model"]), strict=False)
      self.flow["cfm"].estimator.setup_caches(max_batch_size=2, max_seq_length=4096)
    if (ckpt / "gpt.pt").exists():
      self.gpt = gpt.Speech(0.0).eval()
      self.gpt.load_state_dict(up(get("gpt")["model"]), strict=False)

  def voice(self, x):
    """What the pipeline derives from a clip x [N] at 22.05 kHz."""
    x16 = self.to16(x[None])
    feats, mask = features.seamless(self.bank(x16, 32768.0))
    h = (self.encoder(feats, mask) - self.mean) / torch.sqrt(self.var)
    fb = self.bank(x16)
    codes, s_ref = self.codec.quantize(h)
    style = self.speaker(fb - fb.mean(1, keepdim=True))
    return types.SimpleNamespace(h=h, codes=codes.reshape(-1), s_ref=s_ref.reshape(1, -1, dims.HIDDEN), mel=self.mel(x[None]), style=style)

  def embed(self, codes):
    q = self.codec.quantizer.quantizers[0]
    return q.vq2emb(codes[None]).transpose(1, 2)

  def regulate(self, s, frames):
    n = torch.tensor([s.shape[1]])
    return self.flow_module.regulate(self.flow["length_regulator"], s, n, torch.tensor([frames]), frames)

  def speech_mel(self, codes, prompt, steps=25, guidance=0.7):
    mu = torch.cat([self.regulate(prompt.s_ref, prompt.mel.shape[2]), self.regulate(self.embed(codes), int(len(codes) * 1.72))], 1)
    mel = self.flow["cfm"].inference(mu, torch.tensor([mu.shape[1]]), prompt.mel, prompt.style, None, steps, inference_cfg_rate=guidance)
    return mel[:, :, prompt.mel.shape[2]:]

  def say(self, pieces, text, prompt, emotion=None, temperature=0.8, seed=1):
    """Codes for the text in the voice of the prompt, and whether they ended by themselves."""
    import gpt
    ids = torch.tensor([[0] + pieces.encode(gpt.plain(text)) + [1]])
    torch.manual_seed(seed)
    latents = self.gpt.speaker(prompt.h)
    codes, over = self.gpt.generate(latents, self.gpt.emotion((emotion or prompt).h), ids, None, 20 + 16 * ids.shape[1], temperature=temperature)
    codes = codes[0]
    stop = (codes == dims.CODES + 1).nonzero()
    return codes[:int(stop[0])] if len(stop) else codes, bool(over[0])


@torch.no_grad()
def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("--work", required=True)
  p.add_argument("--ckpt", required=True)
  p.add_argument("--index-tts", required=True)
  p.add_argument("--out", required=True)
  p.add_argument("--limit", type=int, default=10)
  p.add_argument("--voices", default="0,1,2")
  p.add_argument("--kinds", default="teacher,vocoder,flow,gpt")
  p.add_argument("--bpe", default="")
  p.add_argument("--steps", type=int, default=25)
  p.add_argument("--guidance", type=float, default=0.7)
  p.add_argument("--temperature", type=float, default=0.8)
  a = p.parse_args()
  official.use(a.index_tts)
  torch.manual_seed(3)
  out = Path(a.out)
  out.mkdir(parents=True, exist_ok=True)
  c, chain = features.Corpus(a.work, "cpu"), Chain(a.ckpt)
  kinds = a.kinds.split(",")
  pieces = None
  if "gpt" in kinds:
    import sentencepiece
    pieces = sentencepiece.SentencePieceProcessor(model_file=a.bpe or str(Path(a.ckpt) / "bpe.model"))
  rows, lengths = [], []
  for sid in map(int, a.voices.split(",")):
    ids = [i for i, m in enumerate(c.meta) if m["speaker"] == sid and m["split"] == "test"][:a.limit]
    full = sorted((i for i, m in enumerate(c.meta) if m["speaker"] == sid and m["emotion"] == 7), key=lambda i: abs(int(c.n22[i]) / 22050 - 5))
    prompt = chain.voice(c.wav(full[0])) if "flow" in kinds or "gpt" in kinds else None
    for i in ids:
      x, text, name = c.wav(i), c.meta[i]["text"], c.meta[i]["voice"].replace("x1.00", "")
      made = {}
      if "teacher" in kinds:
        made["teacher"] = x
      if "vocoder" in kinds:
        made["vocoder"] = chain.vocoder(chain.mel(x[None]))[0]
      if "flow" in kinds:
        made["flow"] = chain.vocoder(chain.speech_mel(chain.voice(x).codes, prompt, a.steps, a.guidance))[0]
      if "gpt" in kinds:
        codes, over = chain.say(pieces, text, prompt, temperature=a.temperature, seed=i)
        lengths.append((over, len(codes) / (int(c.n22[i]) / 441)))
        made["gpt"] = chain.vocoder(chain.speech_mel(codes, prompt, a.steps, a.guidance))[0]
      for k, y in made.items():
        f = out / f"{k}-{name}-{i}.wav"
        judge.write(f, y.clamp(-1, 1).numpy())
        rows.append({"wav": str(f), "text": text, "group": f"{k} {name}", "kind": k, "voice": name})
  with open(out / "list.jsonl", "w") as f:
    f.writelines(json.dumps(r) + "\n" for r in sorted(rows, key=lambda r: r["group"]))
  if lengths:
    print(f"gpt: stopped {sum(o for o, _ in lengths)} of {len(lengths)}, length against the teacher {np.mean([r for _, r in lengths]):.2f} ± {np.std([r for _, r in lengths]):.2f}")


if __name__ == "__main__":
  main()
