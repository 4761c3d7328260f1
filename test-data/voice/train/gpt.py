"""The GPT: text and conditioning to content codes, with parameters named as in the official UnifiedVoice.

`gpt.py bpe` trains the text pieces, `gpt.py train` the network. The body is written here (the official one needs a certain version of transformers and
is slower to train); the conformers and perceivers are the official modules. check_official() in export.py compares both.
"""
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import common
import dims

G = dims.GPT
DIM, HEADS = G["model_dim"], G["heads"]
START, STOP = G["start_mel_token"], G["stop_mel_token"]
LATENTS = 32
PREFIX = LATENTS + 2


class Matrix(nn.Module):
    """y = x W + b with W [in, out], as GPT-2 stores it."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(inputs, outputs) * 0.02)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return F.linear(x, self.weight.t(), self.bias)


class Block(nn.Module):
    def __init__(self, drop):
        super().__init__()
        self.drop = drop
        self.ln_1, self.ln_2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.attn = nn.ModuleDict(dict(c_attn=Matrix(DIM, 3 * DIM), c_proj=Matrix(DIM, DIM)))
        self.mlp = nn.ModuleDict(dict(c_fc=Matrix(DIM, 4 * DIM), c_proj=Matrix(4 * DIM, DIM)))
        with torch.no_grad():
            for last in (self.attn["c_proj"], self.mlp["c_proj"]):
                last.weight.mul_((2 * G["layers"]) ** -0.5)

    def forward(self, x, past=None):
        b, t, _ = x.shape
        q, k, v = self.attn["c_attn"](self.ln_1(x)).view(b, t, 3, HEADS, DIM // HEADS).permute(2, 0, 3, 1, 4)
        if past is not None:
            if past:
                k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
            past[:] = [k, v]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=t > 1)
        x = x + F.dropout(self.attn["c_proj"](y.transpose(1, 2).reshape(b, t, DIM)), self.drop, self.training)
        y = self.mlp["c_proj"](F.gelu(self.mlp["c_fc"](self.ln_2(x)), approximate="tanh"))
        return x + F.dropout(y, self.drop, self.training)


class Table(nn.Module):
    def __init__(self, rows):
        super().__init__()
        self.emb = nn.Embedding(rows, DIM)


def conditioner(config, dim, latents):
    from indextts.gpt.conformer_encoder import ConformerEncoder
    from indextts.gpt.perceiver import PerceiverResampler
    encoder = ConformerEncoder(input_size=dims.HIDDEN, **{k: v for k, v in config.items() if k != "perceiver_mult"})
    table = encoder.embed.pos_enc
    table.pe, table.max_len = table.pe[:, :dims.POSITION_ROWS].contiguous(), dims.POSITION_ROWS
    perceiver = PerceiverResampler(dim, dim_context=config["output_size"], ff_mult=config["perceiver_mult"],
                                   heads=config["attention_heads"], num_latents=latents)
    return encoder, perceiver


class Speech(nn.Module):
    def __init__(self, drop=0.1):
        super().__init__()
        self.conditioning_encoder, self.perceiver_encoder = conditioner(G["condition_module"], DIM, LATENTS)
        self.emo_conditioning_encoder, self.emo_perceiver_encoder = conditioner(G["emo_condition_module"], dims.EMO_PERCEIVER, 1)
        self.speed_emb = nn.Embedding(2, DIM)
        self.text_embedding = nn.Embedding(G["number_text_tokens"] + 1, DIM)
        self.mel_embedding = nn.Embedding(G["number_mel_codes"], DIM)
        self.emo_layer = nn.Linear(DIM, DIM)
        self.emovec_layer = nn.Linear(dims.EMO_PERCEIVER, DIM)
        self.mel_pos_embedding = Table(G["max_mel_tokens"] + 3)
        self.text_pos_embedding = Table(G["max_text_tokens"] + 2)
        self.gpt = nn.ModuleDict(dict(h=nn.ModuleList(Block(drop) for _ in range(G["layers"])), ln_f=nn.LayerNorm(DIM)))
        self.final_norm = nn.LayerNorm(DIM)
        self.text_head = nn.Linear(DIM, G["number_text_tokens"] + 1)
        self.mel_head = nn.Linear(DIM, G["number_mel_codes"])
        for table in (self.text_embedding, self.mel_embedding, self.mel_pos_embedding.emb, self.text_pos_embedding.emb):
            nn.init.normal_(table.weight, std=0.02)
        nn.init.normal_(self.speed_emb.weight, std=0.02)

    def condition(self, encoder, perceiver, features):
        """The official conditioning of features [B,T,hidden] without padding."""
        full = torch.full((len(features),), features.shape[1], device=features.device)
        y, mask = encoder(features, full)
        return perceiver(y)

    def speaker(self, features):
        return self.condition(self.conditioning_encoder, self.perceiver_encoder, features)

    def emotion(self, features):
        y = self.condition(self.emo_conditioning_encoder, self.emo_perceiver_encoder, features).squeeze(1)
        return self.emo_layer(self.emovec_layer(y))

    def prefix(self, latents, emotion):
        speed = self.speed_emb.weight.flip(0).expand(len(latents), -1, -1)
        return torch.cat([latents + emotion[:, None], speed.to(latents.dtype)], 1)

    def body(self, x, past=None):
        for i, block in enumerate(self.gpt["h"]):
            x = block(x, None if past is None else past[i])
        return self.final_norm(self.gpt["ln_f"](x))

    def forward(self, latents, emotion, text, text_lengths, codes, lengths, positions, inputs=None):
        """Logits [B, 1+max(lengths), codes] for every code and the stop, and the targets (-100 = none).

        `text` has start and stop, `positions` [B, 1+codes] are the rows of the position table for start and codes.
        """
        b, device = len(text), text.device
        wide = codes.shape[1]
        text_x = self.text_embedding(text) + self.text_pos_embedding.emb.weight[: text.shape[1]]
        given = F.pad(codes if inputs is None else inputs, (1, 0), value=START)
        mel_x = self.mel_embedding(given) + self.mel_pos_embedding.emb(positions)
        pool = torch.cat([self.prefix(latents, emotion), text_x, mel_x], 1)
        # text rows end where each text ends, so that the codes follow at once; the rest falls behind the end
        at = torch.arange(pool.shape[1], device=device)[None]
        ends = (PREFIX + text_lengths)[:, None]
        source = torch.where(at < ends, at, (at - ends + PREFIX + text.shape[1]).clamp_max(pool.shape[1] - 1))
        x = pool.gather(1, source[:, :, None].expand(-1, -1, DIM))
        x = self.body(x)
        rows = (ends + torch.arange(wide + 1, device=device)[None])
        logits = self.mel_head(x.gather(1, rows[:, :, None].expand(-1, -1, DIM)))
        at = torch.arange(wide + 1, device=device)[None]
        targets = F.pad(codes, (0, 1), value=STOP).masked_fill(at == lengths[:, None], STOP).masked_fill(at > lengths[:, None], -100)
        return logits, targets

    @torch.no_grad()
    def generate(self, latents, emotion, text, text_lengths, most, temperature=0.8, top_k=30, top_p=0.8, generator=None):
        """Sampled codes, one row at a time grouped by equal text length by the caller; returns codes and whether each stopped."""
        b, device = len(text), text.device
        text_x = self.text_embedding(text) + self.text_pos_embedding.emb.weight[: text.shape[1]]
        start = self.mel_embedding.weight[START] + self.mel_pos_embedding.emb.weight[0]
        x = torch.cat([self.prefix(latents, emotion), text_x, start.expand(b, 1, -1)], 1)
        past = [[] for _ in range(G["layers"])]
        over = torch.zeros(b, dtype=torch.bool, device=device)
        made = []
        for k in range(most):
            scores = self.mel_head(self.body(x, past)[:, -1]).float() / temperature
            best, order = scores.topk(top_k)
            p = best.softmax(-1)
            p = p.masked_fill(p.cumsum(-1) - p >= top_p, 0.0)
            p[:, 0] = p[:, 0].clamp_min(1e-6)
            token = order.gather(1, torch.multinomial(p, 1, generator=generator))[:, 0]
            token = torch.where(over, torch.full_like(token, STOP), token)
            over |= token == STOP
            made.append(token)
            if bool(over.all()):
                break
            x = (self.mel_embedding(token) + self.mel_pos_embedding.emb.weight[k + 2])[:, None]
        return torch.stack(made, 1), over


def plain(text):
    """The letters that the front end leaves of ordinary English."""
    for a, b in (("“", "'"), ("”", "'"), ('"', "'"), ("’", "'"), (";", ","), (":", ","), ("—", "-")):
        text = text.replace(a, b)
    return text.upper().strip()


def bpe(args):
    import sentencepiece
    common.wait_for(args, "texts.txt")
    with open(os.path.join(args.work, "texts.txt"), encoding="utf-8") as file:
        lines = [plain(line) for line in file if line.strip()]
    path = os.path.join(args.work, "bpe")
    with open(path + ".txt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines[:60000]) + "\n" + "\n".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ.,!?'-" for _ in range(20)) + "\n")
    sentencepiece.SentencePieceTrainer.train(
        input=path + ".txt", model_prefix=path, model_type="bpe", vocab_size=G["number_text_tokens"], character_coverage=1.0, bos_id=0,
        eos_id=1, unk_id=2, pad_id=-1, normalization_rule_name="identity", hard_vocab_limit=False, num_threads=4,
        minloglevel=2, max_sentence_length=2000, split_by_number=True)
    os.replace(path + ".model", os.path.join(args.work, "bpe.model"))
    common.log("gpt", f"bpe.model from {len(lines)} lines")


class Texts:
    """Ids of every utterance with start and stop: the plain segmentation, and others drawn at random."""

    def __init__(self, work, rows, device, variants):
        import sentencepiece
        pieces = sentencepiece.SentencePieceProcessor(model_file=os.path.join(work, "bpe.model"))
        texts = [plain(row["text"]) for row in rows]
        sets = [pieces.encode(texts)]
        for seed in range(variants):
            sets.append(pieces.encode(texts, enable_sampling=True, alpha=0.1, nbest_size=-1))
        flat = [np.asarray([0] + ids + [1], dtype=np.int64) for ids_set in sets for ids in ids_set]
        self.sets, self.count = len(sets), len(rows)
        self.len = torch.tensor([len(ids) for ids in flat], device=device)
        self.off = torch.tensor(np.cumsum([0] + [len(ids) for ids in flat]), device=device)
        self.data = torch.tensor(np.concatenate(flat), device=device)

    def take(self, utterances, variant):
        index = utterances + variant * self.count
        n = self.len[index]
        at = torch.arange(int(n.max()), device=n.device)[None]
        rows = self.data[(self.off[index][:, None] + at).clamp_max(len(self.data) - 1)]
        return rows.masked_fill(at >= n[:, None], 1), n


class Examples:
    def __init__(self, args):
        device = args.device
        self.device, self.toy = device, args.toy
        self.rows = common.meta(args.work)
        self.features = common.Rows(args.work, "w2v", device)
        self.codes = common.Rows(args.work, "codes", device, "w2v")
        self.texts = Texts(args.work, self.rows, device, 1 if args.toy else 3)
        self.lengths = self.codes.len.tolist()
        fits = [self.lengths[i] + 2 < G["max_mel_tokens"] and int(n) < G["max_text_tokens"] + 2
                for i, n in enumerate(self.texts.len[-len(self.rows):].tolist())]
        self.ids = {split: [i for i, row in enumerate(self.rows) if row["split"] == split and fits[i] and self.lengths[i] > 20]
                    for split in ("train", "valid", "test")}
        if not self.ids["valid"]:
            self.ids["valid"] = self.ids["train"][:8]
        known = set(self.ids["train"] + self.ids["valid"])
        self.speaker = self.groups([row["speaker"] if i in known else -1 for i, row in enumerate(self.rows)])
        self.mood = self.groups([(row["speaker"], row["emotion"]) if i in known else -1 for i, row in enumerate(self.rows)])
        self.rng = np.random.default_rng(args.seed)
        self.states = self.windows = None
        if os.path.exists(os.path.join(args.work, "labels.npy")):
            self.align(args, device)

    def align(self, args, device):
        """Phone states of all frames, and for every segmentation of the text the piece that each frame speaks: what attention is guided by."""
        import data
        import sentencepiece
        import tune
        labels = np.load(os.path.join(args.work, "labels.npy")).astype(np.int64)
        if len(labels) != len(self.codes.data):
            return
        pieces = sentencepiece.SentencePieceProcessor(model_file=os.path.join(args.work, "bpe.model"))
        pause, off = data.PHONES.index("pau"), self.codes.off.tolist()
        part = [tune.progress(labels[off[i]:off[i + 1]], pause) for i in range(len(self.rows))]
        text, at = self.texts.data.cpu().numpy(), self.texts.off.tolist()
        windows = np.zeros((self.texts.sets, len(labels)), dtype=np.int16)
        for variant in range(self.texts.sets):
            for i in range(len(self.rows)):
                k = i + variant * len(self.rows)
                windows[variant, off[i]:off[i + 1]] = tune.spoken_pieces(pieces, text[at[k]:at[k + 1]].tolist(), part[i])
        self.states, self.windows = torch.from_numpy(labels).to(device), torch.from_numpy(windows).to(device)

    def groups(self, keys):
        members = common.peers(keys)
        flat, first, count = [], np.zeros(len(keys), int), np.zeros(len(keys), int)
        for group in members.values():
            first[group], count[group] = len(flat), len(group)
            flat += group
        return torch.tensor(flat, device=self.device), torch.tensor(first, device=self.device), torch.tensor(count, device=self.device)

    def partner(self, groups, ids, generator):
        flat, first, count = groups
        return flat[first[ids] + (torch.rand(len(ids), device=self.device, generator=generator) * count[ids]).long()]

    def batches(self, split, tokens):
        """Lists of utterances of similar length, about `tokens` codes each, in random order."""
        ids = np.array(self.ids[split])
        length = np.array([self.lengths[i] for i in ids])
        order = ids[np.argsort(length + self.rng.uniform(-12, 12, len(ids)))]
        lists, now, longest = [], [], 0
        for i in order:
            longest = max(longest, self.lengths[i] + 70)
            if now and longest * (len(now) + 1) > tokens:
                lists.append(now)
                now, longest = [], self.lengths[i] + 70
            now.append(i)
        lists.append(now)
        if split == "train" and not self.toy:  # few different shapes: every new one costs the convolutions a plan
            lists = [l[:len(l) // 16 * 16] for l in lists if len(l) >= 16]
        self.rng.shuffle(lists)
        return [torch.tensor(l, device=self.device) for l in lists]

    def features_of(self, ids, count, generator):
        start = (torch.rand(len(ids), device=self.device, generator=generator) * (self.features.len[ids] - count).clamp_min(0)).long()
        return self.features.take(ids, start, count).float()

    def draw(self, ids, train, generator=None):
        frames = int(self.rng.choice([96, 160, 224])) if train else 160
        if self.toy:
            frames = 60
        speaker = self.features_of(self.partner(self.speaker, ids, generator), frames, generator)
        mood = self.features_of(self.partner(self.mood, ids, generator), frames, generator)
        variant = int(self.rng.integers(0, self.texts.sets)) if train and self.rng.random() < 0.5 else 0
        text, n_text = self.texts.take(ids, variant)
        n = self.codes.len[ids]
        wide = int(n.max())
        codes = self.codes.take(ids, torch.zeros_like(n), wide).long()
        at = torch.arange(wide + 1, device=self.device)[None].expand(len(ids), -1)
        positions = at
        if not train or self.rng.random() < 0.75:  # generation numbers the codes from 2 on, the latent pass from 1 on
            positions = torch.where(at > 0, at + 1, at)
        inputs = codes
        if train:  # some wrong history, as sampling will produce
            wrong = torch.rand(codes.shape, device=self.device) < 0.06
            inputs = torch.where(wrong, torch.randint(dims.CODES, codes.shape, device=self.device), codes)
        guide = None
        if self.windows is not None:
            rows = self.codes.off[ids][:, None] + torch.minimum(torch.arange(wide, device=self.device)[None], (n - 1)[:, None])
            guide = self.windows[variant][rows].long(), self.states[rows]
        return speaker, mood, text, n_text, codes, n, positions, inputs, guide


class Guide:
    """Two losses beside the one on codes. Of all codes that stand for the right third of the right phone: which was drawn is chance. And on the
    attention of a few heads, those that do so most when the guide begins: that they look at the piece of the text that is being spoken."""

    HEADS, LOOK = 3, 0.3

    def __init__(self, net, args):
        import content
        import tune
        codec = torch.load(os.path.join(args.work, "ckpt", "codec.pt"), map_location="cpu", weights_only=False)
        near = content.Heads(dims.HIDDEN)
        near.load_state_dict({key: value.float() for key, value in codec["near"].items()})
        with torch.no_grad():
            self.table = tune.meanings(codec["model"], near.eval()).clamp_min(1e-6).log().to(args.device)
        self.looking, self.blocks, self.seen, self.chosen = tune.looking, net.gpt["h"], {}, []
        self.hooks = [block.register_forward_pre_hook(lambda _m, given, layer=layer: self.seen.__setitem__(layer, given[0]))
                      for layer, block in enumerate(self.blocks)]

    def __call__(self, logits, targets, n_text, n, guide, part):
        windows, states = guide
        spoken = (targets[:, :-1] >= 0) & (targets[:, :-1] < dims.CODES)
        mass = logits[:, :-1][spoken].float().log_softmax(-1)[:, :dims.CODES] + self.table.T[states[spoken]]
        loss = -torch.logsumexp(mass, -1).mean()
        if part > 0.7:
            return loss
        rows = ((PREFIX + n_text)[:, None] + torch.arange(windows.shape[1], device=n.device)[None]).clamp_max(self.seen[0].shape[1] - 1)
        layers = sorted({layer for layer, _ in self.chosen}) or range(len(self.blocks))
        logs = {layer: self.looking(self.blocks[layer], self.seen[layer].float(), rows, PREFIX, windows, spoken).mean(1) for layer in layers}
        if not self.chosen:
            best = sorted(((float(v), layer, head) for layer, values in logs.items() for head, v in enumerate(values.detach())), reverse=True)
            self.chosen = [(layer, head) for _, layer, head in best[:self.HEADS]]
            common.log("gpt", "guided heads:", " ".join(f"{layer}.{head} {v:.2f}" for v, layer, head in best[:6]))
        return loss - self.LOOK * torch.stack([logs[layer][head] for layer, head in self.chosen]).mean()

    def close(self):
        for hook in self.hooks:
            hook.remove()


def loss_of(net, batch, args, smooth=0.0):
    speaker, mood, text, n_text, codes, n, positions, inputs, _ = batch
    with common.mixed(args):
        logits, targets = net(net.speaker(speaker), net.emotion(mood), text, n_text, codes, n, positions, inputs)
    return F.cross_entropy(logits.float().transpose(1, 2), targets, ignore_index=-100, label_smoothing=smooth), logits, targets


def train(args):
    net = Speech(0.1).to(args.device)
    if args.init:
        net.load_state_dict(torch.load(args.init, map_location=args.device, weights_only=False)["model"], strict=False)
    common.wait_for(args, "bpe.model", "codes.done", "style.done")
    data = Examples(args)
    peak = 6e-4 if args.init else 1e-3
    matrices = [p for p in net.parameters() if p.requires_grad]
    optimizer = common.optimizer(matrices, peak, args, decay=0.05)
    average = common.Average(net, 0.9995 if args.init else 0.999)
    tokens = 1200 if args.toy else (args.batch or 24) * 1000
    clock, step, said, epoch, done = common.Clock(args), 0, time.time(), 0, False
    guide, code = Guide(net, args) if data.windows is not None else None, 0.0
    common.log("gpt", f"{sum(p.numel() for p in matrices) / 1e6:.2f} M parameters, {len(data.ids['train'])} utterances, {clock.end - clock.start:.0f} s")
    while not done:
        epoch += 1
        for ids in data.batches("train", tokens):
            part = clock.part()
            for group in optimizer.param_groups:
                group["lr"] = common.rate(part, step, peak)
            batch = data.draw(ids, True)
            loss, logits, targets = loss_of(net, batch, args)
            code = float(loss.detach()) if step % 50 == 0 else code
            if guide:
                loss = loss + guide(logits, targets, batch[3], batch[5], batch[8], part)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(matrices, 1.0, foreach=True)
            if torch.isfinite(norm):
                optimizer.step()
                average.update()
            step += 1
            done = clock.over()
            if done or time.time() - said > (5 if args.toy else 30):
                said = time.time()
                report(args, average, data, step, epoch, code, done, clock)
            if done:
                break
    common.log("gpt", f"done after {step} steps, {epoch} epochs")


@torch.no_grad()
def report(args, average, data, step, epoch, last, final, clock):
    generator = torch.Generator(args.device)
    generator.manual_seed(11)
    with average.applied() as net:
        total = right = count = 0.0
        for ids in data.batches("valid", 1200 if args.toy else 24000)[:4]:
            loss, logits, targets = loss_of(net, data.draw(ids, False, generator), args)
            known = targets >= 0
            total, count = total + float(loss) * float(known.sum()), count + float(known.sum())
            right += float((logits.argmax(-1) == targets)[known].sum())
        content = {"model": common.cpu_state(net), "step": step, "held_out": total / count}
        stops = free_run(args, net, data, generator) if final or step % 3 == 0 or args.toy else ""
        common.log("gpt", f"step {step} ({(time.time() - clock.start) / step * 1000:.0f} ms) epoch {epoch} loss {last:.3f} held out {total / count:.3f} right {right / count:.3f} {stops}")
        if final:
            content["feat1"], content["feat2"] = emotions(args, net, data)
        common.save(args, "gpt.pt", content)


def free_run(args, net, data, generator):
    """Samples some held-out sentences; says how many stop and how their lengths compare."""
    ids = torch.tensor(data.ids["valid"][:24], device=args.device)
    good, ratios, same = 0, [], []
    n_text = data.texts.len[ids]
    for n in n_text.unique().tolist():
        some = ids[n_text == n]
        speaker, mood, text, _, codes, lengths, _, _, _ = data.draw(some, False, generator)
        with common.mixed(args):
            made, over = net.generate(net.speaker(speaker), net.emotion(mood), text, None, 60 if args.toy else 2 * int(lengths.max()), generator=generator)
        good += int(over.sum())
        ratios += ((made != STOP).sum(1) / lengths).tolist()
    return f"stops {good}/{len(ids)} length ratio {np.mean(ratios):.2f} ± {np.std(ratios):.2f}"


def emotions(args, net, data):
    """feat1 [rows, style] and feat2 [rows, dim]: for each emotion the mean style and mean emotion vector of some speakers."""
    style = torch.from_numpy(np.load(os.path.join(args.work, "style.npy"))).float()
    known = data.ids["train"]
    groups = common.peers([(data.rows[i]["emotion"], data.rows[i]["speaker"]) for i in known])
    first, second = [], []
    for emotion in range(len(dims.EMOTIONS)):
        own = sorted((key for key in groups if key[0] == emotion), key=lambda key: (-len(groups[key]), key))
        own = own or sorted((key for key in groups if key[0] == 7), key=lambda key: (-len(groups[key]), key)) or sorted(groups)
        for row in range(dims.EMO_ROWS):
            members = [known[p] for p in groups[own[row % len(own)]]][:32]
            ids = torch.tensor(members, device=args.device)
            vectors = net.emotion(data.features_of(ids, 60 if args.toy else 150, None))
            first.append(style[members].mean(0))
            second.append(vectors.float().mean(0).cpu())
    return torch.stack(first), torch.stack(second)


if __name__ == "__main__":
    arguments = common.arguments("gpt", 200)
    bpe(arguments) if arguments.command == "bpe" else train(arguments)
