"""What the training stages share: arguments, cached features, moving averages, clocks, files."""
import argparse
import contextlib
import json
import math
import os
import random
import time

import numpy as np
import torch

import official

START = time.time()


def log(stage, *parts):
    print(f"[{time.time() - START:7.1f} {stage}]", *parts, flush=True)


def arguments(stage, seconds):
    parser = argparse.ArgumentParser(description=f"trains {stage}")
    parser.add_argument("command", nargs="?", default="train")
    parser.add_argument("--work", required=True)
    parser.add_argument("--seconds", type=float, default=seconds, help="time to train, after the data is there")
    parser.add_argument("--until", type=float, default=0, help="unix time to end at, whatever --seconds says")
    parser.add_argument("--wait", type=float, default=600, help="seconds to wait for the data")
    parser.add_argument("--index-tts", default="index-tts", help="a checkout of the official code")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--init", help="checkpoint to go on from")
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1234)
    parser.add_argument("--toy", action="store_true", help="tiny batches, no compilation: a test of the program")
    parser.add_argument("--compile", type=int, default=1)
    args = parser.parse_args()
    official.use(args.index_tts)
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = True
    os.makedirs(os.path.join(args.work, "ckpt"), exist_ok=True)
    return args


class Clock:
    """Wall-clock budget; `part` runs from 0 to 1."""

    def __init__(self, args):
        self.start = time.time()
        self.end = self.start + args.seconds
        if args.until:
            self.end = min(self.end, args.until)

    def part(self):
        return min(1.0, (time.time() - self.start) / max(1e-3, self.end - self.start))

    def over(self):
        return time.time() >= self.end


def rate(part, step, peak, warm=200, floor=0.02):
    """Learning rate: linear warm-up by steps, then a cosine over the time that there is."""
    return peak * min(1.0, (step + 1) / warm) * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * part)))


def wait_for(args, *files):
    """Waits until the files exist, under the work folder."""
    end = time.time() + args.wait
    for name in files:
        while not os.path.exists(os.path.join(args.work, name)):
            if time.time() > end:
                raise SystemExit(f"{name} did not come within {args.wait} s")
            time.sleep(0.5)


def meta(work):
    with open(os.path.join(work, "meta.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Rows:
    """One cached feature of all utterances: rows of utterance i are off[i]..off[i+1]; on the device as a whole."""

    def __init__(self, work, name, device, offsets=None):
        data = np.load(os.path.join(work, f"{name}.npy"), mmap_mode="r")
        self.data = torch.from_numpy(np.ascontiguousarray(data)).to(device)
        self.off = torch.from_numpy(np.load(os.path.join(work, f"{offsets or name}_off.npy")).astype(np.int64)).to(device)
        self.len = self.off[1:] - self.off[:-1]

    def take(self, utterances, starts, count):
        """Rows [batch, count, ...] from each start; beyond the end of an utterance its last row."""
        index = starts[:, None] + torch.arange(count, device=self.off.device)[None]
        index = torch.minimum(index, (self.len[utterances] - 1)[:, None]).clamp_min(0)
        return self.data[self.off[utterances][:, None] + index]


class Average:
    """Exponential moving average of a module's parameters."""

    def __init__(self, module, decay=0.999):
        self.module, self.decay, self.count = module, decay, 0
        self.shadow = [p.detach().clone().float() for p in module.parameters()]

    @torch.no_grad()
    def update(self):
        self.count += 1
        decay = min(self.decay, (1 + self.count) / (10 + self.count))
        torch._foreach_lerp_(self.shadow, [p.detach().float() for p in self.module.parameters()], 1 - decay)

    @contextlib.contextmanager
    def applied(self):
        """The module with the averaged values, for as long as the block lasts."""
        mine = list(self.module.parameters())
        kept = [p.detach().clone() for p in mine]
        training = self.module.training
        with torch.no_grad():
            torch._foreach_copy_(mine, self.shadow)
        self.module.eval()
        try:
            yield self.module
        finally:
            with torch.no_grad():
                torch._foreach_copy_(mine, kept)
            self.module.train(training)


def save(args, name, content):
    path = os.path.join(args.work, "ckpt", name)
    torch.save(content, path + ".part")
    os.replace(path + ".part", path)


def cpu_state(module):
    return {key: value.detach().cpu().contiguous().clone() for key, value in module.state_dict().items()}


def peers(rows):
    """Dictionary value -> positions, for drawing partners with the same key."""
    groups = {}
    for position, key in enumerate(rows):
        groups.setdefault(key, []).append(position)
    return groups


def mixed(args):
    return torch.autocast("cuda", dtype=torch.bfloat16, enabled=args.device.startswith("cuda"))


def optimizer(parameters, peak, args, betas=(0.9, 0.98), decay=0.01):
    return torch.optim.AdamW(parameters, lr=peak, betas=betas, weight_decay=decay, fused=args.device.startswith("cuda"))
