"""Goes on training the GPT on a CPU: small batches of new sentences, conditioning computed once, codes and the phones that they stand for as targets.

  python tune.py --work W --seconds N --index-tts PATH --chunks 'GLOB'     W/ckpt/{gpt,codec}.pt, W/bpe.model -> W/ckpt/gpt-tuned.pt

A chunk is a folder with meta.jsonl, codes.npy, w2v.npy, w2v_off.npy, labels.npy and an empty file `coded` once it is complete; new ones are taken in
as they appear. Beside the usual loss on codes the probability of all codes that stand for the right third of the right phone is asked for: several codes
mean the same, and which of them was drawn is chance. And a few attention heads, those that do so most already, are asked to look at the piece of the text that is being
spoken (phones and letters both taken as evenly spread), which a network learns late by itself.
"""
import argparse
import glob
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

import common
import dims
import official

FRAMES = 160


class Store:
    def __init__(self, pattern, pieces):
        self.pattern, self.pieces, self.seen = pattern, pieces, set()
        self.rows, self.clips = [], {}

    def refresh(self):
        from gpt import plain
        for folder in sorted(glob.glob(self.pattern)):
            path = Path(folder)
            if folder in self.seen or not (path / "coded").exists():
                continue
            self.seen.add(folder)
            off, codes, states = (np.load(path / f"{n}.npy").astype(np.int64) for n in ("w2v_off", "codes", "labels"))
            w2v = np.load(path / "w2v.npy", mmap_mode="r")
            with open(path / "meta.jsonl", encoding="utf-8") as file:
                for i, line in enumerate(file):
                    row = json.loads(line)
                    a, b = off[i], off[i + 1]
                    if row["split"] == "test" or b - a < 20:
                        continue
                    self.rows.append((plain(row["text"]), row["speaker"], row["emotion"], codes[a:b], states[a:b]))
                    clips = self.clips.setdefault((row["speaker"], row["emotion"]), [])
                    if b - a >= FRAMES and len(clips) < 12:
                        clips.append(torch.from_numpy(np.array(w2v[a:a + FRAMES], dtype=np.float32)))

    def ids(self, text, vary):
        return [0] + (self.pieces.encode(text, enable_sampling=True, alpha=0.1, nbest_size=-1) if vary else self.pieces.encode(text)) + [1]


def meanings(codec, near):
    """[codes, states]: what each code stands for, by the classifier trained with the codec."""
    prefix = "quantizer.quantizers.0."
    v, g = codec[prefix + "out_project.weight_v"].float(), codec[prefix + "out_project.weight_g"].float()
    rows = codec[prefix + "codebook.weight"].float() @ (g * v / v.flatten(1).norm(dim=1).view(-1, 1, 1))[:, :, 0].T
    return near.phone(rows + codec[prefix + "out_project.bias"].float()).softmax(-1)


def progress(states, pause):
    """How much of the phones is spoken, 0 to 1, at every frame; pauses take no part."""
    phone, third = states // 3, states % 3
    new = np.r_[True, (phone[1:] != phone[:-1]) | (third[1:] < third[:-1])]
    spoken = phone != pause
    number = np.cumsum(new & spoken)
    return np.clip((number - 1 + (third + 0.5) / 3 * spoken + ~spoken) / max(1, number[-1]), 0, 1)


def spoken_pieces(pieces, ids, part):
    """The row of the text (start token first) that each frame speaks, from progress()."""
    widths = np.cumsum([max(1, len(pieces.id_to_piece(i).lstrip("▁"))) for i in ids[1:-1]])
    return 1 + np.searchsorted(widths, part * widths[-1] - 1e-6).clip(0, len(ids) - 3)


def looking(block, x, rows, prefix, windows, valid):
    """Of each head of a block: logarithm of the attention that goes to the rows of the text given, [heads, frames]."""
    b, t, _ = x.shape
    heads = 4
    q, k, _ = block.attn["c_attn"](block.ln_1(x)).view(b, t, 3, heads, -1).permute(2, 0, 3, 1, 4)
    width = q.shape[-1]
    q = q.gather(2, rows[:, None, :, None].expand(-1, heads, -1, width))
    scores = q @ k.transpose(2, 3) / width ** 0.5
    scores = scores.masked_fill(torch.arange(t)[None, None, None] > rows[:, None, :, None], -1e9)
    near = torch.stack([(windows + d).clamp_min(0) for d in (-1, 0, 1)], -1) + prefix
    logs = scores.log_softmax(-1).gather(3, near[:, None].expand(-1, heads, -1, -1)).logsumexp(-1)
    return logs.permute(1, 0, 2)[:, valid]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True)
    parser.add_argument("--chunks", required=True)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--index-tts", required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--peak", type=float, default=5e-4)
    parser.add_argument("--half", type=int, default=0)
    parser.add_argument("--rank", type=int, default=0, help="this process, where several share the work")
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--heads", type=int, default=3, help="attention heads that are guided")
    args = parser.parse_args()
    official.use(args.index_tts)
    import sentencepiece
    import content
    from data import PHONES
    from gpt import PREFIX, Speech
    pause = PHONES.index("pau")
    torch.manual_seed(1 + args.rank)
    rng = np.random.default_rng(1)
    work = Path(args.work)
    if args.ranks > 1:
        import torch.distributed as ring
        ring.init_process_group("gloo", init_method=f"file://{work.resolve()}/meeting", rank=args.rank, world_size=args.ranks)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(work / "bpe.model"))
    state = torch.load(work / "ckpt/gpt.pt", map_location="cpu", weights_only=False)
    net = Speech(0.05)
    net.load_state_dict({k: v.float() for k, v in state["model"].items()}, strict=False)
    codec = torch.load(work / "ckpt/codec.pt", map_location="cpu", weights_only=False)
    near = content.Heads(dims.HIDDEN)
    near.load_state_dict({k: v.float() for k, v in codec["near"].items()})
    with torch.no_grad():
        table = meanings(codec["model"], near.eval())
        guess = table.argmax(1)
    store = Store(args.chunks, pieces)
    while len(store.rows) < 200:
        store.refresh()
        time.sleep(1)
    for name, p in net.named_parameters():
        p.requires_grad_(not name.startswith(("conditioning_encoder", "perceiver", "emo", "text_head")))
    params = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(params, lr=args.peak, betas=(0.9, 0.98), weight_decay=0.02)
    average = common.Average(net, 0.99)
    held = [store.rows.pop(int(i)) for i in sorted(rng.choice(len(store.rows), 48, replace=False), reverse=True)]
    rng = np.random.default_rng(1 + args.rank)
    cache = {}

    def prompt(key, latent):
        clips = store.clips.get(key) or next(c for k, c in store.clips.items() if k[0] == key[0] and c)
        k = int(rng.integers(len(clips)))
        if (key, k, latent) not in cache:
            with torch.no_grad():
                cache[key, k, latent] = (net.speaker if latent else net.emotion)(clips[k][None])[0]
        return cache[key, k, latent]

    def batch(rows, vary):
        texts = [store.ids(r[0], vary and rng.random() < 0.3) for r in rows]
        n_text, n = torch.tensor([len(t) for t in texts]), torch.tensor([len(r[3]) for r in rows])
        text, codes, states = torch.ones(len(rows), int(n_text.max()), dtype=torch.long), torch.zeros(len(rows), int(n.max()), dtype=torch.long), None
        states = torch.zeros_like(codes)
        for i, (t, r) in enumerate(zip(texts, rows)):
            text[i, :len(t)] = torch.tensor(t)
            codes[i, :len(r[3])], states[i, :len(r[4])] = torch.from_numpy(r[3]), torch.from_numpy(r[4])
        at = torch.arange(codes.shape[1] + 1)[None].expand(len(rows), -1)
        inputs = codes
        if vary:  # wrong history: any code now and then, or another one of the same meaning
            wrong = torch.rand(codes.shape)
            inputs = torch.where(wrong < 0.03, torch.randint(dims.CODES, codes.shape), codes)
        latents = torch.stack([prompt((r[1], r[2]), True) for r in rows])
        moods = torch.stack([prompt((r[1], r[2]), False) for r in rows])
        windows = torch.zeros_like(codes)
        for i, (t, r) in enumerate(zip(texts, rows)):
            windows[i, :len(r[4])] = torch.from_numpy(spoken_pieces(pieces, t, progress(r[4], pause)))
        return latents, moods, text, n_text, codes, n, torch.where(at > 0, at + 1, at), inputs, states, windows

    guided, seen = [], {}
    for layer, block in enumerate(net.gpt["h"]):
        block.register_forward_pre_hook(lambda _m, given, layer=layer: seen.__setitem__(layer, given[0]))

    def attention(b):
        rows = (PREFIX + b[3])[:, None] + torch.arange(b[4].shape[1])[None]
        valid = torch.arange(b[4].shape[1])[None] < b[5][:, None]
        rows = rows.clamp_max(seen[0].shape[1] - 1)
        layers = sorted({layer for layer, _ in guided}) or range(len(net.gpt["h"]))
        logs = {layer: looking(net.gpt["h"][layer], seen[layer], rows, PREFIX, b[9], valid).mean(1) for layer in layers}
        if not guided:
            best = sorted(((float(v), layer, head) for layer, l in logs.items() for head, v in enumerate(l)), reverse=True)
            common.log("tune", "heads:", " ".join(f"{layer}.{head} {v:.2f}" for v, layer, head in best[:8]))
            guided.extend((layer, head) for _, layer, head in best[:args.heads])
        return -torch.stack([logs[layer][head] for layer, head in guided]).mean()

    def losses(b):
        with torch.autocast("cpu", torch.bfloat16, enabled=bool(args.half)):
            logits, targets = net(*b[:8])
        logp = logits.float().log_softmax(-1)
        known = targets >= 0
        code = F.nll_loss(logp[known], targets[known])
        spoken = known[:, :-1] & (targets[:, :-1] < dims.CODES)
        right = table[:, b[8][spoken]].T
        mass = torch.logsumexp(logp[:, :-1][spoken][:, :dims.CODES] + right.clamp_min(1e-6).log(), -1)
        hit = (guess[logp[:, :-1][spoken][:, :dims.CODES].argmax(-1)] // 3 == b[8][spoken] // 3).float().mean()
        return code, -mass.mean(), attention(b), hit

    clock, step, said, history = common.Clock(argparse.Namespace(seconds=args.seconds, until=0)), 0, 0.0, []
    net.train()
    said = time.time()
    over = False
    while not over:
        if step % 20 == 0:
            store.refresh()
        sample = [store.rows[int(i)] for i in rng.integers(len(store.rows), size=args.batch * 4)]
        sample.sort(key=lambda r: len(r[3]))
        at = int(rng.choice(4, p=(0.4, 0.3, 0.2, 0.1))) * args.batch  # more short ones: more of them fit into the time
        code, phone, look, hit = losses(batch(sample[at:at + args.batch], True))
        loss = code + phone + 0.5 * look
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        over = clock.over()
        if args.ranks > 1:
            used = [p for p in params if p.grad is not None]
            flat = torch.cat([p.grad.flatten() for p in used] + [torch.tensor([float(over)])])
            ring.all_reduce(flat)
            at, over = 0, bool(flat[-1] > 0)
            for p in used:
                p.grad.copy_(flat[at:at + p.numel()].view_as(p) / args.ranks)
                at += p.numel()
        torch.nn.utils.clip_grad_norm_(params, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = common.rate(clock.part(), step, args.peak, warm=30)
        optimizer.step()
        average.update()
        step += 1
        history.append((float(code.detach()), float(phone.detach()), float(look.detach()), float(hit)))
        if args.rank == 0 and (time.time() - said > 120 or over):
            said = time.time()
            with torch.no_grad(), average.applied():
                parts = [losses(batch(held[i:i + 16], False)) for i in range(0, len(held), 16)]
                told = " ".join(f"{sum(float(p[j]) for p in parts) / len(parts):.3f}" for j in range(4))
                state["model"] = common.cpu_state(net)
                torch.save(state, work / "ckpt/gpt-tuned.pt")
            recent = np.mean(history[-50:], 0)
            common.log("tune", f"step {step} ({(time.time() - clock.start) / step:.2f} s) rows {len(store.rows)} code {recent[0]:.3f} phone {recent[1]:.3f} look {recent[2]:.3f} hit {recent[3]:.3f}; held out {told}")


if __name__ == "__main__":
    main()
