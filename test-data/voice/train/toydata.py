"""A toy cache of random features, to try the training programs without any data."""
import json
import os
import sys

import numpy as np
import torch

import dims


def write(work, n=24, seed=0):
    rng = np.random.default_rng(seed)
    os.makedirs(os.path.join(work, "ckpt"), exist_ok=True)
    words = "the old man of sea has red ships and goes home with seven birds when night falls over hills".split()
    rows, audio, mel, w2v, codes = [], [], [], [], []
    for i in range(n):
        count = int(rng.integers(60, 140))
        samples = count * 441
        rows.append(dict(text=" ".join(rng.choice(words, 6)) + ".", speaker=i % 3, voice="toy", emotion=int(7 if i % 2 else i % 8),
                         split="valid" if i % 6 == 5 else "train"))
        t = np.arange(samples) / 22050
        wave = np.sin(2 * np.pi * (100 + 40 * (i % 3)) * t + 3 * np.sin(2 * np.pi * 3 * t)) * 0.3 + rng.normal(0, 0.01, samples)
        audio.append((wave * 32767).astype(np.int16))
        mel.append(rng.normal(-5, 2, (samples // 256, 80)).astype(np.float16))
        w2v.append(rng.normal(0, 1, (count, dims.HIDDEN)).astype(np.float16))
        codes.append(np.repeat(rng.integers(0, dims.CODES, count // 4 + 1), 4)[:count].astype(np.int16))
    with open(os.path.join(work, "meta.jsonl"), "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    with open(os.path.join(work, "texts.txt"), "w") as file:
        file.writelines(row["text"] + "\n" for row in rows)
    for name, parts in (("audio", audio), ("mel", mel), ("w2v", w2v), ("codes", codes)):
        np.save(os.path.join(work, f"{name}.npy"), np.concatenate(parts))
        if name != "codes":
            np.save(os.path.join(work, f"{name}_off.npy"), np.cumsum([0] + [len(p) for p in parts]).astype(np.int64))
    np.save(os.path.join(work, "style.npy"), rng.normal(0, 1, (n, dims.STYLE)).astype(np.float32))
    prefix = "quantizer.quantizers.0."
    torch.save({"model": {prefix + "out_project.weight_v": torch.randn(dims.HIDDEN, 8, 1), prefix + "out_project.weight_g": torch.ones(dims.HIDDEN, 1, 1),
                          prefix + "out_project.bias": torch.zeros(dims.HIDDEN), prefix + "codebook.weight": torch.randn(dims.CODES, 8)}},
               os.path.join(work, "ckpt", "codec.pt"))
    for name in ("audio", "mel", "style", "codes", "texts"):
        open(os.path.join(work, f"{name}.done"), "w").close()


if __name__ == "__main__":
    write(sys.argv[1])
