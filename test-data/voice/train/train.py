"""Trains all of the small voice but the GPT: one command, the independent stages side by side on one GPU. gpt_train.py does the rest.

  python data.py bundle --root UNPACKED_DEBS --out BUNDLE                       voices and sentences, see README.md
  python train.py --bundle BUNDLE --work W --out OUT --index-tts PATH --budget big

A stage whose result exists is not run again; with content.pt, codec.pt and speaker.pt of an earlier run in W/ckpt, `--only flow` trains
another flow for the same codes. Each writes W/log/STAGE.log. OUT gets the checkpoints in 16 bits and the logs.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
# seconds of each stage; `end`: when vocoder and flow must have ended, counted from the start
BUDGETS = {
    "toy": dict(data=16, then=24, utterances=90, content=20, codec=12, speaker=12, end=330),
    "smoke": dict(data=20, content=22, codec=8, speaker=14, end=118),
    "flow": dict(data=72, end=330),
    "big": dict(data=60, then=128, content=72, codec=26, speaker=45, end=500),
}


class Stages:
  def __init__(self, a, t0):
    self.a, self.t0, self.W, self.running, self.times = a, t0, Path(a.work), {}, {}
    (self.W / "log").mkdir(parents=True, exist_ok=True)
    (self.W / "ckpt").mkdir(exist_ok=True)

  def start(self, name, *command, threads=4, env=None):
    with open(self.W / "log" / f"{name}.log", "a") as log:
      p = subprocess.Popen([sys.executable, *map(str, command)], cwd=HERE, stdout=log, stderr=subprocess.STDOUT,
                           env=dict(os.environ, OMP_NUM_THREADS=str(threads), PYTHONUNBUFFERED="1", **(env or {})))
    self.running[name] = (p, time.time())
    print(f"[{time.time() - self.t0:6.1f}] {name} starts", flush=True)

  def wait(self, name, until=None):
    p, since = self.running.pop(name)
    try:
      rc = p.wait(None if until is None else max(1, until - time.time()))
    except subprocess.TimeoutExpired:
      p.terminate()
      rc = "stopped"
    self.times[name] = round(time.time() - since)
    print(f"[{time.time() - self.t0:6.1f}] {name} ended, {rc}, {self.times[name]} s", flush=True)
    return rc == 0


def mps(start):
  """Lets the processes run kernels side by side; where it cannot be had they take turns."""
  try:
    if start:
      r = subprocess.run(["nvidia-cuda-mps-control", "-d"], timeout=10, capture_output=True)
      print("mps:", r.returncode, r.stderr.decode()[:200], flush=True)
    else:
      subprocess.run(["nvidia-cuda-mps-control"], input=b"quit\n", timeout=10, capture_output=True)
  except (OSError, subprocess.TimeoutExpired) as e:
    print(f"mps: {e}", flush=True)


def selftest(s, late, device, index_tts, end):
  """The GPU trainers on random data for a few seconds while the corpus is made: what fails should fail now."""
  import toydata
  folder = s.W / "selftest"
  toydata.write(str(folder), 600)
  log = s.W / "log/selftest.log"
  run = lambda *c: subprocess.Popen([sys.executable, *c], cwd=HERE, stdout=open(log, "a"), stderr=subprocess.STDOUT, env=dict(os.environ, OMP_NUM_THREADS="2"))
  common = ["--work", str(folder), "--device", device, "--index-tts", index_tts]
  parts = [(n, run(f"{n}.py", "train", *common, "--seconds", "10", "--until", str(end), *(["--compile", "0"] if n == "vocoder" else []))) for n in late]
  good = True
  for n, p in parts:
    try:
      rc = p.wait(max(1, end + 20 - time.time()))
    except subprocess.TimeoutExpired:
      p.terminate()
      rc = 0
      print(f"selftest: {n} did not come to an end", flush=True)
    good &= rc == 0
    print(f"[{time.time() - s.t0:6.1f}] selftest {n}: {rc}", flush=True)
  return good


def halves(x):
  if isinstance(x, dict):
    return {k: halves(v) for k, v in x.items()}
  if isinstance(x, (list, tuple)):
    return type(x)(halves(v) for v in x)
  if torch.is_tensor(x) and x.is_floating_point():
    return x.detach().cpu().half() if float(x.abs().max() if x.numel() else 0) < 60000 else x.detach().cpu()
  return x


def pack(W, out):
  """Checkpoints in 16 bits, BPE model and logs."""
  out.mkdir(parents=True, exist_ok=True)
  for f in sorted((W / "ckpt").glob("*.pt")):
    try:
      s = torch.load(f, map_location="cpu", weights_only=False)
      torch.save(halves({k: v for k, v in s.items() if k != "optimizer"} if isinstance(s, dict) else s), out / f.name)
    except (RuntimeError, EOFError, OSError) as e:
      print(f"pack: {f.name}: {e}", flush=True)
  with tarfile.open(out / "small.tar.gz", "w:gz") as t:
    for pattern in ("log/*.log", "bpe.*", "style.npy", "report*", "*.json"):
      for f in W.glob(pattern):
        t.add(f, f.relative_to(W))
    for n in ("content.pt", "codec.pt", "speaker.pt"):
      if (out / n).exists():
        t.add(out / n, f"ckpt/{n}")
        (out / n).unlink()
  for f in sorted(out.glob("*.pt")):
    whole = f.read_bytes()
    if len(whole) > 15 << 20:                           # what is carried back file by file has a limit: join with cat
      for k in range(0, len(whole), 14 << 20):
        (out / f"{f.name}.{k // (14 << 20)}").write_bytes(whole[k:k + (14 << 20)])
      f.unlink()
  for f in sorted(out.iterdir()):
    print(f"pack: {f.name} {f.stat().st_size / 2 ** 20:.2f} MiB", flush=True)


def main():
  p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
  p.add_argument("--bundle", required=True)
  p.add_argument("--work", required=True)
  p.add_argument("--out", required=True)
  p.add_argument("--index-tts", required=True)
  p.add_argument("--budget", default="big", choices=sorted(BUDGETS))
  p.add_argument("--end", type=float, default=0, help="seconds from the start, instead of the budget's")
  p.add_argument("--only", default="vocoder,flow", help="which of the two to train")
  p.add_argument("--extra", action="append", default=[], help="STAGE:arguments for one stage, e.g. 'flow:--init flow.pt'")
  p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
  a = p.parse_args()
  t0 = time.time()
  b, W = BUDGETS[a.budget], Path(a.work).resolve()
  a.work, a.bundle, a.index_tts = str(W), str(Path(a.bundle).resolve()), str(Path(a.index_tts).resolve())
  end = t0 + (a.end or b["end"])
  s = Stages(a, t0)
  toy = ["--toy"] if a.budget == "toy" else []
  extra = {}
  for e in a.extra:
    k, v = e.split(":", 1)
    extra.setdefault(k, []).extend(v.split())
  common = ["--work", W, "--device", a.device, *toy]
  stage = lambda n, seconds: [f"{n}.py", "train", *common, "--seconds", seconds, "--index-tts", a.index_tts, *extra.get(n, [])]
  late = [n for n in a.only.split(",") if n]
  if a.device == "cuda":
    mps(True)
  data, both = W / "audio.done", W / "all"
  known = all((W / "ckpt" / f"{n}.pt").exists() for n in ("content", "codec", "speaker")) and not data.exists()
  if known:                                             # networks of an earlier run: nothing to wait for
    for n in ("w2v", "style", "codes"):
      (W / f"{n}.done").touch()
  both.mkdir(parents=True, exist_ok=True)
  for n in ("ckpt",):
    if not (both / n).is_symlink():
      (both / n).symlink_to(W / n)
  if not data.exists():
    s.start("data", "data.py", "make", "--bundle", a.bundle, "--work", W, "--ends", f"{b['data']},{b['then']}" if "then" in b else b["data"],
            "--utterances", b.get("utterances", 10 ** 9), *toy, threads=1)
  for n in late:
    where = ["--work", both] if n != "vocoder" else []                  # the last --work counts
    s.start(n, *stage(n, 10 ** 4), *where, "--until", end, "--wait", b["end"])
  if a.device == "cuda" and late and not selftest(s, late, a.device, a.index_tts, t0 + b["data"] + 5):
    for p, _ in s.running.values():
      p.terminate()
    mps(False)
    print((W / "log/selftest.log").read_text()[-7000:])
    pack(W, Path(a.out))
    raise SystemExit("the self-test failed")
  while "data" in s.running and not data.exists():
    if s.running["data"][0].poll() is not None:
      raise SystemExit((W / "log/data.log").read_text()[-2000:])
    time.sleep(0.5)
  print(f"[{time.time() - t0:6.1f}] data of the first part", flush=True)
  if not known and not (W / "mel.done").exists():
    s.start("mel", "features.py", "--work", W, "--device", a.device)
  if not known and not (W / "bpe.model").exists():
    s.start("bpe", "gpt.py", "bpe", "--work", W, "--index-tts", a.index_tts)
  if not (W / "style.done").exists():
    s.start("speaker", *stage("speaker", b["speaker"]))

  def codes():
    if not (W / "w2v.done").exists():
      s.start("content", *stage("content", b["content"]))
      if not s.wait("content"):
        return
    if not (W / "codes.done").exists():
      s.start("codec", *stage("codec", b["codec"]))
      s.wait("codec")
  chain = threading.Thread(target=codes)
  chain.start()
  if "data" in s.running:
    s.wait("data", t0 + b["data"] + b.get("then", 0) + 60)
  if not (both / "codes.done").exists():
    s.start("more", *["known" if known and x == "train" else x for x in stage("more", 0)])
  for n in ("mel", "bpe", "speaker"):
    if n in s.running:
      s.wait(n, end)
  chain.join(max(1, end - time.time()))
  if "more" in s.running:
    s.wait("more", end)
  while time.time() < end and all(s.running[n][0].poll() is None for n in late if n != "vocoder"):
    time.sleep(1)
  lost = [n for n in late if n != "vocoder" and s.running[n][0].poll() not in (None, 0)]
  if lost and time.time() < end - 60:
    print(f"lost: {lost}; the others stop, so that the time can be used again", flush=True)
    end = time.time()
    for p, _ in s.running.values():
      p.terminate()
  for n in late:
    s.wait(n, end + 15)
  if a.device == "cuda":
    mps(False)
  print("seconds:", s.times, flush=True)
  for f in sorted((W / "log").glob("*.log")):
    lines = [x for x in f.read_text(errors="replace").splitlines() if x.strip() and "Warning" not in x]
    print(f"--- {f.stem}", *lines[-5:], sep="\n", flush=True)
  pack(W, Path(a.out))
  print(f"all: {time.time() - t0:.0f} s", flush=True)


if __name__ == "__main__":
  main()
